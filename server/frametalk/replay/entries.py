"""The entries of a recording, in the order in which they happened.

An entry is a list whose first item is one of these numbers. `at_us` counts from the recording's beginning.
A reading of the session's clock is a bare number: microseconds since the reading before.
"""

from __future__ import annotations

from enum import IntEnum


class Kind(IntEnum):
    """What happened."""

    STEP = 0  # task: it goes on
    THROW = 1  # task: it goes on with an exception, which is a cancellation
    ANSWER = 2  # task, at_us, value: it goes on with what it has waited for
    FAILED = 3  # task, at_us, exception, whether the task was cancelled
    EVENT = 4  # number, at_us: a timer is due, or a task has failed
    CALL = 5  # number, at_us, whether within another entry, values: an engine or a connection calls back
    SERVER = 6  # name, at_us, values: the server calls the session
    VALUE = 7  # value: what the session asked for and got at once
    REFUSED = 8  # exception: as VALUE
    ASKED = 9  # at_us, whom, values: the session asks an engine
    SENT = 10  # link, at_us, bytes: the session sends
