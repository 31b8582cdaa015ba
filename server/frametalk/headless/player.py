"""One player's connection: what every client of frametalk does, without a game around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from frametalk import __version__
from frametalk.errors import Fault, FrametalkError, Stage
from frametalk.headless.clock import Clock
from frametalk.headless.hands import Behaviour, Hands
from frametalk.headless.log import Happening, Log
from frametalk.headless.mic import Microphone
from frametalk.headless.mouth import Mouth
from frametalk.headless.reply import Reply
from frametalk.headless.scene import GameWorld
from frametalk.headless.speaker import Speaker
from frametalk.transports.link import BadInput, Inbound, Link, LinkClosed
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, UnknownMessage

PING_EVERY_S = 5.0
WELCOME_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class PlayerOptions:
    """Who joins, as whom the character, and how the game behaves."""

    name: str = "player"
    character: str = ""
    token: str = ""
    frame_hz: int = 90
    behaviours: tuple[Behaviour, ...] = ()


class Player:
    """Joins over a link, plays replies, carries out tool calls, answers pings; `log` has it all.

    `run` lasts until the server closes or `leave` was called. `violations` lists where the server
    broke the wire's rules.
    """

    def __init__(
        self,
        link: Link,
        world: GameWorld,
        clock: Clock,
        options: PlayerOptions,
        watch: Callable[[Happening], None] = lambda _happening: None,
    ) -> None:
        self.name = options.name
        self.world = world
        self.log = Log(clock, watch)
        self.mic = Microphone(link.send_media, clock)
        self.mouth = Mouth()
        self.replies: dict[int, Reply] = {}
        self.joined = asyncio.Event()
        self.closed: LinkClosed | None = None
        self.welcome: m.Welcome | None = None
        self._violations: list[str] = []
        self._link = link
        self._clock = clock
        self._hello = m.Hello(
            protocol=m.PROTOCOL_VERSION,
            client=m.ClientInfo(name=options.name[:64], version=__version__, engine="headless"),
            token=options.token,
            character=options.character,
            tools=world.tools,
        )
        self.speaker = Speaker(
            link.send,
            clock,
            self.mic,
            self.mouth,
            frame_hz=options.frame_hz,
            progressed=lambda reply: self.log.add("reply", reply),
        )
        self._group = asyncio.TaskGroup()
        self.hands = Hands(
            world,
            options.behaviours,
            send=link.send,
            patched=self._send_patch,
            changed=lambda call: self.log.add("call", call),
            start=lambda coroutine, task: self._group.create_task(coroutine, name=task),
            when_reached=self._when_reached,
            clock=clock,
        )
        self._streams: dict[int, Reply] = {}
        self._seq = 0
        self._takers: dict[type, Callable[[Any], None]] = {
            m.Ping: self._pong,
            m.ReplyBegin: self._begin,
            m.ReplyText: self._to_reply(Reply.take_text),
            m.ReplyMarks: self._to_reply(Reply.take_marks),
            m.ReplyEnd: self._end,
            m.ReplyCut: self._cut,
            m.ToolCall: self.hands.call,
            m.ToolCancel: self.hands.cancel,
            m.SceneResync: lambda _message: link.send(world.snapshot()),
            m.Trace: self._trace,
        }

    @property
    def violations(self) -> list[str]:
        """Every breach of the wire's rules by the server."""
        return self._violations + [v for reply in self.replies.values() for v in reply.violations]

    # ---- life ------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Join, and play until the link is closed. Raises FrametalkError when the server refuses."""
        try:
            await self._join()
            async with self._group as group:
                tasks = [
                    group.create_task(self.mic.run(), name=f"{self.name}: microphone"),
                    group.create_task(self.speaker.run(), name=f"{self.name}: speaker"),
                    group.create_task(self._ping(), name=f"{self.name}: ping"),
                ]
                self.joined.set()
                await self._receive()
                for task in tasks:
                    task.cancel()
        finally:
            await self._link.close()

    async def leave(self) -> None:
        """Say good-bye and close."""
        self._link.send(self.mic.stop())
        self._link.send(m.Bye(reason="the scenario is over"))
        await self._link.close()

    async def _join(self) -> None:
        self._link.send(self._hello)
        try:
            async with asyncio.timeout(WELCOME_TIMEOUT_S):
                while self.welcome is None:
                    self._greet(await self._link.receive())
        except (TimeoutError, LinkClosed) as end:
            raise _refused(str(end) or "no welcome in time") from None
        self.speaker.every_ms = min(100.0, self.welcome.limits.played_every_ms)
        self._link.send(self.world.snapshot())
        self._link.send(self.mic.start())

    def _greet(self, inbound: Inbound) -> None:
        if isinstance(inbound, m.Welcome):
            self.welcome = inbound
            self._count(inbound)
        elif isinstance(inbound, m.Ping):
            self._pong(inbound)
        elif isinstance(inbound, m.Error):
            raise _refused(f"{inbound.code}: {inbound.text}", inbound.remedy)

    async def _receive(self) -> None:
        try:
            while True:
                self._take(await self._link.receive())
        except LinkClosed as closed:
            self.closed = closed
            self.log.add("closed", closed)

    async def _ping(self) -> None:
        count = 0
        while True:
            self._link.send(m.Ping(id=count, t_us=self._clock.now_us()))
            self._link.send(m.Ack(acked=self._seq))
            count += 1
            await self._clock.until(self._clock.now_s() + PING_EVERY_S)

    # ---- what the player does --------------------------------------------------------------------

    def say_typed(self, text: str) -> None:
        """A typed turn."""
        self._link.send(m.Say(text=text))

    def interrupt(self) -> None:
        """The button that stops the character."""
        self._link.send(m.Interrupt())

    def happen(self, event: m.SceneEvent) -> None:
        """Tell of something that happened in the game."""
        self._link.send(event)

    def patch(self, **changes: Any) -> None:
        """Change the world (see GameWorld.change) and tell the server."""
        self._send_patch(self.world.change(**changes))

    def _send_patch(self, patch: m.ScenePatch) -> None:
        self._link.send(patch)
        self.log.add("world", patch)

    @property
    def speaking(self) -> Reply | None:
        """The reply that is under way."""
        newest = next(reversed(self.replies.values()), None)
        return None if newest is None or newest.over else newest

    # ---- what comes ------------------------------------------------------------------------------

    def _take(self, inbound: Inbound) -> None:
        if isinstance(inbound, Media):
            self._media(inbound)
        elif isinstance(inbound, BadInput):
            self._violations.append(f"{inbound.ref or 'a message'}: {inbound.error}")
        elif not isinstance(inbound, UnknownMessage):
            if isinstance(inbound, m.ServerMessage | m.Error):
                self._count(inbound)
            taker = self._takers.get(type(inbound))
            if taker is not None:
                taker(inbound)
            if not isinstance(inbound, m.Ping | m.Pong):
                self.log.add("message", inbound)

    def _count(self, message: m.ServerMessage | m.Error) -> None:
        if message.seq != self._seq + 1:
            self._violations.append(f"seq {message.seq} follows {self._seq}")
        self._seq = message.seq

    def _pong(self, ping: m.Ping) -> None:
        now_us = self._clock.now_us()
        self._link.send(m.Pong(id=ping.id, t_us=ping.t_us, received_us=now_us, sent_us=now_us))

    def _begin(self, message: m.ReplyBegin) -> None:
        if (before := self.speaking) is not None:
            self._violations.append(f"reply {message.reply} begins while {before.id} is alive")
        reply = Reply(message, self._clock.now_s())
        self.replies[reply.id] = reply
        self._streams[message.stream] = reply
        self.speaker.begin(reply)

    def _to_reply(self, take: Callable[[Reply, Any], None]) -> Callable[[Any], None]:
        def taker(message: Any) -> None:
            reply = self.replies.get(message.reply)
            if reply is None:
                self._violations.append(f"{type(message).__name__} for unknown reply")
            elif not reply.playback.was_cut:
                take(reply, message)

        return taker

    def _media(self, frame: Media) -> None:
        reply = self._streams.get(frame.stream)
        if reply is None:
            self._violations.append(f"media on unknown stream {frame.stream}")
        elif not reply.playback.was_cut:
            waiting = reply.playback.started_s is None
            reply.take_media(frame, self._clock.now_s())
            if waiting and reply.playback.started_s is not None:
                self.speaker.wake()

    def _end(self, message: m.ReplyEnd) -> None:
        reply = self.replies.get(message.reply)
        if reply is not None:
            reply.take_end(message, self._clock.now_s())
            self.speaker.wake()

    def _cut(self, message: m.ReplyCut) -> None:
        reply = self.replies.get(message.reply)
        if reply is not None and not reply.over:
            reply.take_cut(message, self._clock.now_s())
            self.speaker.cut(reply)

    def _trace(self, message: m.Trace) -> None:
        reply = self.replies.get(message.reply)
        if reply is not None:
            reply.trace = message

    def _when_reached(self, id_: int, sample: int, act: Callable[[], None]) -> None:
        reply = self.replies.get(id_)
        if reply is None or not reply.over:
            self.speaker.when_reached(id_, sample, act)
        elif sample <= reply.playback.played:
            act()


def _refused(text: str, remedy: str = "the server's log has more") -> FrametalkError:
    return FrametalkError(
        "cannot_join",
        f"the server did not welcome us: {text}",
        stage=Stage.LINK,
        fault=Fault.SERVER,
        remedy=remedy,
        fatal=True,
    )
