"""The waterfall of a reply's turn: composed once per reply, sent to the client and counted."""

from __future__ import annotations

import logging

from frametalk.context import SessionContext
from frametalk.core.draft_budget import DraftBudget
from frametalk.diary import TurnEntry
from frametalk.pipeline.clock import ClockSync
from frametalk.pipeline.reply import Reply
from frametalk.trace import DEVICE_STAGES
from frametalk.waterfall import ClientTimes, Waterfall, waterfall
from frametalk.wire.messages import Played, StageTime, Trace

log = logging.getLogger(__name__)


class TurnTraces:
    """Sends one `trace` for each reply."""

    def __init__(
        self, context: SessionContext, clock: ClockSync, draft_budget: DraftBudget
    ) -> None:
        self._context = context
        self._clock = clock
        self._draft_budget = draft_budget

    def send(self, reply: Reply, played: Played | None) -> None:
        """Trace a reply. `played` reports the answer's first audible sample; None: it was not heard."""
        if reply.traced:
            return
        reply.traced = True
        if played is None:
            reply.trace.void("the reply ended before it was heard")
            played = Played(reply=reply.id, sample=0)
        times = _client_times(reply, played)
        result = waterfall(reply.trace, times, self._clock.offset)
        self._context.metrics.turn(result.mouth_to_ear_ms, result.stages)
        measures = self._context.objective.taken
        if result.mouth_to_ear_ms is not None:
            self._judge(result.mouth_to_ear_ms)
        discarded = self._draft_budget.discarded_in(reply.turn)
        if self._context.diary.is_kept:
            self._note(reply, times, result, discarded)
        self._context.send(
            Trace(
                turn=reply.turn,
                reply=reply.id,
                mouth_to_ear_ms=result.mouth_to_ear_ms,
                stages=tuple(
                    StageTime(stage=name, ms=ms, estimated=name in DEVICE_STAGES)
                    for name, ms in result.stages
                ),
                unmeasured=result.unmeasured,
                unseen=result.unseen,
                ready=reply.ready,
                discarded=discarded,
                measures=measures,
            )
        )

    def _judge(self, mouth_to_ear_ms: float) -> None:
        """Take a measure, or give one up, as the session's latency objective says."""
        change = self._context.objective.answered(mouth_to_ear_ms)
        if change is None:
            return
        self._context.metrics.measure(change.measure, taken=change.taken)
        what = "is taken" if change.taken else "is given up"
        log.info("latency objective: the measure %s %s", change.measure, what)
        self._context.diary.decision(f"latency objective: the measure {change.measure} {what}")

    def _note(self, reply: Reply, times: ClientTimes, result: Waterfall, discarded: int) -> None:
        offset, heard_s = self._clock.offset, None
        if result.mouth_to_ear_ms is not None and times.onset_sample is not None and offset.known:
            behind_s = (times.sample - times.onset_sample) / times.rate_hz
            heard_s = (times.t_us - offset.offset_us) / 1e6 - behind_s
        self._context.diary.answered(
            TurnEntry(
                turn=reply.turn,
                reply=reply.id,
                ended_s=self._context.diary.now(),
                mouth_to_ear_ms=result.mouth_to_ear_ms,
                stages=result.stages,
                unmeasured=result.unmeasured,
                ready=reply.ready,
                discarded=discarded,
                heard_s=heard_s,
                unseen=result.unseen,
            )
        )


def _client_times(reply: Reply, played: Played) -> ClientTimes:
    return ClientTimes(
        sample=played.sample,
        t_us=played.t_us,
        rate_hz=reply.rate_hz,
        first_sample=reply.answer.first or 0,
        onset_sample=reply.answer.onset,
        mic_sample=played.mic_sample,
        mic_rate_hz=reply.spoken.mic_rate_hz,
        speech_end_mic_sample=reply.spoken.speech_end,
        arrived_us=played.arrived_us,
        underruns=reply.answer.underruns(played.underruns),
        input_ms=played.input_ms,
        output_ms=played.output_ms,
    )
