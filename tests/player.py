"""A player for tests: drives one end of a memory link on virtual time and records what came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from frametalk.adapters.asr.fixed import FixedRecogniser
from frametalk.adapters.base import Mind, MindRequest
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.adapters.vad.energy import EnergyVad
from frametalk.config import FrametalkSettings
from frametalk.core.audio import RECOGNITION_RATE_HZ, Samples
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolSpec
from frametalk.engines import Engines
from frametalk.metrics import Metrics
from frametalk.session import Session
from frametalk.session_state import Books
from frametalk.transports.link import Link, LinkClosed
from frametalk.transports.memory import memory_pair
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind

RATE_HZ = RECOGNITION_RATE_HZ
FRAME = 320
REPLY_RATE_HZ = 22_050

DOOR = Entity("door", "red door", "door", ("door",), state={"open": False}, affordances=("open",))
OPEN = ToolSpec(
    "open",
    parameters={
        "type": "object",
        "properties": {"target": {"type": "string", "x-entity": True}},
        "required": ["target"],
    },
    deadline_ms=1_000,
    verbs=("open",),
)

_T = TypeVar("_T")


@dataclass
class Player:
    """The client's side. It sends what a test says, also what a real client never would.

    `plays` False: it never reports playback.
    """

    link: Link
    session: Session | None = None  # None: the session runs in a server
    plays: bool = True
    seen: list[Any] = field(default_factory=list)
    heard: dict[int, int] = field(default_factory=dict)  # stream -> samples that came
    mic_sample: int = 0
    mic_frame_ms: int = 20
    devices_ms: tuple[float | None, float | None] = (None, None)  # latencies of input and output
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _streams: dict[int, int] = field(default_factory=dict)  # stream -> reply
    _began: dict[int, int] = field(default_factory=dict)  # reply -> client's us of its first sample
    _ends: dict[int, int] = field(
        default_factory=dict
    )  # reply -> client's us of the end of its sound
    _underruns: dict[int, int] = field(default_factory=dict)

    async def run(self) -> None:
        """Receive until the link closes; report sound when it comes."""
        while True:
            try:
                item = await self.link.receive()
            except LinkClosed as closed:
                self.seen.append(closed)
                self._news.set()
                return
            self._take(item)
            self._news.set()

    def _take(self, item: Any) -> None:
        self.seen.append(item)
        if isinstance(item, Media):
            reply = self._streams[item.stream]
            self._play(reply, item.sample + len(item.payload) // 2)
            self.report(reply)
        elif isinstance(item, m.ReplyBegin):
            self._streams[item.stream], self.heard[item.reply] = item.reply, 0
        elif isinstance(item, m.ReplyEnd):
            self.report(item.reply, done=True)

    def _play(self, reply: int, end: int) -> None:
        """Sound came, up to sample `end`: it is played behind what came before it."""
        now_us = self.now_us()
        self._began.setdefault(reply, now_us)
        free_us = self._ends.get(reply, now_us)
        if free_us < now_us:
            self._underruns[reply] = self._underruns.get(reply, 0) + 1
        begins_us = max(free_us, now_us)
        length_us = round((end - self.heard[reply]) / REPLY_RATE_HZ * 1e6)
        self._ends[reply], self.heard[reply] = begins_us + length_us, end

    def report(self, reply: int, *, done: bool = False) -> None:
        """Send `played` for all sound that came, with the time at which it will have been heard."""
        if not self.plays:
            return
        now_us, sample = self.now_us(), self.heard[reply]
        began_us = self._began.setdefault(reply, now_us)
        at_us = self._ends.get(reply, now_us)
        self.link.send(
            m.Played(
                input_ms=self.devices_ms[0],
                output_ms=self.devices_ms[1],
                reply=reply,
                sample=sample,
                t_us=at_us,
                mic_sample=max(0, self.mic_sample + (at_us - now_us) * RATE_HZ // 1_000_000),
                arrived_us=began_us,
                underruns=self._underruns.get(reply, 0),
                done=done,
            )
        )

    def now_us(self) -> int:
        """The client's clock, which differs from the server's."""
        return int(asyncio.get_running_loop().time() * 1e6) + 7_000_000

    async def hello(self, **fields: Any) -> m.Welcome:
        """Send hello and wait for the welcome."""
        self.link.send(m.Hello(protocol=1, **fields))
        return await self.until(m.Welcome)

    async def enter(self, *entities: Entity, **hello: Any) -> None:
        """Send hello and the scene, and open the microphone."""
        await self.hello(**{"tools": (OPEN,), **hello})
        self.link.send(m.SceneSnapshot(rev=1, entities=entities or (DOOR,)))
        self.link.send(m.MicStart(stream=1, rate_hz=RATE_HZ))
        await self.until(m.SceneAck)

    async def sound(self, ms: int, *, loud: bool, stream: int = 1) -> None:
        """Send microphone sound in frames, in real time."""
        tone = np.tile((8000 * np.sin(np.arange(FRAME) * 0.3)).astype(np.int16), ms // 20)
        await self.record(tone if loud else np.zeros(ms // 20 * FRAME, np.int16), stream)

    async def record(self, sound: Samples, stream: int = 1) -> None:
        """Send this sound as `sound` does."""
        size = FRAME * self.mic_frame_ms // 20
        for at in range(0, len(sound), size):
            seq, payload = self.mic_sample // size, sound[at : at + size].tobytes()
            frame = Media(MediaKind.PCM16, stream, seq, self.mic_sample, payload)
            self.link.send_media(frame)
            self.mic_sample += len(payload) // 2
            await asyncio.sleep(len(payload) / 2 / RATE_HZ)

    async def speak(self, ms: int = 400) -> None:
        """Speak, then stay silent until the turn has ended."""
        await self.sound(ms, loud=True)
        await self.sound(700, loud=False)

    async def until(
        self, kind: type[_T], test: Callable[[Any], bool] = lambda _item: True, within_s: float = 20
    ) -> _T:
        """The first item of this kind that passes the test, past or future."""
        async with asyncio.timeout(within_s):
            while True:
                for item in self.seen:
                    if isinstance(item, kind) and test(item):
                        return item
                self._news.clear()
                await self._news.wait()

    def of(self, kind: type[_T]) -> list[_T]:
        """All items of this kind that came."""
        return [item for item in self.seen if isinstance(item, kind)]

    @property
    def error_codes(self) -> list[str]:
        """The codes of all errors that came."""
        return [error.code for error in self.of(m.Error)]


class RecordedMind(FixedMind):
    """Keeps what it was asked; `tool` is asked for in its first step."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.requests: list[MindRequest] = []

    def think(self, request: MindRequest):  # type: ignore[no-untyped-def]
        self.requests.append(request)
        return super().think(request)


