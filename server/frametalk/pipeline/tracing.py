"""The waterfall of a reply's turn, as the client and the numbers hear of it."""

from __future__ import annotations

from frametalk.pipeline.reply import Reply
from frametalk.trace import ClientTimes, ClockOffset, waterfall
from frametalk.wire.messages import Played, StageTime, Trace


def trace_of(reply: Reply, played: Played | None, clock: ClockOffset, discarded: int) -> Trace:
    """The trace of a reply whose first audible sample `played` reports; None: it was never heard.

    `discarded`: how many replies to the same turn were thrown away before it.
    """
    if played is None:
        reply.trace.void("the reply ended before it was heard")
        played = Played(reply=reply.id, sample=0)
    times = ClientTimes(
        sample=played.sample,
        t_us=played.t_us,
        rate_hz=reply.rate_hz,
        onset_sample=reply.onset,
        mic_sample=played.mic_sample,
        mic_rate_hz=reply.spoken.mic_rate_hz,
        speech_end_mic_sample=reply.spoken.speech_end,
        arrived_us=played.arrived_us,
        underruns=played.underruns,
    )
    result = waterfall(reply.trace, times, clock)
    return Trace(
        turn=reply.turn,
        reply=reply.id,
        mouth_to_ear_ms=result.mouth_to_ear_ms,
        stages=tuple(StageTime(stage=name, ms=ms) for name, ms in result.stages),
        unmeasured=result.unmeasured,
        ready=reply.ready,
        discarded=discarded,
    )
