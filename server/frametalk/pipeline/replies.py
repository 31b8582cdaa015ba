"""The replies of one session: started, cut, reported as played, traced."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from frametalk.adapters.base import Mind, MindRequest, SpeechRequest, Voice
from frametalk.config import CharacterSettings, FrametalkSettings
from frametalk.core.actions import CutReply, DiscardDraft, ReleaseDraft, StartReply
from frametalk.core.dialogue import Dialogue
from frametalk.core.events import Event, ReplyFinished, ReplyHeard
from frametalk.errors import FrametalkError, Stage
from frametalk.metrics import Metrics
from frametalk.pipeline.act import Act
from frametalk.pipeline.echo import EchoGuard
from frametalk.pipeline.recognition import SpokenTurn
from frametalk.pipeline.reply import Reply, SayClause
from frametalk.pipeline.speak import Speak
from frametalk.pipeline.think import Think
from frametalk.pipeline.tracing import trace_of
from frametalk.tasks import Tasks
from frametalk.text.spoken_text import Wording
from frametalk.trace import ClockOffset
from frametalk.wire.codec import Media
from frametalk.wire.messages import Played, ReplyCut, ServerMessage

REMEMBERED = 8  # replies whose late `played` reports still count


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where a reply's effects go. All are synchronous and never wait."""

    send: Callable[[ServerMessage], None]
    send_media: Callable[[Media], None]
    flush_media: Callable[[int], None]
    emit: Callable[[Event], None]
    report_error: Callable[[FrametalkError], None]
    show_gesture: Callable[[str], None]
    recognition_clock: Callable[[int], int]
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Cast:
    """Who thinks and who speaks, as which character and how; `reword` takes a clause apart."""

    mind: Mind
    voice: Voice
    character: str
    manner: CharacterSettings
    language: str
    reword: Callable[[str], Wording]


