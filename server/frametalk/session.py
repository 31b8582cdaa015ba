"""One conversation: what arrives becomes events for the core, its actions become messages and tasks."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from frametalk import handshake
from frametalk.adapters.base import (
    Focus,
    Hypothesis,
    Mind,
    MindRequest,
    Recogniser,
    RecogniserStream,
    Vad,
    Voice,
)
from frametalk.config import FrametalkSettings
from frametalk.core import actions as do
from frametalk.core.dialogue import Dialogue
from frametalk.core.endpointing import Endpointer, Thresholds
from frametalk.core.events import Event, InterruptAsked, Prompted, Recognised, Typed
from frametalk.core.scene import Scene
from frametalk.core.turn import State, TurnMachine
from frametalk.errors import Fault, FrametalkError, Stage
from frametalk.metrics import Metrics
from frametalk.pipeline.act import Act
from frametalk.pipeline.clock import ClockSync
from frametalk.pipeline.hear import RATE_HZ, Hear
from frametalk.pipeline.replies import Cast, Outputs, Replies
from frametalk.pipeline.world import World
from frametalk.tasks import Tasks
from frametalk.trace import TurnTrace
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
    """One player's conversation over one link."""

    def __init__(
        self,
        link: Link,
        engines: Engines,
        settings: FrametalkSettings,
        *,
        session_id: str,
        metrics: Metrics,
    ) -> None:
        self._link = link
        self._engines = engines
        self._settings = settings
        self._id = session_id
        self._metrics = metrics
        self._now = asyncio.get_running_loop().time
        self._seq = 0
        self._tasks = Tasks(self._task_failed)
        self._events: deque[Event] = deque()
        self._handling = False
        self._spoken: tuple[int, TurnTrace, int] | None = None  # turn, trace, end on the mic's clock

    # ---- life ------------------------------------------------------------------------------------

    async def run(self) -> None:
        """From hello to the closed link. Raises only CancelledError."""
        code, reason = 1000, ""
        try:
            hello = await handshake.wait_for_hello(
                self._link, self._settings.server.hello_timeout_ms
            )
            character = handshake.check_hello(
                hello, self._settings, self._engines.llm.characters
            )
            self._assemble(hello, character)
            self._send(
                handshake.welcome(
                    hello, self._settings, self._id, character, self._engines.tts.rate_hz
                )
            )
            self._tasks.start(self._clock.run(), "clock")
            self._world.learn_words()
            while True:
                self._take(await self._link.receive())
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

    def _assemble(self, hello: m.Hello, character: str) -> None:
        engines, settings, dialogue = self._engines, self._settings, Dialogue()
        scene = Scene(max_entities=handshake.MAX_ENTITIES)
        act = Act(
            hello.tools, scene, dialogue, self._send, self._metrics.tool, limit=handshake.MAX_TOOLS
        )
        self._world = World(
            scene,
            act,
            engines.asr,
            engines.llm,
            character,
            self._tasks,
            send=self._send,
            report_error=self._report,
            greet=lambda line: self._emit(Prompted(line)),
        )
        self._clock = ClockSync(self._link.send, self._now)
        self._hear = self._make_ear()
        half_duplex = handshake.echo_in_force(hello.echo) == "half_duplex"
        self._machine = TurnMachine(half_duplex=half_duplex)
        self._dialogue = dialogue
        self._cast = Cast(engines.llm, engines.tts, character, hello.language)
        outputs = Outputs(
            self._send,
            self._link.send_media,
            self._link.flush_media,
            self._emit,
            self._report,
            self._metrics.waterfall,
        )
        self._replies = Replies(
            self._cast,
            settings,
            outputs,
            act,
            dialogue,
            self._tasks,
            request=self._mind_request,
            clock=self._clock.offset,
            now=self._now,
        )
        self._handlers: dict[type, Callable[[Any], None]] = {
            m.Hello: _refuse_hello,
            m.MicStart: self._hear.start,
            m.MicStop: lambda message: self._hear.stop(message.stream),
            m.Say: lambda message: self._emit(Typed(message.text)),
            m.Played: self._replies.played,
            m.Interrupt: lambda message: self._emit(InterruptAsked(message.reply)),
            m.SceneSnapshot: self._world.snapshot,
            m.ScenePatch: self._world.patch,
            m.SceneEvent: self._world.event,
            m.Focus: self._world.attend,
            m.ToolAck: act.ack,
            m.ToolResult: act.result,
            m.Ping: self._clock.answer,
            m.Pong: self._clock.take,
            m.Bye: _leave,
            m.Ack: _note,
            m.Error: _note,
        }
        self._doers: dict[type, Callable[[Any], None]] = {
            do.OpenEar: lambda action: self._hear.open_ear(
                action.turn, action.at, self._world.bias
            ),
            do.FinishEar: self._finish_ear,
            do.CancelEar: lambda _action: self._hear.cancel_ear(),
            do.CommitPlayer: lambda action: dialogue.commit_player(action.turn, action.text),
            do.StartReply: self._start_reply,
            do.CutReply: self._cut_reply,
            do.ShowState: self._show_state,
        }

    def _make_ear(self) -> Hear:
        turns = self._settings.turns
        thresholds = Thresholds(
            speech=turns.speech_probability,
            silence=turns.silence_probability,
            start_ms=turns.start_ms,
            hold_ms=turns.hold_ms,
            max_turn_ms=turns.max_turn_ms,
        )
        return Hear(
            self._engines.vad.open(),
            self._engines.vad.window_samples,
            self._engines.asr,
            Endpointer(thresholds, RATE_HZ),
            preroll_ms=turns.preroll_ms,
            emit=self._emit,
            on_partial=self._partial,
            now=self._now,
        )

    def go_away(self, in_ms: float, reason: str) -> None:
        """Tell the client that the server will close soon."""
        self._send(m.GoAway(reason=reason, in_ms=in_ms))

    # ---- in and out ------------------------------------------------------------------------------

    def _take(self, inbound: Inbound) -> None:
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

    def _send(self, message: m.ServerMessage | m.Error) -> None:
        self._seq += 1
        self._link.send(msgspec.structs.replace(message, seq=self._seq))

    def _report(self, error: FrametalkError, ref: str = "") -> None:
        log.warning("%s (stage %s, fault %s)", error.code, error.stage, error.fault)
        self._metrics.error(error.code)
        self._send(
            m.Error(
                code=error.code,
                text=error.text[:4_000],
                stage=error.stage,
                fault=error.fault,
                remedy=error.remedy,
                ref=ref,
                fatal=error.fatal,
            )
        )

    def _task_failed(self, name: str, error: BaseException) -> None:
        log.error("task %r failed", name, exc_info=error)
        self._report(
            FrametalkError(
                "session_failed",
                f"{name} failed inside the server",
                stage=Stage.SESSION,
                fault=Fault.SERVER,
                remedy="the server's log has the details",
                fatal=name == "session",
            )
        )

    # ---- what the turn table asks for ------------------------------------------------------------

    def _finish_ear(self, action: do.FinishEar) -> None:
        trace = TurnTrace()
        arrived = self._hear.arrived_at(action.at)
        if arrived is not None:
            trace.mark("capture", arrived)
        trace.mark("endpoint_wait", self._now())
        self._spoken = (action.turn, trace, self._hear.to_mic(action.at))
        ear = self._hear.take_ear()
        if ear is None:
            self._emit(Recognised(action.turn, ""))
            return
        words = self._hear.word_clock()
        self._tasks.start(self._finish(action.turn, ear, words, trace), f"turn {action.turn}")

    async def _finish(
        self,
        turn: int,
        ear: RecogniserStream,
        words: Callable[[Hypothesis], tuple[m.WordHeard, ...]],
        trace: TurnTrace,
    ) -> None:
        try:
            final = await ear.finish()
        except FrametalkError as error:
            self._report(error)
            final = Hypothesis("")
        trace.mark("recognition", self._now())
        self._send(
            m.Transcript(
                turn=turn,
                rev=1,
                text=final.text,
                stable=len(final.text),
                final=True,
                words=words(final),
            )
        )
        self._emit(Recognised(turn, final.text, final.alternatives))

    def _partial(self, turn: int, heard: Hypothesis) -> None:
        words = self._hear.word_clock()(heard)
        self._send(
            m.Transcript(turn=turn, rev=1, text=heard.text, stable=heard.stable, words=words)
        )

    def _start_reply(self, action: do.StartReply) -> None:
        trace, speech_end = TurnTrace(), None
        if self._spoken is not None and self._spoken[0] == action.turn:
            _, trace, speech_end = self._spoken
        self._spoken = None
        self._replies.start(action, trace, speech_end, self._hear.mic_rate_hz)

    def _cut_reply(self, action: do.CutReply) -> None:
        self._replies.cut(action)
        self._metrics.reply_cut()

    def _show_state(self, action: do.ShowState) -> None:
        # While a reply is under way more speech is asked for, so that a cough does not cut it.
        busy = action.state in {State.THINKING, State.SPEAKING}
        self._hear.start_ms = self._settings.turns.barge_in_ms if busy else None
        self._send(
            m.TurnStateChanged(
                state=action.state,  # type: ignore[arg-type]  # the table's states are some of the wire's
                turn=action.turn,
                reply=action.reply,
                t_us=int(self._now() * 1e6),
            )
        )

    def _mind_request(self, action: do.StartReply, step: int) -> MindRequest:
        scene = self._world.scene
        return MindRequest(
            character=self._cast.character,
            turn=action.turn,
            text=action.text,
            alternatives=action.alternatives,
            step=step,
            history=self._dialogue.history(),
            outcomes=self._dialogue.outcomes(action.turn),
            scene=scene.entities,
            scene_rev=scene.rev,
            tools=self._world.act.specs,
            focus=Focus(self._world.focus),
            language=self._cast.language,
        )


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
