"""What is measured: one turn, one interruption, and the distribution of many."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from frametalk.bench.statistics import interval_ranks

if TYPE_CHECKING:
    from collections.abc import Iterable

MIN_FOR_P95 = 20
MIN_FOR_P99 = 100

Interval = tuple[float | None, float | None]


class Distribution(msgspec.Struct, frozen=True):
    """Percentiles of `n` values by nearest rank; None where there are too few values.

    `..._ci` is the 95 % confidence interval of a percentile, made of measured values: order statistics,
    without an assumption about the distribution. A bound for which there are too few values is None.
    `values` are in the order of measurement. `keys`, if there are any, say for each value what it was
    measured on: values of two runs with the same key are a pair.
    """

    n: int
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    p50_ci: Interval = (None, None)
    p95_ci: Interval = (None, None)
    p99_ci: Interval = (None, None)
    values: tuple[float, ...] = ()
    keys: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: Iterable[float], keys: Iterable[str] = ()) -> Distribution:
        """The distribution of any number of values; `keys`: none, or one for each."""
        values = [round(float(value), 3) for value in values]
        ranked = sorted(values)
        p50, p50_ci = _percentile(ranked, 0.50, 1)
        p95, p95_ci = _percentile(ranked, 0.95, MIN_FOR_P95)
        p99, p99_ci = _percentile(ranked, 0.99, MIN_FOR_P99)
        return cls(len(ranked), p50, p95, p99, p50_ci, p95_ci, p99_ci, tuple(values), tuple(keys))


def _percentile(ranked: list[float], share: float, least: int) -> tuple[float | None, Interval]:
    if len(ranked) < least:
        return None, (None, None)
    low, high = interval_ranks(len(ranked), share)
    return ranked[math.ceil(share * len(ranked)) - 1], (
        None if low is None else ranked[low - 1],
        None if high is None else ranked[high - 1],
    )


class TurnSample(msgspec.Struct, frozen=True):
    """One turn, in seconds of the client's one clock. Its parts add up to mouth-to-ear.

    The last speech sample left the microphone at `speech_end_s`. The sample that let the server end the
    turn was captured at `decided_s`; its frame was complete at `framed_s` and sent at `sent_s`. The
    reply's first frame arrived at `arrived_s`, its first sample left the output at `started_s`, the first
    audible one at `audible_s`. The engines were set to take `engines_s`. `key` names the turn, `reply` is
    the number of its reply.
    """

    speech_end_s: float
    decided_s: float
    framed_s: float
    sent_s: float
    arrived_s: float
    started_s: float
    audible_s: float
    engines_s: float
    key: str = ""
    reply: int = 0

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
    `reply.cut` arrived at `cut_s`. `key` names the turn that interrupted.
    """

    onset_s: float
    sent_s: float
    cut_s: float
    key: str = ""

    @property
    def decided_ms(self) -> float:
        """From the sending of the deciding frame to the arrival of `reply.cut`, both ways included."""
        return (self.cut_s - self.sent_s) * 1000

    @property
    def onset_ms(self) -> float:
        """From the true beginning of the speech."""
        return (self.cut_s - self.onset_s) * 1000


class Traced(msgspec.Struct, frozen=True):
    """The server's own `trace` of the turn that `reply` answers."""

    mouth_to_ear_ms: float | None
    stages: tuple[tuple[str, float], ...]
    unmeasured: str
    reply: int = 0


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

    @property
    def differences(self) -> dict[str, float]:
        """The trace's mouth-to-ear less the client's own, in ms, by the key of each turn that has both."""
        traced = {trace.reply: trace.mouth_to_ear_ms for trace in self.traces}
        return {
            turn.key: traced_ms - turn.mouth_to_ear_ms
            for turn in self.turns
            if (traced_ms := traced.get(turn.reply)) is not None
        }
