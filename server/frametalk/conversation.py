"""One conversation: puts the stages together, gives events to the turn table, carries its actions out."""

from __future__ import annotations

import asyncio
import logging
from typing import assert_never

from frametalk import handshake
from frametalk.context import SessionContext
from frametalk.core import actions as do
from frametalk.core.calls import ToolBook
from frametalk.core.dialogue import Dialogue
from frametalk.core.draft_budget import DraftBudget
from frametalk.core.events import (
    Event,
    InterruptRequested,
    Prompted,
    Recognised,
    ReplyFinished,
    SpeechStarted,
    Typed,
)
from frametalk.core.scene import Scene
from frametalk.core.turn import TurnMachine
from frametalk.core.turn_parts import State
from frametalk.engines import Engines
from frametalk.errors import FrametalkError, Stage
from frametalk.logs import SpokenText
from frametalk.pipeline.act import Act
from frametalk.pipeline.character import Character
from frametalk.pipeline.clock import ClockSync
from frametalk.pipeline.conduct import PlayerTerms, conduct_of
from frametalk.pipeline.echo import EchoGuard
from frametalk.pipeline.endpoints import Endpoints
from frametalk.pipeline.floor import FloorControl
from frametalk.pipeline.interpreter import Interpreter
from frametalk.pipeline.microphone import Microphone
from frametalk.pipeline.pause import GamePause
from frametalk.pipeline.recognition import Recognition
from frametalk.pipeline.replies import Replies
from frametalk.pipeline.reports import Reports
from frametalk.pipeline.requests import MindRequests
from frametalk.pipeline.tracing import TurnTraces
from frametalk.pipeline.turn_states import TurnStates
from frametalk.pipeline.warm_up import WarmUp
from frametalk.pipeline.world import World
from frametalk.schemas import compile_schema
from frametalk.wire import messages as m
from frametalk.wire.opus import RATE_HZ as OPUS_RATE_HZ

log = logging.getLogger(__name__)

MAY_HEAR_ITSELF = frozenset({"duck", "platform_aec"})  # echo policies under which echo may come


