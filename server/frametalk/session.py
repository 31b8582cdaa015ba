"""One conversation: what arrives becomes events for the core, its actions become messages and tasks."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from frametalk import handshake
from frametalk.adapters.base import Focus, Mind, MindRequest, Recogniser, Vad, Voice
from frametalk.config import FrametalkSettings
from frametalk.core import actions as do
from frametalk.core.calls import ToolBook
from frametalk.core.dialogue import Dialogue
from frametalk.core.events import Event, InterruptAsked, Prompted, Typed
from frametalk.core.scene import Scene
from frametalk.core.tools import ToolSpec
from frametalk.core.turn import State, TurnMachine
from frametalk.errors import Fault, FrametalkError, Stage
from frametalk.metrics import Metrics
from frametalk.pipeline.act import Act
from frametalk.pipeline.clock import ClockSync
from frametalk.pipeline.hear import Hear
from frametalk.pipeline.listen import Listen
from frametalk.pipeline.replies import Cast, Outputs, Replies
from frametalk.pipeline.report import error_message
from frametalk.pipeline.world import World
from frametalk.schemas import compile_schema
from frametalk.tasks import Tasks
from frametalk.transports.link import BadInput, Inbound, Link, LinkClosed
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, UnknownMessage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Engines:
    """The adapters that all sessions share, started."""

    vad: Vad
    asr: Recogniser
    llm: Mind
    tts: Voice


class Session:
    """One player's conversation over one link. `now` gives the server's seconds."""

    def __init__(
        self,
        link: Link,
        engines: Engines,
        settings: FrametalkSettings,
        *,
        session_id: str,
        metrics: Metrics,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._link = link
        self._engines = engines
        self._settings = settings
        self._id = session_id
        self._metrics = metrics
        self._now = now
        self._seq = 0
        self._tasks = Tasks(self._task_failed)
        self._events: deque[Event] = deque()
        self._handling = False

    async def run(self) -> None:
        """From hello to the closed link. Raises only CancelledError."""
        code, reason = 1000, ""
        try:
            hello = await handshake.wait_for_hello(
                self._link, self._settings.server.hello_timeout_ms
            )
            character = handshake.check_hello(hello, self._settings, self._engines.llm.characters)
            await self._converse(hello, character)
        except LinkClosed as closed:
            log.info("link closed: %s", closed)
        except FrametalkError as error:
            self._report(error)
            code, reason = 1008, error.code
        except Exception as error:  # noqa: BLE001  (one session's bug must not touch the others)
            self._task_failed("session", error)
            code, reason = 1011, "session_failed"
        finally:
            await self._tasks.close()
            await self._link.close(code, reason)

    async def _converse(self, hello: m.Hello, character: str) -> None:
        """The whole conversation; ends by an exception, LinkClosed as a rule."""
        rate_hz = self._engines.tts.rate_hz
        self._send(handshake.welcome(hello, self._settings, self._id, character, rate_hz))
        self._metrics.session_opened()
        self._assemble(hello, character)
        try:
            self._tasks.start(self._clock.run(), "clock")
            self._world.learn_words()
            while True:
                self._take(await self._link.receive())
        finally:
            self._listen.cancel()
            self._act.close()
            self._metrics.session_closed()

    def _assemble(self, hello: m.Hello, character: str) -> None:
        """Put the stages together; from here on messages have handlers and actions have doers."""
        engines, send, metrics = self._engines, self._send, self._metrics
        cast = Cast(engines.llm, engines.tts, character, hello.language)
        scene, dialogue = Scene(max_entities=handshake.MAX_ENTITIES), Dialogue()
        book = self._declare(hello.tools)
        act = Act(book, scene, dialogue, send=send, ended=metrics.tool, now=self._now)
        world = World(
            scene,
            act,
            engines.asr,
            cast.mind,
            character,
            self._tasks,
            send=send,
            report_error=self._report,
            greet=lambda line: self._emit(Prompted(line)),
        )
        hear = Hear(engines.vad, engines.asr, self._settings.turns, self._emit, self._now)
        listen = Listen(
            hear,
            self._tasks,
            send=send,
            emit=self._emit,
            report_error=self._report,
            recognised_in_ms=metrics.recognition_ms,
            now=self._now,
        )
        clock = ClockSync(self._link.send, self._now)

        def request(action: do.StartReply, step: int) -> MindRequest:
            return MindRequest(
                character=character,
                turn=action.turn,
                text=action.text,
                alternatives=action.alternatives,
                step=step,
                history=dialogue.history(),
                outcomes=dialogue.outcomes(action.turn),
                scene=scene.entities,
                scene_rev=scene.rev,
                tools=act.specs,
                focus=Focus(world.focus),
                language=hello.language,
            )

        outputs = Outputs(
            send, self._link.send_media, self._link.flush_media, self._emit, self._report, metrics
        )
        replies = Replies(
            cast,
            self._settings,
            outputs,
            act,
            dialogue,
            self._tasks,
            request=request,
            clock=clock.offset,
            now=self._now,
        )
        half_duplex = handshake.echo_in_force(hello.echo) == "half_duplex"
        self._machine = TurnMachine(half_duplex=half_duplex)
        self._hear, self._listen, self._world, self._clock = hear, listen, world, clock
        self._act = act
        self._handlers: dict[type, Callable[[Any], None]] = {
            m.Hello: _refuse_hello,
            m.MicStart: hear.start,
            m.MicStop: hear.stop,
            m.Say: lambda message: self._emit(Typed(message.text)),
            m.Played: replies.played,
            m.Interrupt: lambda message: self._emit(InterruptAsked(message.reply)),
            m.SceneSnapshot: world.snapshot,
            m.ScenePatch: world.patch,
            m.SceneEvent: world.event,
            m.Focus: world.attend,
            m.ToolAck: act.ack,
            m.ToolResult: act.result,
            m.Ping: clock.answer,
            m.Pong: clock.take,
            m.Bye: _leave,
            m.Ack: _note,
            m.Error: _note,
        }
        self._doers: dict[type, Callable[[Any], None]] = {
            do.OpenEar: lambda action: listen.open(action, world.bias),
            do.FinishEar: listen.finish,
            do.CancelEar: lambda _action: listen.cancel(),
            do.CommitPlayer: lambda action: dialogue.commit_player(action.turn, action.text),
            do.StartReply: lambda action: replies.start(action, listen.spoken(action.turn)),
            do.CutReply: replies.cut,
            do.ShowState: self._show_state,
        }

    def _declare(self, tools: tuple[ToolSpec, ...]) -> ToolBook:
        """The tools of the game; one that cannot be used is told and left out."""
        book = ToolBook(compile_schema)
        for problem in book.declare(tools, handshake.MAX_TOOLS):
            self._report(problem, "hello")
        return book

    def go_away(self, in_ms: float, reason: str) -> None:
        """Tell the client that the server will close soon."""
        self._send(m.GoAway(reason=reason, in_ms=in_ms))

    def _take(self, inbound: Inbound) -> None:
        """One thing from the client. What it got wrong is told, and nothing else is lost."""
        ref = ""
        try:
            if isinstance(inbound, Media):
                ref = "media"
                self._hear.feed(inbound)
            elif isinstance(inbound, BadInput):
                ref = inbound.ref
                raise inbound.error
            elif isinstance(inbound, UnknownMessage):
                log.debug("unknown message type ignored: %.64s", inbound.type)
            else:
                ref = str(inbound.__struct_config__.tag)
                self._handlers.get(type(inbound), _feature_off)(inbound)
        except FrametalkError as error:
            if error.fatal:
                raise
            self._report(error, ref)

    def _emit(self, event: Event) -> None:
        """Give the turn table an event; events that its actions cause wait for their turn."""
        self._events.append(event)
        if self._handling:
            return
        self._handling = True
        try:
            while self._events:
                for action in self._machine.handle(self._events.popleft()):
                    self._doers[type(action)](action)
        finally:
            self._handling = False

    def _show_state(self, action: do.ShowState) -> None:
        # While a reply is under way more speech is asked for, so that a cough does not cut it.
        busy = action.state in {State.THINKING, State.SPEAKING}
        self._hear.start_ms = self._settings.turns.barge_in_ms if busy else None
        self._send(
            m.TurnStateChanged(
                state=action.state,  # type: ignore[arg-type]  # the table has some of the wire's states
                turn=action.turn,
                reply=action.reply,
                t_us=int(self._now() * 1e6),
            )
        )

    def _send(self, message: m.ServerMessage | m.Error) -> None:
        self._seq += 1
        self._link.send(cast(m.FromServer, msgspec.structs.replace(message, seq=self._seq)))

    def _report(self, error: FrametalkError, ref: str = "") -> None:
        log.warning("%s (stage %s, fault %s)", error.code, error.stage, error.fault)
        self._metrics.error(error.code)
        self._send(error_message(error, ref))

    def _task_failed(self, name: str, error: BaseException) -> None:
        log.error("task %r failed", name, exc_info=error)
        failure = FrametalkError(
            "session_failed",
            f"{name} failed inside the server",
            stage=Stage.SESSION,
            fault=Fault.SERVER,
            remedy="the server's log has the details",
            fatal=name == "session",
        )
        self._report(failure)


def _refuse_hello(_message: m.Hello) -> None:
    raise FrametalkError(
        "hello_twice",
        "hello was already answered",
        stage=Stage.SESSION,
        remedy="open another connection for another session",
    )


def _leave(message: m.Bye) -> None:
    raise LinkClosed(1000, f"bye: {message.reason}")


def _note(_message: m.Ack | m.Error) -> None:
    """Nothing to do: `ack` is for sessions that resume, a client's `error` is in its own log."""


def _feature_off(_message: m.AnyMessage) -> None:
    raise FrametalkError(
        "feature_off",
        "this part of the wire is not served",
        stage=Stage.SESSION,
        remedy="use what welcome.features lists",
    )
