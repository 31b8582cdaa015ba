"""The waterfall of a turn: mouth-to-ear, split into stages that add up to it.

Instants are seconds of one side's monotonic clock; what a client reports is microseconds and samples of
its own clocks. The two clocks meet in `ClockOffset`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from frametalk.clock_offset import ClockOffset
from frametalk.trace import (
    DEVICE_STAGES,
    INPUT_DEVICE,
    OPTIONAL_STAGES,
    OUTPUT_DEVICE,
    SERVER_STAGES,
    TRANSPORT,
    TurnTrace,
)

SLACK_S = 0.001  # rounding of sample counts and microseconds in clients' reports


@dataclass(frozen=True, slots=True)
class ClientTimes:
    """What the client knows of one turn: the first `played` report at or after the audible onset.

    `sample`, `t_us`, `mic_sample`, `arrived_us`, `underruns`: as in the report; `rate_hz` is the
    reply's. `onset_sample`: the first audible sample of the answer, None if it has none. `first_sample`:
    where the answer's sound begins, 0 if no filler is ahead of it.
    `speech_end_mic_sample`: one past the player's last speech sample, on the microphone's own clock
    at `mic_rate_hz`; None for a typed turn. `input_ms`, `output_ms`: as in the report.
    """

    sample: int
    t_us: int
    rate_hz: int
    onset_sample: int | None
    mic_sample: int | None
    mic_rate_hz: int
    speech_end_mic_sample: int | None
    arrived_us: int | None = None
    underruns: int = 0
    input_ms: float | None = None
    output_ms: float | None = None
    first_sample: int = 0


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Where a turn's time went. Either stages that add up to `mouth_to_ear_ms`, or None and why.

    Those of DEVICE_STAGES are estimates; `unseen` names those without one.
    """

    mouth_to_ear_ms: float | None
    stages: tuple[tuple[str, float], ...] = ()
    unmeasured: str = ""
    unseen: tuple[str, ...] = ()


def waterfall(trace: TurnTrace, played: ClientTimes, offset: ClockOffset | None) -> Waterfall:
    """Split mouth-to-ear into stages, each >= 0, in the order of STAGES, that add up to it.

    Mouth-to-ear itself is one subtraction on the client's clock; `offset` (client's clock minus the
    server's) only splits it. Rules where instants and order do not agree:

    - Work that was done before the stage ahead of it ended (an answer made while the endpoint was
      still being waited for) cost no time: its stage is 0.
    - Cause comes before effect: no frame arrives before it was captured or sent. Where the offset
      says otherwise, the server's instants are moved together, by no more than the offset's
      uncertainty, so that only `capture` and `sending` take the correction.
    - Where there is no usable offset, or no `arrived_us`, the server's stages stand, and what
      remains is one stage `transport`. So it is behind a filler: the client says when the filler arrived.
    - What the platform says of its devices takes no time from a measured stage: where it does not fit,
      it is shortened. A device without latency has no stage.
    """
    reason = _why_unmeasured(trace, played)
    if reason:
        return Waterfall(None, unmeasured=reason)
    span = _client_span(played)
    server = _in_order(trace)
    elapsed_s = server[-1][1] - server[0][1]
    spare_s = span.first_sample_s - span.speech_end_s - elapsed_s
    if spare_s < -SLACK_S:
        return Waterfall(None, unmeasured="clocks disagree: effects before their causes")
    input_s, output_s = _device_times(played, spare_s)
    shift_s = _shift_to_client(server, span, offset)
    if shift_s is None or span.arrived_s is None:
        began_s = span.speech_end_s + input_s - server[0][1]
        instants = [(INPUT_DEVICE, span.speech_end_s + input_s)]
        instants += [(name, at_s + began_s) for name, at_s in server[1:]]
        instants.append((TRANSPORT, span.first_sample_s - output_s))
    else:
        captured_s = server[0][1] + shift_s
        instants = [(INPUT_DEVICE, min(span.speech_end_s + input_s, captured_s))]
        instants += [(name, at_s + shift_s) for name, at_s in server]
        instants.append(("sending", span.arrived_s))
        instants.append(("client_buffer", span.first_sample_s - output_s))
    instants.append((OUTPUT_DEVICE, span.first_sample_s))
    instants.append(("audible_onset", span.onset_s))
    mouth_to_ear_ms = (span.onset_s - span.speech_end_s) * 1000
    stages = [
        (name, ms) for name, ms in _stages(span, instants) if ms > 0 or name not in DEVICE_STAGES
    ]
    return Waterfall(mouth_to_ear_ms, tuple(stages), unseen=_unseen(played))


