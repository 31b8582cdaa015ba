"""The replies of one session: started, released or discarded, cut, reported as played."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, cast

from cachetools import FIFOCache

from frametalk.context import SessionContext
from frametalk.core.actions import CutReply, DiscardDraft, ReleaseDraft, StartReply
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.core.dialogue import Dialogue
from frametalk.core.events import ReplyFinished, ReplyHeard, SoftStartEnded
from frametalk.errors import FrametalkError, Stage
from frametalk.pipeline.act import Act
from frametalk.pipeline.character import Character
from frametalk.pipeline.conduct import Conduct
from frametalk.pipeline.lead import Lead
from frametalk.pipeline.microphone import Microphone
from frametalk.pipeline.reply import KeptReply, Reply, ReplyOutput, SayClause
from frametalk.pipeline.requests import MindRequests
from frametalk.pipeline.speak import Speak
from frametalk.pipeline.spoken_turn import SpokenTurn
from frametalk.pipeline.think import Think
from frametalk.pipeline.tracing import TurnTraces
from frametalk.pipeline.turn_states import TurnStates
from frametalk.wire.messages import Played, ReplyCut

log = logging.getLogger(__name__)

SPLIT_WITHIN_MS = 2_000  # of a reply's sound
MAX_SAMPLE = 2**53 - 1
FILLER_SHARE = 0.5  # of the latency objective, after which a filler is said
KEPT_REPLIES = 8  # late `played` reports of them still count


class Replies:
    """Starts and ends replies; at most one is active, a few more are kept.

    A draft is made like any other reply; its output is kept until it is released.
    """

    def __init__(  # noqa: PLR0913  (its neighbours, each named once)
        self,
        context: SessionContext,
        character: Character,
        *,
        act: Act,
        dialogue: Dialogue,
        requests: MindRequests,
        microphone: Microphone,
        traces: TurnTraces,
        states: TurnStates,
        conduct: Conduct,
    ) -> None:
        self._context = context
        self._character = character
        self._act = act
        self._dialogue = dialogue
        self._requests = requests
        self._microphone = microphone
        self._traces = traces
        self._states = states
        self._conduct = conduct
        self._replies: FIFOCache[int, Reply] = FIFOCache(KEPT_REPLIES)
        self._running: dict[int, asyncio.Task[None]] = {}
        self._lead = Lead.of(context.settings.reply)

    # ---- what the turn table asks for ------------------------------------------------------------

    def start(self, action: StartReply, spoken: SpokenTurn) -> None:
        """Think and speak, in answer to what was `spoken`."""
        if action.line:
            spoken.trace.void("no turn: the character spoke first")
        output = ReplyOutput(self._context, self._microphone, draft=action.draft)
        rate_hz, time = self._character.voice.rate_hz, self._context.client_time
        reply = Reply(action, spoken, output, rate_hz, self._lead, time)
        self._replies[reply.id] = reply
        if action.draft:
            self._dialogue.begin_draft(action.turn, action.reply, action.text)
            self._context.metrics.draft_begun()
        else:
            self._dialogue.begin_reply(action.turn, action.reply)
        task = self._context.tasks.start(self._run(reply), f"reply {reply.id}")
        self._running[reply.id] = task

    def release(self, action: ReleaseDraft) -> None:
        """The draft answers the turn: what has been made of it goes out now."""
        reply = self._replies[action.reply]
        reply.ready = reply.has_content
        self._dialogue.release_draft(reply.id)
        reply.output.release()

    def discard(self, action: DiscardDraft) -> None:
        """The draft does not answer the turn: remove it without a trace."""
        reply = self._replies.pop(action.reply)
        reply.output.end()
        self._dialogue.discard_draft(reply.id)
        self._act.discard_all(reply.id)
        self._context.metrics.draft_discarded()
        task = self._running.pop(reply.id, None)
        if task is not None:
            task.cancel()

    def cut(self, action: CutReply) -> None:
        """Stop a reply for good: the client is told before anything is cancelled."""
        reply = self._replies[action.reply]
        task = self._running.pop(reply.id, None)
        self._stop(reply, action.reason)
        self._count_false_cut(reply, action.reason)
        self._context.metrics.reply_cut()
        if task is not None:
            task.cancel()
        if not reply.traced:
            reply.trace.void("the reply was cut before it was heard")
            self._traces.send(reply, None)

    def _count_false_cut(self, reply: Reply, reason: str) -> None:
        """Count a spoken turn that went on after its reply was heard.

        Speech over the soft start that cuts it otherwise is a short interruption. Soon after it nothing
        tells an interruption from the rest of a turn: each counts as a split.
        """
        heard_ms = reply.heard_ms
        if heard_ms <= 0 or reply.spoken.speech_end is None:
            return
        soft_start_ms = self._context.settings.turns.soft_start_ms
        split = reason == "interrupted" and soft_start_ms <= heard_ms < SPLIT_WITHIN_MS
        if split or reason == "continued":
            self._context.metrics.false_cut(split=split)

    def _stop(self, reply: Reply, reason: str) -> None:
        if reply.ended:
            return
        announced = reply.begun and not reply.is_draft
        reply.output.end()
        self._context.flush_media(reply.stream)
        if announced:
            at = reply.ledger.played
            self._context.send(ReplyCut(reply=reply.id, at=at, reason=reason))  # type: ignore[arg-type]
        self._end_in_history(reply, reason)

    def _end_in_history(self, reply: Reply, reason: str) -> None:
        """Only what was heard was said, and only begun calls are carried out."""
        if reply.calls:
            if reason == "continued":
                self._act.discard_pending(reply.id)
            else:
                self._act.cancel_pending(reply.id)
        self._dialogue.discard_draft(reply.id)
        self._dialogue.heard(reply.id, reply.ledger.heard(), cut=True)

    # ---- what outlives a server ------------------------------------------------------------------

    def under_way(self) -> Reply | None:
        """The reply that has begun and not ended, unless it is a draft."""
        running = (self._replies.get(number) for number in self._running)
        return next(
            (reply for reply in running if reply and reply.begun and not reply.is_draft), None
        )

    def restore(self, kept: KeptReply) -> None:
        """Send the rest of a reply that another server has made."""
        reply = self._restored(kept.action, kept.rate_hz)
        reply.restore(kept)
        speak = Speak(self._context, reply, self._character, self._act)
        work = self._guarded(reply, speak.send())
        self._running[reply.id] = self._context.tasks.start(work, f"reply {reply.id}")

    def restore_lost(self, number: int, played: int, kept: KeptReply | None) -> None:
        """A reply that another server has begun is cut where the client is; what it reports late counts."""
        reply = self._restored(StartReply(number, 0), kept.rate_hz if kept else 1)
        if kept is not None:
            reply.ledger.restore(kept.ledger)
        reply.begun = reply.traced = True
        reply.ledger.sent = MAX_SAMPLE  # it is not known
        reply.ledger.played = max(reply.ledger.played, played)
        reply.output.end()
        self._dialogue.heard(number, reply.ledger.heard(), cut=True)
        self._context.send(ReplyCut(reply=number, at=played, reason="failed"))

    def _restored(self, action: StartReply, rate_hz: int) -> Reply:
        output = ReplyOutput(self._context, self._microphone, draft=False)
        spoken = SpokenTurn(action.turn, action.rev, None, self._microphone.rate_hz)
        time = self._context.client_time
        reply = Reply(action, spoken, output, rate_hz, self._lead, time)
        self._replies[action.reply] = reply
        return reply

    # ---- the work on one reply -------------------------------------------------------------------

    async def _run(self, reply: Reply) -> None:
        context, character = self._context, self._character
        think = Think(context, reply, character, self._requests, self._act, self._conduct)
        speak = Speak(context, reply, character, self._act)
        line = reply.action.line
        await self._guarded(
            reply,
            think.say(line) if line else think.run(),
            speak.synthesise(),
            speak.send(),
            self._fill_silence(reply),
        )

    async def _guarded(self, reply: Reply, *work: Coroutine[Any, Any, None]) -> None:
        """Do all of this for a reply. What fails ends it."""
        context = self._context
        try:
            async with asyncio.TaskGroup() as group:
                for part in work:
                    context.boundary.joins(group.create_task(context.boundary.steps(part)))
        except* FrametalkError as failed:
            for error in failed.exceptions:
                context.report(cast(FrametalkError, error))
            self._stop(reply, "failed")
        except* Exception:
            self._stop(reply, "failed")
            raise
        finally:
            reply.close()
            if self._running.pop(reply.id, None) is not None:  # neither cut nor discarded
                self._traces.send(reply, None)
                context.emit(ReplyFinished(reply.id))
            self._conduct.spending.speech(reply.made / reply.rate_hz)
            context.record.words("character", reply.ledger.heard(), turn=reply.turn)
            if reply.ending == "cap" and not reply.is_draft:
                self._conduct.spending.end()

    async def _fill_silence(self, reply: Reply) -> None:
        """While the mind is slow after the turn's end, show a gesture and say a short filler."""
        settings, latency = self._character.settings, self._context.settings.latency
        filler, after_ms = settings.filler, settings.filler_after_ms
        if self._context.objective.takes("filler"):
            filler = filler or latency.filler
            after_ms = min(after_ms, latency.objective_ms * FILLER_SHARE)
        if not (settings.gestures or filler):
            return
        await reply.output.released.wait()
        try:
            async with asyncio.timeout(after_ms / 1000):
                await reply.thought.wait()
        except TimeoutError:
            if not reply.ended:
                self._states.gesture("think")
            if filler:
                self._context.diary.decision(f"a filler is said: no word after {after_ms:.0f} ms")
                await reply.script.put(SayClause(filler, filler=True))

    # ---- what the client reports -----------------------------------------------------------------

    def sounding(self, reply: int | None) -> str:
        """What a reply is saying now; empty when there is none."""
        sounding = None if reply is None else self._replies.get(reply)
        return "" if sounding is None else sounding.ledger.sounding()

    def is_over(self, reply: int, at: int) -> bool:
        """Whether a reply's sound had ended at the client by sample `at` of the recognition clock.

        The client's report may still be under way: over a peer connection the microphone overtakes it.
        """
        played = self._replies.get(reply)
        return played is not None and played.ends_at is not None and at >= played.ends_at

    def played(self, message: Played) -> None:
        """Take a playback report. Raises FrametalkError for a reply or a sample that cannot be."""
        reply = self._replies.get(message.reply)
        if reply is None or not reply.begun or reply.is_draft:
            raise FrametalkError(
                "played_unknown_reply",
                f"there is no reply {message.reply}",
                stage=Stage.SPEAK,
                remedy="report replies that reply.begin announced, soon after they end",
            )
        first = reply.ledger.played == 0 and message.sample > 0
        reply.report(message.sample, done=message.done)
        reply.answer.report(message.sample, message.underruns)
        if message.mic_sample is not None:
            rate_hz = self._microphone.rate_hz
            reply.reported_at = message.mic_sample * RECOGNITION_RATE_HZ // rate_hz
        self._microphone.reply_played(reply.stream, message)
        self._dialogue.heard(reply.id, heard := reply.ledger.heard())
        self._conduct.disclosure.heard(heard)
        if message.underruns > reply.underruns:
            self._context.metrics.late_frame(message.underruns - reply.underruns)
            reply.underruns = message.underruns
            self._lead.ran_dry()
        self._act.reached(reply.id, message.sample)
        if first and not reply.ended:
            self._context.emit(ReplyHeard(reply.id))
        self._end_soft_start(reply)
        onset = reply.answer.onset
        if onset is not None and message.sample >= onset:
            self._traces.send(reply, message)
        if message.done and not (reply.all_sent or reply.ended):
            self._stopped_by_client(reply)

    def _end_soft_start(self, reply: Reply) -> None:
        """Once: so much was heard that speech, had it begun in the soft start, would be known."""
        turns = self._context.settings.turns
        known = reply.heard_ms >= turns.soft_start_ms + turns.barge_in_ms
        if known and not (reply.established or reply.ended):
            reply.established = True
            self._context.emit(SoftStartEnded(reply.id))

    def _stopped_by_client(self, reply: Reply) -> None:
        """The client plays no more of a reply that was not sent in full: it ends here."""
        task = self._running.pop(reply.id, None)
        reply.output.end()
        self._context.flush_media(reply.stream)
        self._end_in_history(reply, "stopped")
        if task is not None:
            task.cancel()
        self._traces.send(reply, None)
        self._context.emit(ReplyFinished(reply.id))
