"""One player's session: from hello to the closed link; what arrives goes to its conversation."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, cast

import msgspec

from frametalk import handshake
from frametalk.config import FrametalkSettings
from frametalk.conversation import Conversation, Outlets
from frametalk.engines import Engines
from frametalk.errors import Fault, FrametalkError, Stage
from frametalk.metrics import Metrics
from frametalk.pipeline.report import error_message
from frametalk.tasks import Tasks
from frametalk.transports.link import BadInput, Inbound, Link, LinkClosed
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, UnknownMessage

log = logging.getLogger(__name__)


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
        self._handlers: dict[type, Callable[[Any], None]] = {}
        self.conversation: Conversation | None = None

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
        outlets = Outlets(
            self._link, self._send, self._report, self._metrics, self._tasks, self._now
        )
        talk = self.conversation = Conversation(
            hello, character, self._engines, self._settings, outlets
        )
        self._handlers = {
            **talk.handlers,
            m.Hello: _refuse_hello,
            m.Bye: _leave,
            m.Ack: _note,
            m.Error: _note,
        }
        try:
            self._tasks.start(talk.clock.run(), "clock")
            talk.world.learn_words()
            while True:
                self._take(await self._link.receive(), talk)
        finally:
            talk.close()
            self._metrics.session_closed()

    def go_away(self, in_ms: float, reason: str) -> None:
        """Tell the client that the server will close soon."""
        self._send(m.GoAway(reason=reason, in_ms=in_ms))

    def _take(self, inbound: Inbound, talk: Conversation) -> None:
        """One thing from the client. What it got wrong is told, and nothing else is lost."""
        ref = ""
        try:
            if isinstance(inbound, Media):
                ref = "media"
                talk.hear.feed(inbound)
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
