"""What is measured: one turn, one interruption, and the distribution of many."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

MIN_FOR_P95 = 20
MIN_FOR_P99 = 100


class Distribution(msgspec.Struct, frozen=True):
    """Percentiles of `n` values by nearest rank; None where there are too few values."""

    n: int
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None

    @classmethod
    def of(cls, values: Iterable[float]) -> Distribution:
        """The distribution of any number of values, in any order."""
        ranked = sorted(values)
        return cls(
            len(ranked),
            _rank(ranked, 0.50) if ranked else None,
            _rank(ranked, 0.95) if len(ranked) >= MIN_FOR_P95 else None,
            _rank(ranked, 0.99) if len(ranked) >= MIN_FOR_P99 else None,
        )


def _rank(ranked: list[float], share: float) -> float:
    return round(ranked[math.ceil(share * len(ranked)) - 1], 3)


class TurnSample(msgspec.Struct, frozen=True):
    """One turn, in seconds of the client's one clock. Its parts add up to mouth-to-ear.

    The last speech sample left the microphone at `speech_end_s`. The sample that let the server end the
    turn was captured at `decided_s`; its frame was complete at `framed_s` and sent at `sent_s`. The
    reply's first frame arrived at `arrived_s`, its first sample left the output at `started_s`, the first
    audible one at `audible_s`. The engines were set to take `engines_s`.
    """

    speech_end_s: float
    decided_s: float
    framed_s: float
    sent_s: float
    arrived_s: float
    started_s: float
    audible_s: float
    engines_s: float

    @property
    def mouth_to_ear_ms(self) -> float:
        """Last speech sample to first audible sample of the reply."""
        return (self.audible_s - self.speech_end_s) * 1000

    @property
    def parts_ms(self) -> dict[str, float]:
        """Where mouth-to-ear went.

        - `endpoint_wait`: silence, in audio time, until the rule for the end of a turn was met.
        - `framing`: until the client's 20 ms frame with the deciding sample was full.
        - `client_late`: the client sent that frame later than it was due.
        - `engines`: the time that recogniser, mind and voice were set to take.
        - `overhead`: from that frame's sending to the reply's first frame, less `engines`: transport
          both ways, voice activity, queues, scheduling, and late timers.
        - `client_buffer`: sound that the client collects before it plays.
        - `audible_onset`: silence at the beginning of the reply.
        """
        return {
            "endpoint_wait": (self.decided_s - self.speech_end_s) * 1000,
            "framing": (self.framed_s - self.decided_s) * 1000,
            "client_late": (self.sent_s - self.framed_s) * 1000,
            "overhead": (self.arrived_s - self.sent_s - self.engines_s) * 1000,
            "engines": self.engines_s * 1000,
            "client_buffer": (self.started_s - self.arrived_s) * 1000,
            "audible_onset": (self.audible_s - self.started_s) * 1000,
        }


class BargeInSample(msgspec.Struct, frozen=True):
    """One interruption, in seconds of the client's clock.

    Speech began at `onset_s`, the microphone frame that let the server decide was sent at `sent_s`, and
    `reply.cut` arrived at `cut_s`.
    """

    onset_s: float
    sent_s: float
    cut_s: float

    @property
    def decided_ms(self) -> float:
        """From the sending of the deciding frame to the arrival of `reply.cut`, both ways included."""
        return (self.cut_s - self.sent_s) * 1000

    @property
    def onset_ms(self) -> float:
        """From the true beginning of the speech."""
        return (self.cut_s - self.onset_s) * 1000


class Traced(msgspec.Struct, frozen=True):
    """The server's own `trace` of a turn, beside the client's measurement."""

    mouth_to_ear_ms: float | None
    stages: tuple[tuple[str, float], ...]
    unmeasured: str


class Session(msgspec.Struct):
    """Everything that one simulated player recorded."""

    turns: list[TurnSample] = msgspec.field(default_factory=list)
    barge_ins: list[BargeInSample] = msgspec.field(default_factory=list)
    traces: list[Traced] = msgspec.field(default_factory=list)
    lost: list[str] = msgspec.field(default_factory=list)  # why a turn gave no sample
    errors: list[str] = msgspec.field(default_factory=list)  # codes from the server
    lasted_s: float = 0.0
    late_frames: int = 0  # how often the playback ran dry
    mic_late_frames: int = 0  # microphone frames that the client sent late
    mic_worst_late_ms: float = 0.0
