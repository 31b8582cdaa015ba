"""What arrives from a session's client goes where it belongs."""

from __future__ import annotations

import asyncio
import logging
import time
from contextvars import Context, copy_context
from functools import partial
from typing import NoReturn

from frametalk.conversation import Conversation
from frametalk.core.turn_parts import State
from frametalk.errors import FrametalkError, Stage
from frametalk.session_state import SessionState
from frametalk.transports.link import BadInput, Inbound, LinkClosed
from frametalk.transports.message_rate import MessageRate, Rates
from frametalk.transports.resumable import ack_beyond
from frametalk.wire import messages as m
from frametalk.wire.codec import MEDIA_HEADER, Media, UnknownMessage

log = logging.getLogger(__name__)

LARGE_BYTES = 16 * 1024
LONGEST_S = 0.001  # of work on messages before other sessions have their turn
SCENE = frozenset((m.SceneSnapshot, m.ScenePatch, m.SceneEvent))
# What a client sends while nothing happens.
NOTHING = frozenset((m.Ping, m.Pong, m.Ack, m.Error, m.RtcBeat))


class SessionIntake:
    """Takes one item after another from the client, for the session's conversation."""

    def __init__(self, state: SessionState) -> None:
        self._state = state
        limits = state.context.settings.server
        self._rate = MessageRate(
            Rates(limits.messages_per_second, limits.kb_per_second, limits.scene_changes_per_second)
        )
        self._happened_s = state.context.now()
        self._error: Exception | None = None  # of a frame that comes to `run` because of it

    async def run(self, talk: Conversation) -> NoReturn:
        """Take what arrives; ends by an exception, LinkClosed as a rule."""
        taken_s, is_long = 0.0, self._state.context.boundary.decided
        # What it begins, and logs, belongs to this session.
        self._state.link.hear(partial(self._take_media, talk, copy_context()))
        while True:
            inbound = await self._state.pcm_link.receive()
            if self._error is not None:
                raise self._error
            await self._keep_rate(inbound)
            if self._state.link.read_bytes > LARGE_BYTES:
                await asyncio.sleep(0)  # it took milliseconds to decode
            began_s = time.perf_counter()
            self.take(inbound, talk)
            taken_s += time.perf_counter() - began_s
            if is_long(taken_s > LONGEST_S):  # messages that wait already do not let others run
                taken_s = 0.0
                await asyncio.sleep(0)

    def _take_media(self, talk: Conversation, context: Context, frame: Media) -> bool:
        """Take a frame at once, unless it has to be decoded or to wait."""
        size, now_s = MEDIA_HEADER.size + len(frame.payload), self._state.context.now()
        if not (self._state.pcm_link.is_pcm(frame) and self._rate.takes_media(size, now_s)):
            return False
        try:
            context.run(self.take, frame, talk)
        except Exception as error:  # noqa: BLE001  (it is raised where the session runs)
            self._error = error
            return False
        return True

    async def _keep_rate(self, inbound: Inbound) -> None:
        """Wait if the client sends more than it may."""
        context = self._state.context
        now_s = context.now()
        wait_s = self._rate.wait_s(
            self._state.link.read_bytes,
            now_s,
            is_media=isinstance(inbound, Media),
            is_scene=type(inbound) in SCENE,
        )
        if wait_s:
            if error := self._rate.report(now_s):
                context.report(error)
            await asyncio.sleep(wait_s)

    async def until_idle(self, limit_s: float, talk: Conversation) -> None:
        """Wait until nothing has happened for so long: no message but pings and the like, and no turn."""
        now = self._state.context.now
        self._happened_s = now()
        while (left_s := self._happened_s + limit_s - now()) > 0:
            await asyncio.sleep(left_s)
            if talk.machine.state is not State.IDLE or talk.pause.left_ms:
                self._happened_s = now()

    def take(self, inbound: Inbound, talk: Conversation) -> None:
        """Take one item. An error is reported, and nothing else is lost; a fatal one is raised."""
        ref = ""
        try:
            if isinstance(inbound, Media):
                ref = "media"
                if self._state.upgrade is None:
                    talk.microphone.feed(inbound)
                else:
                    self._state.upgrade.take_media(inbound)
            elif isinstance(inbound, BadInput):
                ref = inbound.ref
                raise inbound.error
            elif isinstance(inbound, UnknownMessage):
                log.debug("unknown message type ignored: %.64s", inbound.type)
            else:
                ref = str(inbound.__struct_config__.tag)
                self.take_message(inbound, talk)
        except FrametalkError as error:
            error.ref = error.ref or ref
            if error.fatal:
                raise
            self._state.context.report(error)

    def take_message(self, message: m.AnyMessage, talk: Conversation) -> None:
        """Take a control message. Raises FrametalkError, and LinkClosed for `bye`."""
        welcome, upgrade = self._state.welcome, self._state.upgrade
        if type(message) not in NOTHING:
            self._happened_s = self._state.context.now()
        match message:
            case m.Played():  # ten a second, and each case takes time
                talk.take(message)
            case m.Hello():
                raise FrametalkError(
                    "hello_twice",
                    "hello was already answered",
                    stage=Stage.SESSION,
                    remedy="open another connection for another session",
                )
            case m.Bye():
                raise LinkClosed(1000, f"bye: {message.reason}")
            case m.Pause():
                talk.pause.set(message)
            case m.Report():
                talk.reports.take(message)
            case m.Ack() if welcome is not None and welcome.resume:
                raise ack_beyond(message.acked)  # the link has taken the others
            case m.Ack() | m.Error():
                pass  # a client logs its own errors
            case m.RtcOffer() | m.RtcIce() | m.RtcMic() | m.RtcBeat() if upgrade is not None:
                upgrade.take(message)
            case _:
                talk.take(message)
                if upgrade is not None:
                    upgrade.follow(message)