class Conversation:
    """The conversation of one session, from its welcome to the end of its link."""

    def __init__(
        self,
        context: SessionContext,
        hello: m.Hello,
        character: str,
        engines: Engines,
        languages: handshake.Languages,
        player: PlayerTerms,
    ) -> None:
        self._context = context
        settings = context.settings
        self._features = handshake.features(hello, settings)
        self._client = handshake.client_kind(hello.client)
        interruptible = handshake.interruptible_by(hello, settings, character)
        never = hello.echo == "half_duplex"
        self.machine = TurnMachine(
            "never" if never else interruptible, soft_start=settings.turns.soft_start_ms > 0
        )
        history_bytes = settings.server.history_kb * 1_000
        self.dialogue = Dialogue(limit_bytes=history_bytes)
        self._draft_budget = DraftBudget(
            settings.turns.discarded_drafts_per_turn, settings.turns.discarded_drafts_per_minute
        )
        manner = settings.as_character(character)
        codec = handshake.speech_codec(hello, settings)
        voice = engines.voice_at(OPUS_RATE_HZ) if codec == "opus" else engines.tts
        self._character = Character(
            character,
            engines.llm,
            voice,
            manner,
            languages.asked,
            languages.voice,
            codec,
            context.objective,
            settings.latency.fast_voice,
        )
        self.clock = ClockSync(context)
        self.pause = GamePause(context)
        self.reports = Reports(context)

        scene = Scene(handshake.max_entities(settings), max_event_bytes=history_bytes)
        self.act = Act(context, self._declare(hello), scene, self.dialogue)
        self.world = World(context, self._character, scene, self.act, engines.asr)

        echo = EchoGuard(voice.rate_hz) if hello.echo in MAY_HEAR_ITSELF else None
        self.endpoints = Endpoints(context)
        codecs = handshake.mic_codecs(hello, settings)
        self.microphone = Microphone(
            context,
            engines.vad,
            self.endpoints,
            echo,
            codecs,
            keeps_turns=engines.turn is not None,
        )
        self.floor = FloorControl(context, self.machine, self.endpoints)
        self.states = TurnStates(context, self.machine, self.endpoints, gestures=manner.gestures)
        requests = MindRequests(
            self._character, self.dialogue, scene, self.world, self.act, context.objective
        )
        self.conduct = conduct_of(context, engines.guard, self._character, player)
        self.replies = self._make_replies(requests)
        self.warm_up = WarmUp(context, engines.llm, requests)
        self.recognition = self._make_recognition(engines, languages.asked, echo=echo is not None)
        self._idle = asyncio.Event()
        self._idle.set()
        context.events.connect(self._handle)

    def _declare(self, hello: m.Hello) -> ToolBook:
        """The tools of the game; one that cannot be used is reported and left out."""
        book = ToolBook(compile_schema, hello.scopes)
        for problem in book.declare(hello.tools, handshake.max_tools(self._context.settings)):
            self._context.report(problem, "hello")
        return book

    def _make_replies(self, requests: MindRequests) -> Replies:
        return Replies(
            self._context,
            self._character,
            act=self.act,
            dialogue=self.dialogue,
            requests=requests,
            microphone=self.microphone,
            traces=TurnTraces(self._context, self.clock, self._draft_budget),
            states=self.states,
            conduct=self.conduct,
        )

    def _make_recognition(self, engines: Engines, language: str, *, echo: bool) -> Recognition:
        interpreter = Interpreter(
            self._context,
            self.machine,
            self.world,
            self.replies,
            self._draft_budget,
            language=language,
            echo=echo,
        )
        return Recognition(
            self._context,
            engines.asr,
            engines.turn,
            microphone=self.microphone,
            endpoints=self.endpoints,
            world=self.world,
            interpreter=interpreter,
            states=self.states,
        )

    def _count_frames(self, cost: m.FrameCost | None) -> None:
        if cost is not None:
            metrics = self._context.metrics
            metrics.client_frames(self._client, cost.frames, cost.p99_ms, cost.max_ms)

    async def idle(self) -> None:
        """Wait until no turn and no reply is under way."""
        await self._idle.wait()

    def close(self) -> None:
        """The session has ended: stop timers and recognition."""
        self.warm_up.end()
        self.recognition.cancel()
        self.microphone.close()
        self.act.close()
        self.floor.close()
        self.pause.close()
        self.conduct.close()

    def mark_busy(self) -> None:
        """A reply is under way that this conversation did not start."""
        self._idle.clear()

    # ---- what the client sends -------------------------------------------------------------------

    def take(self, message: m.AnyMessage) -> None:
        """Take a control message. Raises FrametalkError for one that is wrong or not served."""
        match message:
            case m.Played():  # ten a second, and each case takes time
                self._count_frames(message.frame_cost)
                self.replies.played(message)
            case m.MicStart():
                self.microphone.start(message)
                self.conduct.disclosure.ready()
            case m.MicStop():
                self.microphone.stop(message)
            case m.Say():
                self._context.emit(Typed(message.text))
            case m.Interrupt():
                self._context.emit(InterruptRequested(message.reply))
            case m.SceneSnapshot():
                self.world.snapshot(message)
                self.warm_up.begin()
                self.conduct.disclosure.ready()
            case m.ScenePatch():
                self.world.patch(message)
            case m.SceneEvent():
                self.world.event(message)
            case m.Focus():
                self.world.attend(message)
            case m.ToolAck():
                self.act.ack(message)
            case m.ToolResult():
                self.act.result(message)
            case m.FloorSet() if "floor" in self._features:
                self.floor.set(message)
            case m.TurnHint() if "turn_hint" in self._features:
                self.floor.hint(message)
            case m.Ping():
                self.clock.answer(message)
            case m.Pong():
                self.clock.take(message)
            case _:
                raise FrametalkError(
                    "feature_off",
                    "this part of the wire is not served",
                    stage=Stage.SESSION,
                    remedy="use what welcome.features lists",
                )

    # ---- events in, actions out ------------------------------------------------------------------

    def _handle(self, event: Event) -> None:
        reply = self.machine.reply
        if isinstance(event, SpeechStarted) and reply and self.replies.is_over(reply, event.at):
            self._handle(ReplyFinished(reply))
        before = self.machine.state
        actions = self.machine.handle(event)
        if log.isEnabledFor(logging.DEBUG):
            log.debug(
                "%s%s: %s -> %s, turn %d.%d, reply %s: %s",
                type(event).__name__,
                _text_of(event),
                before,
                self.machine.state,
                self.machine.turn,
                self.machine.rev,
                self.machine.reply,
                ", ".join(type(action).__name__ for action in actions) or "no action",
            )
        if self._context.diary.is_kept and (actions or before is not self.machine.state):
            done = ", ".join(type(action).__name__ for action in actions)
            what = f"{type(event).__name__}: {before} -> {self.machine.state}"
            self._context.diary.event(f"{what}; {done}" if done else what, self.machine.turn)
        for action in actions:
            self._carry_out(action)
        if self.machine.state is State.IDLE:
            self._idle.set()
        else:
            self._idle.clear()

    def _carry_out(self, action: do.Action) -> None:
        match action:
            case do.StartRecognition():
                self.recognition.start(action)
            case do.FinalizeRecognition():
                self.recognition.finalize(action)
            case do.PauseRecognition():
                self.recognition.pause()
            case do.ResumeRecognition():
                self.recognition.resume(action)
            case do.EndRecognition():
                self.recognition.end()
            case do.CancelRecognition():
                self.recognition.cancel()
            case do.CommitTurn():
                self.recognition.commit(action)
                if action.text:
                    self.dialogue.commit_player(action.turn, action.text)
                    self._context.record.words("player", action.text, turn=action.turn)
            case do.ReopenTurn():
                self.dialogue.reopen(action.turn)
                self.endpoints.continued()
            case do.StartReply():
                self.replies.start(action, self.recognition.spoken(action.turn, action.rev))
            case do.ReleaseDraft():
                self.replies.release(action)
            case do.DiscardDraft():
                self._draft_budget.discard(self.machine.turn, self._context.now())
                self.replies.discard(action)
            case do.CutReply():
                self.replies.cut(action)
            case do.ShowState():
                self.states.show(action)
            case _:
                assert_never(action)


def _text_of(event: Event) -> str | SpokenText:
    """The words of an event, for the log."""
    match event:
        case Recognised(text=text) | Typed(text=text) | Prompted(line=text):
            return SpokenText(f' "{text}"')
        case _:
            return ""
