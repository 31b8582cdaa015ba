"""One way to time a step of the work, and the instants of a turn. Seconds of the monotonic clock."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

log = logging.getLogger(__name__)

# A turn's stages in the order in which they end, and who sees the end. Nobody sees the devices' stages:
# they are estimates of the client's platform.
INPUT_DEVICE = "input_device"  # last speech sample at the microphone -> the client has it
OUTPUT_DEVICE = "output_device"  # first sample given to the device -> it leaves the loudspeaker
DEVICE_STAGES = (INPUT_DEVICE, OUTPUT_DEVICE)
SERVER_STAGES = (
    "capture",  # the client has the last speech sample -> its frame has arrived
    "endpoint_wait",  # -> the turn ended
    "recognition",  # -> final text
    "mind_first_token",  # -> first word, or first tool call sent
    "tools",  # -> the outcome that let the mind speak; only if its first words needed a call
    "first_clause",  # -> first clause complete
    "voice_first_sound",  # -> first chunk of the voice
)
CLIENT_STAGES = (
    "sending",  # -> first media frame arrived at the client
    "client_buffer",  # -> first sample of the reply is given to the device
    OUTPUT_DEVICE,
    "audible_onset",  # -> first audible sample leaves: silence within the reply
)
STAGES = (INPUT_DEVICE, *SERVER_STAGES, *CLIENT_STAGES)
TRANSPORT = "transport"  # capture + sending + client_buffer, where the clocks cannot be compared
OPTIONAL_STAGES = frozenset({"tools"})


class Step:
    """A timed step of the work: begins when it is made, ends by `end` or with a `with` block.

    `now` returns seconds. At the end, `observe(name, seconds)` is called, the duration is logged at
    DEBUG, and the stage `name` of `trace` is marked, if there is one. Only the first end counts. Steps
    are independent: they may overlap and may span awaits.
    """

    __slots__ = ("_began_s", "_now", "_observe", "_trace", "name", "seconds")

    def __init__(
        self,
        name: str,
        now: Callable[[], float],
        observe: Callable[[str, float], None],
        trace: TurnTrace | None = None,
    ) -> None:
        self.name = name
        self.seconds: float | None = None
        self._now = now
        self._observe = observe
        self._trace = trace
        self._began_s = now()

    def end(self) -> float:
        """End the step; returns its seconds."""
        if self.seconds is None:
            ended_s = self._now()
            self.seconds = ended_s - self._began_s
            self._observe(self.name, self.seconds)
            if self._trace is not None:
                self._trace.mark(self.name, ended_s)
            log.debug("%s took %.3f ms", self.name, self.seconds * 1000)
        return self.seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end()


@dataclass(slots=True)
class TurnTrace:
    """The server's instants of one turn; each mark is where the stage of that name ended.

    `mark` takes seconds of the monotonic clock. The first mark of a name counts, except `tools`,
    which moves on with each outcome until `first_clause` is marked, and is ignored afterwards.
    """

    instants: dict[str, float] = field(default_factory=dict)
    unmeasured: str = ""

    def mark(self, stage: str, at_s: float) -> None:
        """Say that `stage` (one of SERVER_STAGES) ended at `at_s`."""
        if stage == "tools":
            if "first_clause" not in self.instants:
                self.instants[stage] = at_s
            return
        self.instants.setdefault(stage, at_s)

    def void(self, reason: str) -> None:
        """Say why this turn cannot be measured; the first reason counts."""
        self.unmeasured = self.unmeasured or reason
