"""One player's session: from hello to the closed link; what arrives goes to its conversation."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from frametalk import handshake
from frametalk.config import FrametalkSettings
from frametalk.context import SessionContext
from frametalk.conversation import Conversation
from frametalk.engines import Engines
from frametalk.errors import Fault, FrametalkError, Stage
from frametalk.metrics import Metrics
from frametalk.tasks import Tasks
from frametalk.transports.link import BadInput, Inbound, Link, LinkClosed
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, UnknownMessage

log = logging.getLogger(__name__)


class Session:
    """One player's conversation over one link. `now` returns the server's monotonic seconds."""

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
        self._tasks = Tasks(self._task_failed)
        self._context = SessionContext(settings, link, metrics, self._tasks, now)
        self.conversation: Conversation | None = None

    async def run(self) -> None:
        """From hello to the closed link. Raises only CancelledError."""
        code, reason = 1000, ""
        try:
            hello = await handshake.wait_for_hello(
                self._link, self._settings.server.hello_timeout_ms
            )
            character = handshake.check_hello(hello, self._settings, self._engines.llm.characters)
            languages = handshake.choose_languages(
                hello, self._settings, character, self._engines.tts, self._engines.asr
            )
            await self._converse(hello, character, languages)
        except LinkClosed as closed:
            log.info("link closed: %s", closed)
        except FrametalkError as error:
            self._context.report(error)
            code, reason = 1008, error.code
        except Exception as error:  # noqa: BLE001  (a failure in one session must not end others)
            self._task_failed("session", error)
            code, reason = 1011, "session_failed"
        finally:
            await self._tasks.close()
            await self._link.close(code, reason)

    async def _converse(
        self, hello: m.Hello, character: str, languages: handshake.Languages
    ) -> None:
        """The whole conversation; ends by an exception, LinkClosed as a rule."""
        rate_hz = self._engines.tts.rate_hz
        answer = handshake.welcome(hello, self._settings, self._id, character, rate_hz, languages)
        self._context.send(answer)
        self._context.metrics.session_opened()
        talk = self.conversation = Conversation(
            self._context, hello, character, self._engines, languages
        )
        try:
            self._tasks.start(talk.clock.run(), "clock")
            talk.world.learn_words()
            while True:
                self._take(await self._link.receive(), talk)
        finally:
            talk.close()
            self._context.metrics.session_closed()

    def go_away(self, in_ms: float, reason: str) -> None:
        """Tell the client that the server will close soon."""
        self._context.send(m.GoAway(reason=reason, in_ms=in_ms))

    def _take(self, inbound: Inbound, talk: Conversation) -> None:
        """Take one item from the client. An error is reported, and nothing else is lost."""
        ref = ""
        try:
            if isinstance(inbound, Media):
                ref = "media"
                talk.microphone.feed(inbound)
            elif isinstance(inbound, BadInput):
                ref = inbound.ref
                raise inbound.error
            elif isinstance(inbound, UnknownMessage):
                log.debug("unknown message type ignored: %.64s", inbound.type)
            else:
                ref = str(inbound.__struct_config__.tag)
                self._take_message(inbound, talk)
        except FrametalkError as error:
            error.ref = error.ref or ref
            if error.fatal:
                raise
            self._context.report(error)

    def _take_message(self, message: m.AnyMessage, talk: Conversation) -> None:
        match message:
            case m.Hello():
                raise FrametalkError(
                    "hello_twice",
                    "hello was already answered",
                    stage=Stage.SESSION,
                    remedy="open another connection for another session",
                )
            case m.Bye():
                raise LinkClosed(1000, f"bye: {message.reason}")
            case m.Ack() | m.Error():
                pass  # `ack` is for sessions that resume; a client logs its own errors
            case _:
                talk.take(message)

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
        self._context.report(failure)
