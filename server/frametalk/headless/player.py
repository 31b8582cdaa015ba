"""One player's connection: what every client of frametalk does, without a game around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from frametalk import __version__
from frametalk.errors import Fault, FrametalkError, Stage
from frametalk.headless.button import TalkButton
from frametalk.headless.clock import Clock
from frametalk.headless.ducking import Ducking
from frametalk.headless.echo_path import Echo, EchoPath, SpeakerTap
from frametalk.headless.hands import Behaviour, Hands
from frametalk.headless.log import Happening, Log
from frametalk.headless.mic import Microphone
from frametalk.headless.mouth import Mouth
from frametalk.headless.replies import Replies
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
    """Who joins, as whom the character, and how the game behaves.

    `mic`: `ptt` has it closed until the button is pressed. `echo_path`: what the loudspeaker plays comes
    back into the microphone; None: headphones. `scopes`: which scopes of the world's tools are granted.
    """

    name: str = "player"
    character: str = ""
    token: str = ""
    frame_hz: int = 90
    behaviours: tuple[Behaviour, ...] = ()
    scopes: tuple[str, ...] = ()
    mic: m.MicMode = "open"
    echo: m.EchoPolicy = "none"
    interruptible: m.Interruptible | None = None
    features: tuple[str, ...] = ()
    echo_path: EchoPath | None = None


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
        self.mic = Microphone(self._send_frame, clock)
        self.mouth = Mouth()
        self.replies: dict[int, Reply] = {}
        self.joined = asyncio.Event()
        self.closed: LinkClosed | None = None
        self.welcome: m.Welcome | None = None
        self._violations: list[str] = []
        self._link = link
        self._clock = clock
        self._options = options
        self._hello = m.Hello(
            protocol=m.PROTOCOL_VERSION,
            client=m.ClientInfo(name=options.name[:64], version=__version__, engine="headless"),
            token=options.token,
            character=options.character,
            echo=options.echo,
            interruptible=options.interruptible,
            tools=world.tools,
            scopes=options.scopes,
            features=options.features,
        )
        self.speaker = Speaker(
            link.send,
            clock,
            self.mic,
            self.mouth,
            frame_hz=options.frame_hz,
            progressed=lambda reply: self.log.add("reply", reply),
        )
        tap = SpeakerTap(self.replies, self.mic.time_of, self.mic.rate_hz)
        if options.echo_path is not None:
            self.mic.room = Echo(options.echo_path, tap, self.mic.rate_hz).between
        self.ducking = Ducking(clock, self.speaker, tap, lambda: self.mic.opened_at or 0)
        self._replies = Replies(
            self.replies, clock, self.speaker, self.ducking, self._violations.append
        )
        self._button = TalkButton(self.mic, link.send, lambda: self.speaking is not None)
        self._group = asyncio.TaskGroup()
        self.hands = Hands(
            world,
            options.behaviours,
            send=link.send,
            patched=self._send_patch,
            changed=lambda call: self.log.add("call", call),
            start=lambda coroutine, task: self._group.create_task(coroutine, name=task),
            when_reached=self._replies.when_reached,
            clock=clock,
        )
        self._seq = 0
        self._takers: dict[type, Callable[[Any], None]] = {
            m.Ping: self._pong,
            m.ToolCall: self.hands.call,
            m.ToolCancel: self.hands.cancel,
            m.SceneResync: lambda _message: link.send(world.snapshot()),
            **self._replies.takers,
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
        self._button.close()
        if self.mic.opened_at is not None:
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
        self.ducking.echo = self.welcome.echo
        self.speaker.every_ms = min(100.0, self.welcome.limits.played_every_ms)
        self._link.send(self.world.snapshot())
        if self._options.mic == "open":
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

    def press(self) -> None:
        """The push-to-talk button goes down."""
        self._button.press()

    def release(self) -> None:
        """The push-to-talk button goes up."""
        self._button.release()

    def set_floor(self, mode: m.FloorMode, until_ms: float | None = None) -> None:
        """Say whether the character may speak and listen (feature `floor`)."""
        self._link.send(m.FloorSet(mode=mode, until_ms=until_ms))

    def hint(self, turn: int, hint: Literal["force", "hold", "cancel"]) -> None:
        """Say what the game knows of a turn's end (feature `turn_hint`)."""
        self._link.send(m.TurnHint(turn=turn, hint=hint))

    def happen(self, event: m.SceneEvent) -> None:
        """Tell of something that happened in the game."""
        self._link.send(event)

    def patch(self, **changes: Any) -> None:
        """Change the world (see GameWorld.change) and tell the server."""
        self._send_patch(self.world.change(**changes))

    def _send_frame(self, frame: Media) -> None:
        self._link.send_media(frame)
        self.ducking.mic_frame(frame)

    def _send_patch(self, patch: m.ScenePatch) -> None:
        self._link.send(patch)
        self.log.add("world", patch)

    @property
    def speaking(self) -> Reply | None:
        """The reply that is under way."""
        return self._replies.under_way

    # ---- what comes ------------------------------------------------------------------------------

    def _take(self, inbound: Inbound) -> None:
        if isinstance(inbound, Media):
            self._replies.media(inbound)
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


def _refused(text: str, remedy: str = "the server's log has more") -> FrametalkError:
    return FrametalkError(
        "cannot_join",
        f"the server did not welcome us: {text}",
        stage=Stage.LINK,
        fault=Fault.SERVER,
        remedy=remedy,
        fatal=True,
    )
