"""The pieces that each fault of a stream sends instead of the answer."""

from __future__ import annotations

from itertools import islice

import pytest

from frametalk.mind_stub.faults import (
    BROKEN,
    REFUSALS,
    TOOL_FAULTS,
    Fault,
    Halt,
    misbehave,
    misbehave_whole,
)

TOKENS = [b"one", b"two", b"three", b"four"]
END = [b"stop", b"[DONE]"]


@pytest.mark.parametrize(
    ("fault", "sent"),
    [
        (None, [*TOKENS, *END]),
        (Fault.STALL_BEFORE_FIRST, [Halt.STALL]),
        (Fault.STALL_AFTER_FIRST, [b"one", Halt.STALL]),
        (Fault.CUT_IN_MIDDLE, [b"one", b"two", Halt.CUT]),
        (Fault.BROKEN_SSE, [b"one", BROKEN, b"two", b"three", b"four", *END]),
        (Fault.EMPTY_STREAM, [b"[DONE]"]),
        *((fault, [*TOKENS, *END]) for fault in sorted(TOOL_FAULTS | set(REFUSALS))),
    ],
)
def test_a_fault_changes_what_a_stream_sends(fault: Fault | None, sent: list[bytes | Halt]) -> None:
    assert list(misbehave(fault, TOKENS, END)) == sent


@pytest.mark.parametrize("tokens", [TOKENS, []])
def test_an_endless_stream_never_ends(tokens: list[bytes]) -> None:
    sent = list(islice(misbehave(Fault.ENDLESS_STREAM, tokens, END), 1_000))
    assert len(sent) == 1_000
    assert not set(sent) & set(END)


@pytest.mark.parametrize(
    ("fault", "sent"),
    [
        (None, [b"answer"]),
        (Fault.STALL_BEFORE_FIRST, [Halt.STALL]),
        (Fault.CUT_IN_MIDDLE, [b"ans", Halt.CUT]),
    ],
)
def test_a_fault_changes_an_answer_in_one_piece(
    fault: Fault | None, sent: list[bytes | Halt]
) -> None:
    assert list(misbehave_whole(fault, b"answer")) == sent
