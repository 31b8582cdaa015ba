"""One player's connection: what every client of frametalk does, without a game around it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from frametalk import __version__
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.errors import ConfigError
from frametalk.headless.address import Address
from frametalk.headless.button import TalkButton
from frametalk.headless.clock import Clock
from frametalk.headless.connection import Connection
from frametalk.headless.ducking import Ducking
from frametalk.headless.echo_path import Echo, EchoPath, SpeakerTap
from frametalk.headless.log import Log, LogEntry
from frametalk.headless.mic import Microphone
from frametalk.headless.mouth import FRAME_HZ, Mouth
from frametalk.headless.pausing import GamePause
from frametalk.headless.replies import Replies
from frametalk.headless.reply import Reply
from frametalk.headless.resuming import Resumed, ResumingLink
from frametalk.headless.scene import GameWorld
from frametalk.headless.speaker import Speaker
from frametalk.headless.tool_calls import Behaviour, ToolRunner
from frametalk.transports.link import Link, LinkClosed
from frametalk.transports.opus import available
from frametalk.transports.opus_link import OpusLink
from frametalk.wire import messages as m
from frametalk.wire.codec import Media
from frametalk.wire.opus import RATE_HZ as OPUS_RATE_HZ

if TYPE_CHECKING:
    from frametalk.headless.upgraded import PeerOptions, UpgradedLink


@dataclass(frozen=True, slots=True)
class PlayerOptions:
    """Who joins, which character they talk to, and how the game behaves.

    `frame_hz`: rendered frames; `played` reports leave at frames. `mic`: `ptt` keeps it closed until the
    button is pressed. `echo_path`: how the loudspeaker's sound returns to the microphone; None:
    headphones. `scopes`: the scopes of the world's tools that are granted. `codec`: of microphone and
    replies, if the server has it; for `opus` this package's extra `opus` is needed. `peer`: media over a
    peer connection, for a player who can resume; it needs the extra `webrtc`. `address`: where `reopen`
    connects, which a server that stops may change.
    """

    name: str = "player"
    character: str = ""
    token: str = ""
    frame_hz: int = FRAME_HZ
    behaviours: tuple[Behaviour, ...] = ()
    scopes: tuple[str, ...] = ()
    consent: m.Consent | None = None
    child: bool = False
    mic: m.MicMode = "open"
    echo: m.EchoPolicy = "none"
    interruptible: m.Interruptible | None = None
    features: tuple[str, ...] = ()
    codec: m.Codec = "pcm16"
    echo_path: EchoPath | None = None
    peer: PeerOptions | None = None
    address: Address | None = None


class Player:
    """Joins over a link, plays replies, carries out tool calls and answers pings; all of it is in `log`.

    `run` lasts until the server closes the link or `leave` is called. `watch` is called with each log
    entry, `mic_frame` with each microphone frame once it is sent. `reopen` opens another connection when
    one breaks, so that the session is resumed; None: it ends. `microphone`: a subclass, for sound that
    comes from elsewhere. `violations` lists where the server broke the wire's rules.
    """

    def __init__(
        self,
        link: Link,
        world: GameWorld,
        clock: Clock,
        options: PlayerOptions,
        *,
        watch: Callable[[LogEntry], None] = lambda _entry: None,
        mic_frame: Callable[[Media], None] = lambda _frame: None,
        reopen: Callable[[], Awaitable[Link]] | None = None,
        microphone: type[Microphone] = Microphone,
    ) -> None:
        self.name = options.name
        self.world = world
        self.log = Log(clock, watch)
        opus = options.codec == "opus"
        if opus and not available():
            raise ConfigError("Opus needs PyAV", remedy='pip install "frametalk[opus]"')
        self.mic = microphone(
            self._send_frame, clock, rate_hz=OPUS_RATE_HZ if opus else RECOGNITION_RATE_HZ
        )
        self.mouth = Mouth()
        self.replies: dict[int, Reply] = {}
        self.joined = asyncio.Event()
        self.welcome: m.Welcome | None = None
        self.closed: LinkClosed | None = None
        self.upgraded: UpgradedLink | None = None
        self._features = (*options.features, "opus") if opus else options.features
        if reopen is not None:
            link = ResumingLink(link, reopen, clock, self._playing, self._resumed, options.address)
            self._features = (*self._features, "resume")
            if options.peer is not None:
                link = self.upgraded = upgraded(link, clock, options.peer)
        self._opus_link: OpusLink | None = None
        if opus:
            link = self._opus_link = OpusLink(link)
        self._link = link
        self._options = options
        self._mic_frame = mic_frame
        self._connection = Connection(link, clock)
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
            self.mic.background = Echo(options.echo_path, tap, self.mic.rate_hz).between
        self.mic.before_frame = self.speaker.report_start
        self.ducking = Ducking(clock, self.speaker, tap, lambda: self.mic.opened_at or 0)
        self._replies = Replies(
            self.replies,
            clock,
            self.speaker,
            self.ducking,
            self._connection.violations.append,
            two_ways=options.peer is not None,
        )
        self._button = TalkButton(self.mic, link.send, lambda: self.speaking is not None)
        self._game_pause = GamePause(
            link.send, clock, self.mic, self.speaker, lambda: self.speaking
        )
        self._group = asyncio.TaskGroup()
        self.tools = ToolRunner(
            world,
            options.behaviours,
            send=link.send,
            patched=self._send_patch,
            changed=lambda call: self.log.add("call", call),
            start=lambda coroutine, task: self._group.create_task(coroutine, name=task),
            when_reached=self._replies.when_reached,
            clock=clock,
        )

    @property
    def violations(self) -> list[str]:
        """Every breach of the wire's rules by the server."""
        of_replies = [v for reply in self.replies.values() for v in reply.violations]
        return self._connection.violations + of_replies

    @property
    def speaking(self) -> Reply | None:
        """The reply that has begun and not ended."""
        return self._replies.current

    # ---- life ------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Join, and play until the link is closed. Raises FrametalkError when the server refuses."""
        try:
            await self._join()
            async with self._group as group:
                tasks = [
                    group.create_task(self.mic.run(), name=f"{self.name}: microphone"),
                    group.create_task(self.speaker.run(), name=f"{self.name}: speaker"),
                    group.create_task(self._connection.keep_alive(), name=f"{self.name}: ping"),
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
        self._link.send(m.Bye(reason="the player leaves"))
        await self._link.close()

    async def _join(self) -> None:
        welcome = await self._connection.join(
            m.Hello(
                protocol=m.PROTOCOL_VERSION,
                client=m.ClientInfo(name=self.name[:64], version=__version__, engine="headless"),
                token=self._options.token,
                speech_codecs=("opus", "pcm16") if self._options.codec == "opus" else ("pcm16",),
                character=self._options.character,
                echo=self._options.echo,
                interruptible=self._options.interruptible,
                tools=self.world.tools,
                scopes=self._options.scopes,
                consent=self._options.consent,
                child=self._options.child,
                features=self._features,
            )
        )
        self.welcome = welcome
        if self._options.codec in welcome.mic_codecs:
            self.mic.codec = self._options.codec
        if self._opus_link is not None and "opus" in welcome.features:
            self._opus_link.begin()
        self.mic.frame_ms = welcome.limits.mic_frame_ms
        self.ducking.echo = welcome.echo
        self.speaker.every_ms = min(self.speaker.every_ms, welcome.limits.played_every_ms)
        self._link.send(self.world.snapshot())
        if self._options.mic == "open":
            self._link.send(self.mic.start())

    async def _receive(self) -> None:
        try:
            while True:
                inbound = await self._connection.receive()
                if isinstance(inbound, Media):
                    self._replies.media(inbound)
                else:
                    self._take(inbound)
                    self.log.add("message", inbound)
        except LinkClosed as closed:
            self.closed = closed
            self.log.add("closed", closed)

    def _take(self, message: m.AnyMessage) -> None:
        match message:
            case m.ToolCall():
                self.tools.call(message)
            case m.ToolCancel():
                self.tools.cancel(message)
            case m.SceneResync():
                self._link.send(self.world.snapshot())
            case m.TurnStateChanged():
                self.ducking.state(message)
            case _:
                self._replies.take(message)

    # ---- what the player does --------------------------------------------------------------------

    def say_typed(self, text: str) -> None:
        """Send a typed turn."""
        self._link.send(m.Say(text=text))

    def interrupt(self) -> None:
        """Press the button that stops the character."""
        self._link.send(m.Interrupt())

    def press(self) -> None:
        """Press the push-to-talk button."""
        self._button.press()

    def release(self) -> None:
        """Release the push-to-talk button."""
        self._button.release()

    def set_floor(self, mode: m.FloorMode, until_ms: float | None = None) -> None:
        """Say whether the character may speak and listen (feature `floor`)."""
        self._link.send(m.FloorSet(mode=mode, until_ms=until_ms))

    def hint(self, turn: int, hint: Literal["force", "hold", "cancel"]) -> None:
        """Say what the game knows of a turn's end (feature `turn_hint`)."""
        self._link.send(m.TurnHint(turn=turn, hint=hint))

    def report(
        self, reply: int | None = None, reason: m.ReportReason = "other", text: str = ""
    ) -> None:
        """Report what the character said or did."""
        self._link.send(m.Report(reply=reply, reason=reason, text=text))

    def send_event(self, event: m.SceneEvent) -> None:
        """Report an event of the game."""
        self._link.send(event)

    def patch(self, **changes: Any) -> None:
        """Change the world (see GameWorld.change) and send the patch."""
        self._send_patch(self.world.change(**changes))

    def pause(self, for_ms: float | None = None) -> None:
        """The game stands still, for at most `for_ms`."""
        self._game_pause.begin(for_ms)

    def unpause(self) -> None:
        """The game goes on."""
        self._game_pause.end()

    def _playing(self) -> tuple[int, int] | None:
        reply = self.speaking
        return None if reply is None else (reply.id, reply.playback.played)

    def _resumed(self, resumed: Resumed) -> None:
        self.log.add("resumed", resumed)

    def _send_frame(self, frame: Media) -> None:
        self._link.send_media(frame)
        self._mic_frame(frame)
        self.ducking.mic_frame(frame)

    def _send_patch(self, patch: m.ScenePatch) -> None:
        self._link.send(patch)
        self.log.add("world", patch)


def upgraded(link: ResumingLink, clock: Clock, options: PeerOptions) -> UpgradedLink:
    """The link with a peer connection; it needs the extra `webrtc`."""
    from frametalk.headless.upgraded import UpgradedLink

    return UpgradedLink(link, clock, options)
