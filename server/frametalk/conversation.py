"""One conversation: the stages put together, events into the core, its actions out to the stages."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from frametalk import handshake
from frametalk.adapters.base import Focus, MindRequest, TurnDetector
from frametalk.config import FrametalkSettings
from frametalk.core import actions as do
from frametalk.core.calls import ToolBook
from frametalk.core.dialogue import Dialogue
from frametalk.core.draft_budget import DraftBudget
from frametalk.core.events import (
    Event,
    FloorChanged,
    InterruptRequested,
    Prompted,
    TurnCancelled,
    Typed,
)
from frametalk.core.scene import Scene
from frametalk.core.tools import ToolSpec
from frametalk.core.turn import TurnMachine
from frametalk.core.turn_rows import State
from frametalk.engines import Engines
from frametalk.errors import FrametalkError, Stage
from frametalk.metrics import Metrics
from frametalk.pipeline.act import Act
from frametalk.pipeline.clock import ClockSync
from frametalk.pipeline.echo import EchoGuard
from frametalk.pipeline.microphone import Microphone
from frametalk.pipeline.recognition import Recognition, Surroundings
from frametalk.pipeline.replies import Cast, Outputs, Replies
from frametalk.pipeline.world import World
from frametalk.schemas import compile_schema
from frametalk.tasks import Tasks
from frametalk.text.number_words import number_words
from frametalk.text.spoken_text import reword
from frametalk.transports.link import Link
from frametalk.wire import messages as m

HEARS_ITSELF = frozenset({"duck", "platform_aec"})  # echo policies with a microphone that may


@dataclass(frozen=True, slots=True)
class Outlets:
    """How a conversation speaks to its client and to the server's numbers. None of them waits."""

    link: Link
    send: Callable[[m.ServerMessage], None]
    report: Callable[[FrametalkError, str], None]
    metrics: Metrics
    tasks: Tasks
    now: Callable[[], float]