class Replies:
    """Starts and ends replies; at most one is active, a few more are remembered.

    A reply may be started as a draft, while it is uncertain that the turn is over: then it is made like
    any other, and waits at its gate to be released or dropped.
    """

    def __init__(  # noqa: PLR0913  (the stage's neighbours, each named once)
        self,
        cast: Cast,
        settings: FrametalkSettings,
        out: Outputs,
        act: Act,
        dialogue: Dialogue,
        tasks: Tasks,
        *,
        request: Callable[[StartReply, int], MindRequest],
        discarded: Callable[[int], int],
        clock: ClockOffset,
        now: Callable[[], float],
        echo: EchoGuard | None = None,
    ) -> None:
        self._cast = cast
        self._settings = settings
        self._out = out
        self._act = act
        self._dialogue = dialogue
        self._tasks = tasks
        self._request = request
        self._discarded = discarded
        self._clock = clock
        self._now = now
        self._echo = echo
        self._replies: OrderedDict[int, Reply] = OrderedDict()
        self._running: dict[int, asyncio.Task[None]] = {}

    def start(self, action: StartReply, spoken: SpokenTurn) -> None:
        """Think and speak, in answer to what was `spoken`."""
        lead_ms, rate_hz = self._settings.reply.lead_ms, self._cast.voice.rate_hz
        reply = Reply(action.reply, spoken, rate_hz, lead_ms, draft=action.draft)
        self._replies[reply.id] = reply
        if len(self._replies) > REMEMBERED:
            self._replies.popitem(last=False)
        if action.draft:
            self._dialogue.begin_draft(action.turn, action.reply, action.text)
        else:
            self._dialogue.begin_reply(action.turn, action.reply)
        self._running[reply.id] = self._tasks.start(self._run(reply, action), f"reply {reply.id}")

    def release(self, action: ReleaseDraft) -> None:
        """The draft is wanted: what there is of it goes out now."""
        reply = self._replies[action.reply]
        reply.ready = reply.made_something
        self._dialogue.release_draft(reply.id)
        reply.gate.open()

    def drop(self, action: DiscardDraft) -> None:
        """The draft is not wanted: nothing of it was ever there."""
        reply = self._replies.pop(action.reply)
        reply.gate.destroy()
        self._dialogue.discard_draft(reply.id)
        self._act.forget(reply.id)
        self._out.metrics.draft_discarded()
        task = self._running.pop(reply.id, None)
        if task is not None:
            task.cancel()

    async def _run(self, reply: Reply, action: StartReply) -> None:
        think, speak = self._think(reply, action), self._speak(reply)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(think.say(action.line) if action.line else think.run())
                group.create_task(speak.synthesise())
                group.create_task(speak.send())
                group.create_task(self._bridge(reply))
        except* FrametalkError as failed:
            for error in failed.exceptions:
                self._out.report_error(cast(FrametalkError, error))
            self._take_back(reply, "failed")
        except* Exception:
            self._take_back(reply, "failed")
            raise
        finally:
            if self._running.pop(reply.id, None) is not None:  # not cut by the player
                self._finish(reply)

    def _think(self, reply: Reply, action: StartReply) -> Think:
        settings = self._settings.reply
        return Think(
            reply,
            self._cast.mind,
            request=lambda step: self._request(action, step),
            propose=lambda wanted: self._act.propose(wanted, reply),
            finished=self._act.finished,
            max_steps=settings.max_steps,
            ahead=settings.think_ahead,
            start=self._tasks.start,
            timeout_ms=settings.mind_timeout_ms,
            report_error=self._out.report_error,
            used=lambda usage: self._out.metrics.mind_used(
                usage.prompt_tokens, usage.completion_tokens, usage.cost
            ),
            now=self._now,
        )

    def _speak(self, reply: Reply) -> Speak:
        settings, manner, out = self._settings.reply, self._cast.manner, self._out
        return Speak(
            reply,
            self._cast.voice,
            SpeechRequest(
                "",
                voice=manner.voice,
                language=self._cast.language,
                speed=manner.speed,
                volume=manner.volume,
            ),
            reword=self._cast.reword,
            character=self._cast.character,
            frame_ms=settings.frame_ms,
            voice_timeout_ms=settings.voice_timeout_ms,
            played_timeout_ms=settings.played_timeout_ms,
            send=reply.gate.through(out.send),
            send_media=reply.gate.through(self._send_media),
            send_call=reply.gate.through(self._act.send),
            report_error=out.report_error,
            now=self._now,
        )

    def _send_media(self, frame: Media) -> None:
        if self._echo is not None:
            self._echo.sent(frame)
        self._out.send_media(frame)

    async def _bridge(self, reply: Reply) -> None:
        """A mind that is slow after the turn's end: the body shows it, and a short filler is said."""
        manner = self._cast.manner
        if not (manner.gestures or manner.filler):
            return
        await reply.gate.opened.wait()
        try:
            async with asyncio.timeout(manner.filler_after_ms / 1000):
                await reply.thought.wait()
        except TimeoutError:
            if manner.gestures and not reply.cut:
                self._out.show_gesture("think")
            if manner.filler:
                await reply.script.put(SayClause(manner.filler))

    def _finish(self, reply: Reply) -> None:
        if not reply.traced:
            self._trace(reply, None)
        self._out.emit(ReplyFinished(reply.id))

    def cut(self, action: CutReply) -> None:
        """Take the rest of a reply back: the client hears of it before anything is cancelled."""
        reply = self._replies[action.reply]
        task = self._running.pop(reply.id, None)
        self._take_back(reply, action.reason)
        self._out.metrics.reply_cut()
        if task is not None:
            task.cancel()
        if not reply.traced:
            reply.trace.void("the reply was cut before it was heard")
            self._trace(reply, None)

    def _take_back(self, reply: Reply, reason: str) -> None:
        if reply.cut:
            return
        told = reply.begun and not reply.gate.closed
        reply.gate.destroy()
        self._out.flush_media(reply.stream)
        if told:
            self._out.send(
                ReplyCut(reply=reply.id, at=reply.ledger.played, reason=reason)  # type: ignore[arg-type]
            )
        if reason == "continued":
            self._act.withdraw(reply.id)
        else:
            self._act.abandon(reply.id)
        self._dialogue.discard_draft(reply.id)
        self._dialogue.heard(reply.id, reply.ledger.heard(), cut=True)

    def sounding(self, reply: int | None) -> str:
        """What a reply says about now; empty when there is none."""
        wanted = None if reply is None else self._replies.get(reply)
        return "" if wanted is None else wanted.ledger.sounding()

    def played(self, message: Played) -> None:
        """What the client has heard. Raises FrametalkError for a reply or a sample that cannot be."""
        reply = self._replies.get(message.reply)
        if reply is None or not reply.begun or reply.gate.closed:
            raise FrametalkError(
                "played_unknown_reply",
                f"there is no reply {message.reply}",
                stage=Stage.SPEAK,
                remedy="report replies that reply.begin announced, soon after they end",
            )
        first = reply.ledger.played == 0 and message.sample > 0
        reply.report(message.sample, done=message.done)
        self._compare_with(reply, message)
        self._dialogue.heard(reply.id, reply.ledger.heard())
        if message.underruns > reply.underruns:
            self._out.metrics.late_frame(message.underruns - reply.underruns)
            reply.underruns = message.underruns
        self._act.reached(reply.id, message.sample)
        if first and not reply.cut:
            self._out.emit(ReplyHeard(reply.id))
        if not reply.traced and reply.onset is not None and message.sample >= reply.onset:
            self._trace(reply, message)

    def _compare_with(self, reply: Reply, message: Played) -> None:
        if self._echo is None or message.mic_sample is None:
            return
        at = self._out.recognition_clock(message.mic_sample)
        if message.done:
            self._echo.stopped(at)
        else:
            self._echo.played(reply.stream, message.sample, at)

    def _trace(self, reply: Reply, played: Played | None) -> None:
        reply.traced = True
        told = trace_of(reply, played, self._clock, self._discarded(reply.turn))
        stages = [(stage.stage, stage.ms) for stage in told.stages]
        self._out.metrics.turn(told.mouth_to_ear_ms, stages)
        self._out.send(told)