def engines(
    mind: Mind | None = None, texts: list[str] | None = None, finalize_ms: float = 0, **voice: Any
) -> Engines:
    """Engines of fixed content and cost."""
    return Engines(
        vad=EnergyVad(),
        asr=FixedRecogniser(texts or ["open the door"], finalize_ms),
        llm=mind or FixedMind("Very well, friend. The door is open."),
        tts=FixedVoice(**voice),
    )


@asynccontextmanager
async def playing(
    with_engines: Engines | None = None,
    settings: FrametalkSettings | None = None,
    beside: str = "",
    metrics: Metrics | None = None,
    books: Books | None = None,
) -> AsyncIterator[Player]:
    """A session and its player; both have ended, and no task is left, when the block ends.

    `beside`: the name of tasks that belong to something else on the same loop.
    """
    before = asyncio.all_tasks()
    server_link, client_link = memory_pair()
    session = Session(
        server_link,
        with_engines or engines(),
        settings or FrametalkSettings(),
        session_id="test",
        metrics=metrics or Metrics(),
        now=asyncio.get_running_loop().time,
        books=books,
    )
    player = Player(client_link, session)
    async with asyncio.TaskGroup() as group:
        group.create_task(session.run())
        group.create_task(player.run())
        yield player
        await client_link.close()
    left = {task for task in asyncio.all_tasks() - before if task.get_name() != beside}
    assert not left, left