def _device_times(played: ClientTimes, spare_s: float) -> tuple[float, float]:
    """The devices' latencies in seconds, together at most `spare_s`."""
    input_s = max(0.0, min((played.input_ms or 0.0) / 1000, spare_s))
    return input_s, max(0.0, min((played.output_ms or 0.0) / 1000, spare_s - input_s))


def _unseen(played: ClientTimes) -> tuple[str, ...]:
    told = (played.input_ms, played.output_ms)
    return tuple(name for name, ms in zip(DEVICE_STAGES, told, strict=True) if ms is None)


class _Span(NamedTuple):
    """A turn's instants on the client's clock, in seconds."""

    speech_end_s: float
    arrived_s: float | None
    first_sample_s: float
    onset_s: float


def _why_unmeasured(trace: TurnTrace, played: ClientTimes) -> str:
    missing = [name for name in SERVER_STAGES if name not in {*trace.instants, *OPTIONAL_STAGES}]
    onset_sample = played.onset_sample
    reasons = (
        (bool(trace.unmeasured), trace.unmeasured),
        (played.speech_end_mic_sample is None, "no speech: the turn was typed"),
        (played.mic_sample is None, "the client reports no mic_sample"),
        (onset_sample is None, "the reply has no audible sample"),
        (onset_sample is not None and played.sample < onset_sample, "the reply was not heard"),
        (played.underruns > 0, "underrun at the start of the reply"),
        (bool(missing), f"no instant for {', '.join(missing)}"),
    )
    return next((reason for applies, reason in reasons if applies), "")


def _client_span(played: ClientTimes) -> _Span:
    """Instants of the client from one report; without underruns the output runs evenly."""
    # Checked by _why_unmeasured.
    assert played.mic_sample is not None  # noqa: S101
    assert played.speech_end_mic_sample is not None  # noqa: S101
    assert played.onset_sample is not None  # noqa: S101
    at_s = played.t_us / 1e6
    since_speech_s = (played.mic_sample - played.speech_end_mic_sample) / played.mic_rate_hz
    onset_s = at_s - (played.sample - played.onset_sample) / played.rate_hz
    first_sample_s = onset_s - (played.onset_sample - played.first_sample) / played.rate_hz
    arrived_s = None if played.arrived_us is None else played.arrived_us / 1e6
    if played.first_sample:
        arrived_s = None  # it is the filler's
    return _Span(at_s - since_speech_s, arrived_s, first_sample_s, onset_s)


def _in_order(trace: TurnTrace) -> list[tuple[str, float]]:
    """The server's instants, none before the one ahead of it."""
    instants: list[tuple[str, float]] = []
    for stage in SERVER_STAGES:
        at_s = trace.instants.get(stage)
        if at_s is not None:
            instants.append((stage, max(at_s, instants[-1][1]) if instants else at_s))
    return instants


def _shift_to_client(
    server: list[tuple[str, float]], span: _Span, offset: ClockOffset | None
) -> float | None:
    """Seconds to add to the server's instants; None if nothing within the uncertainty fits."""
    if offset is None or not offset.known or span.arrived_s is None:
        return None
    if span.arrived_s > span.first_sample_s + SLACK_S:
        return None  # played before it arrived: one of the two is wrong
    least_s = span.speech_end_s - server[0][1]
    most_s = min(span.arrived_s, span.first_sample_s) - server[-1][1]
    guess_s = offset.offset_us / 1e6
    shift_s = max(least_s, min(most_s, guess_s))
    if shift_s > most_s + SLACK_S or abs(shift_s - guess_s) > offset.uncertainty_us / 1e6 + SLACK_S:
        return None
    return shift_s


def _stages(span: _Span, instants: list[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Milliseconds from each instant to the next, none outside the turn, so that they telescope."""
    stages = []
    began_s = span.speech_end_s
    for name, at_s in instants:
        ended_s = min(max(at_s, began_s), span.onset_s)
        stages.append((name, (ended_s - began_s) * 1000))
        began_s = ended_s
    return tuple(stages)