class Conversation:
    """Between a welcome and the closed link. `handlers` take the client's messages by type."""

    def __init__(
        self,
        hello: m.Hello,
        character: str,
        engines: Engines,
        settings: FrametalkSettings,
        outlets: Outlets,
    ) -> None:
        self._hello = hello
        self._character = character
        self._settings = settings
        self._out = out = outlets
        self._events: deque[Event] = deque()
        self._handling = False
        self._floor_timer: asyncio.TimerHandle | None = None
        self._scene, self._dialogue = Scene(max_entities=handshake.MAX_ENTITIES), Dialogue()
        self._draft_budget = DraftBudget(
            settings.turns.discarded_drafts_per_turn, settings.turns.discarded_drafts_per_minute
        )
        self.act = self._acting()
        self.world = self._watching(engines)
        echo = EchoGuard(engines.tts.rate_hz) if hello.echo in HEARS_ITSELF else None
        self.hear = Microphone(engines.vad, engines.asr, settings.turns, self.emit, out.now, echo)
        self.clock = ClockSync(out.link.send, out.now)
        self.listen = self._listening(engines, hears_itself=echo is not None)
        self.replies = self._replying(engines, echo)
        deaf = hello.echo == "half_duplex"
        interruptible = handshake.interruptible_by(hello, settings, character)
        self.machine = TurnMachine("never" if deaf else interruptible)
        self._doers = self._make_doers()
        self.handlers = self._make_handlers()

    # ---- the stages ------------------------------------------------------------------------------

    def _acting(self) -> Act:
        out = self._out
        return Act(
            self._declare(self._hello.tools),
            self._scene,
            self._dialogue,
            send=out.send,
            ended=out.metrics.tool,
            max_calls=self._settings.reply.max_calls,
            now=out.now,
        )

    def _watching(self, engines: Engines) -> World:
        return World(
            self._scene,
            self.act,
            engines.asr,
            engines.llm,
            self._character,
            self._out.tasks,
            send=self._out.send,
            report_error=self._report,
            greet=lambda line: self.emit(Prompted(line)),
        )

    def _listening(self, engines: Engines, *, hears_itself: bool) -> Recognition:
        out = self._out
        return Recognition(
            self.hear,
            out.tasks,
            self._surroundings(engines.turn, hears_itself),
            send=out.send,
            emit=self.emit,
            report_error=self._report,
            recognised_in_ms=out.metrics.recognition_ms,
            now=out.now,
        )

    def _replying(self, engines: Engines, echo: EchoGuard | None) -> Replies:
        out, language = self._out, self._hello.language
        return Replies(
            Cast(
                engines.llm,
                engines.tts,
                self._character,
                self._settings.as_character(self._character),
                language,
                lambda text: reword(text, language, number_words),
            ),
            self._settings,
            Outputs(
                out.send,
                out.link.send_media,
                out.link.flush_media,
                self.emit,
                self._report,
                self._show_gesture,
                self.hear.from_mic,
                out.metrics,
            ),
            self.act,
            self._dialogue,
            out.tasks,
            request=self._request,
            discarded=self._draft_budget.discarded_in,
            clock=self.clock.offset,
            now=out.now,
            echo=echo,
        )

    def _make_handlers(self) -> dict[type, Callable[[Any], None]]:
        hear, replies, world, act, clock = self.hear, self.replies, self.world, self.act, self.clock
        handlers: dict[type, Callable[[Any], None]] = {
            m.MicStart: hear.start,
            m.MicStop: hear.stop,
            m.Say: lambda message: self.emit(Typed(message.text)),
            m.Played: replies.played,
            m.Interrupt: lambda message: self.emit(InterruptRequested(message.reply)),
            m.SceneSnapshot: world.snapshot,
            m.ScenePatch: world.patch,
            m.SceneEvent: world.event,
            m.Focus: world.attend,
            m.ToolAck: act.ack,
            m.ToolResult: act.result,
            m.Ping: clock.answer,
            m.Pong: clock.take,
        }
        served = handshake.features(self._hello)
        if "floor" in served:
            handlers[m.FloorSet] = self._set_floor
        if "turn_hint" in served:
            handlers[m.TurnHint] = self._take_hint
        return handlers

    def _make_doers(self) -> dict[type, Callable[[Any], None]]:
        listen, replies = self.listen, self.replies
        return {
            do.StartRecognition: lambda action: listen.open(action, self.world.bias),
            do.FinalizeRecognition: listen.finalize,
            do.EndRecognition: lambda _action: listen.close(),
            do.CancelRecognition: lambda _action: listen.cancel(),
            do.CommitTurn: self._commit,
            do.ReopenTurn: self._reopen,
            do.StartReply: self._start_reply,
            do.ReleaseDraft: replies.release,
            do.DiscardDraft: self._drop_reply,
            do.CutReply: self._cut_reply,
            do.ShowState: self._show_state,
        }

    def close(self) -> None:
        """The session is over: no timer and no ear is left."""
        self.listen.cancel()
        self.act.close()
        self._stop_floor_timer()

    # ---- events in, actions out ------------------------------------------------------------------

    def emit(self, event: Event) -> None:
        """Give the turn table an event; events that its actions cause wait for their turn."""
        self._events.append(event)
        if self._handling:
            return
        self._handling = True
        try:
            while self._events:
                for action in self.machine.handle(self._events.popleft()):
                    self._doers[type(action)](action)
        finally:
            self._handling = False

    def _commit(self, action: do.CommitTurn) -> None:
        self.listen.commit(action)
        if action.text:
            self._dialogue.commit_player(action.turn, action.text)

    def _reopen(self, action: do.ReopenTurn) -> None:
        self._dialogue.reopen(action.turn)
        self.hear.waiting.continued()

    def _start_reply(self, action: do.StartReply) -> None:
        if action.draft:
            self._out.metrics.draft_begun()
        self.replies.start(action, self.listen.spoken(action.turn, action.rev))

    def _cut_reply(self, action: do.CutReply) -> None:
        self.listen.interrupting()
        self.replies.cut(action)

    def _drop_reply(self, action: do.DiscardDraft) -> None:
        self._draft_budget.discard(self.machine.turn, self._out.now())
        self.replies.drop(action)

    def _show_state(self, action: do.ShowState, gesture: str = "") -> None:
        # Over a reply more speech is asked for, so that a click does not lower it.
        speaking = action.state == State.SPEAKING
        self.hear.waiting.start_ms = self._settings.turns.barge_in_ms if speaking else None
        self._out.send(
            m.TurnStateChanged(
                state=action.state,  # type: ignore[arg-type]  # the table's states are the wire's
                turn=action.turn,
                reply=action.reply,
                paused=action.paused,
                gesture=gesture,
                t_us=int(self._out.now() * 1e6),
            )
        )

    def _show_gesture(self, gesture: str) -> None:
        if self._settings.as_character(self._character).gestures:
            machine = self.machine
            state = do.ShowState(machine.state, machine.turn, machine.reply, machine.paused)
            self._show_state(state, gesture)

    # ---- what stages ask of each other -----------------------------------------------------------

    def _surroundings(self, judge: TurnDetector | None, echo: bool) -> Surroundings:
        return Surroundings(
            commands=lambda: self.world.commands,
            ducked=lambda: self.machine.state is State.DUCKED,
            sounding=lambda: self.replies.sounding(self.machine.reply),
            may_draft=self._may_draft,
            show_gesture=self._show_gesture,
            language=self._hello.language,
            echo=echo,
            judge=judge,
        )

    def _may_draft(self, turn: int) -> bool:
        return self._settings.turns.drafts and self._draft_budget.allows(turn, self._out.now())

    def _request(self, action: do.StartReply, step: int) -> MindRequest:
        """What the mind may know at this moment."""
        return MindRequest(
            character=self._character,
            turn=action.turn,
            text=action.text,
            alternatives=action.alternatives,
            step=step,
            history=self._dialogue.history(action.reply),
            outcomes=self._dialogue.outcomes(action.turn, action.reply),
            scene=self._scene.entities,
            scene_rev=self._scene.rev,
            changed=self._scene.changed,
            happenings=self._scene.events,
            tools=self.act.specs,
            focus=Focus(self.world.focus),
            language=self._hello.language,
        )

    def _declare(self, tools: tuple[ToolSpec, ...]) -> ToolBook:
        """The tools of the game; one that cannot be used is told and left out."""
        book = ToolBook(compile_schema, self._hello.scopes)
        for problem in book.declare(tools, handshake.MAX_TOOLS):
            self._out.report(problem, "hello")
        return book

    def _report(self, error: FrametalkError) -> None:
        self._out.report(error, "")

    # ---- the game's word on turns ----------------------------------------------------------------

    def _set_floor(self, message: m.FloorSet) -> None:
        self._stop_floor_timer()
        self.emit(FloorChanged(message.mode))
        if message.until_ms is not None:
            self._floor_timer = asyncio.get_running_loop().call_later(
                message.until_ms / 1000, self.emit, FloorChanged("free")
            )

    def _stop_floor_timer(self) -> None:
        if self._floor_timer is not None:
            self._floor_timer.cancel()
            self._floor_timer = None

    def _take_hint(self, message: m.TurnHint) -> None:
        heard = self.machine.state in {State.HEARING, State.HOLDING, State.DUCKED}
        if not heard or message.turn != self.machine.turn:
            raise FrametalkError(
                "turn_unknown",
                f"turn {message.turn} is not being heard",
                stage=Stage.TURN,
                remedy="take `turn` from the newest turn.state",
            )
        if message.hint == "force":
            self.hear.waiting.force()
        elif message.hint == "hold":
            self.hear.waiting.hold()
        else:
            self.emit(TurnCancelled())
