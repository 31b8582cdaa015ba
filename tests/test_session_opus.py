"""Sessions whose sound is Opus, with the headless client: both ways, also over connections that break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from frametalk.adapters.base import (
    Mind,
    MindEvent,
    MindRequest,
    SpeechChunk,
    SpeechRequest,
    TextDelta,
)
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.admission import open_entrance
from frametalk.config import FrametalkSettings
from frametalk.core.dialogue import CharacterSaid
from frametalk.core.marks import Mark
from frametalk.engines import Engines
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.reply import Reply
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world
from frametalk.metrics import Metrics
from frametalk.session import Session
from frametalk.transports.memory import MemoryLink, memory_pair
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind
from frametalk.wire.opus import PRE_SKIP, RATE_HZ
from home import break_link
from limits import SOON_S
from opus_sounds import a_voice
from player import engines, playing

pytestmark = pytest.mark.looptime

TEXT = "Very well, friend. The door is open."
Sound = npt.NDArray[np.int16]


class Melody(FixedVoice):
    """Speaks with a voice that is like itself at one delay only. `clauses`: their sound at 48 kHz."""

    def __init__(self) -> None:
        super().__init__(rate_hz=RATE_HZ)
        self.clauses: list[Sound] = []

    async def speak(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        sound = a_voice(2)[: 41 * RATE_HZ * len(request.text) // 1_000]
        self.clauses.append(sound)
        word = Mark("word", 0, len(sound), request.text.rstrip(" .,"))
        yield SpeechChunk(sound.tobytes(), (Mark("viseme", 0, len(sound), "aa"), word))


class SpeaksThenActs(FixedMind):
    """Says a sentence before its call."""

    async def think(self, request: MindRequest) -> AsyncGenerator[MindEvent, None]:
        if request.step == 0:
            yield TextDelta("Look, I open it now.")
        async for event in super().think(request):
            yield event


@dataclass
class Table:
    """A server and the headless client at it. `heard`: what the server's microphone got."""

    player: Player
    sessions: list[Session]
    links: list[MemoryLink]
    heard: list[Media] = field(default_factory=list)
    wire: list[Media] = field(default_factory=list)

    @property
    def session(self) -> Session:
        return self.sessions[0]

    def break_link(self) -> None:
        break_link(self.links[-1])

    async def said_or_cut(self, count: int = 1) -> None:
        """Wait until so many replies have ended."""

        def done() -> bool | None:
            replies = self.player.replies.values()
            ended = len(replies) == count and all(reply.done for reply in replies)
            return True if ended else None

        assert await self.player.log.wait_for(done, self.player.log._clock.now_s() + 30)

    def said(self) -> list[str]:
        talk = self.session.conversation
        assert talk is not None
        return [entry.text for entry in talk.dialogue.history() if isinstance(entry, CharacterSaid)]


@asynccontextmanager
async def talking(
    voice: FixedVoice | None = None, mind: Mind | None = None, **options: Any
) -> AsyncIterator[Table]:
    """A conversation in Opus."""
    loop, settings = asyncio.get_running_loop(), FrametalkSettings()
    base = engines(mind or FixedMind(TEXT))
    served = Engines(vad=base.vad, asr=base.asr, llm=base.llm, tts=voice or base.tts)
    entrance: Any = open_entrance(settings.server)
    sessions: list[Session] = []
    links: list[MemoryLink] = []
    clock = Clock(loop.time)

    async with asyncio.TaskGroup() as group:

        async def connect() -> MemoryLink:
            server, client = memory_pair()
            watched = client.receive

            async def receive() -> Any:
                item = await watched()
                if isinstance(item, Media):
                    table.wire.append(item)
                return item

            client.receive = receive  # type: ignore[method-assign]
            session = Session(
                server,
                served,
                settings,
                session_id=f"s{len(sessions)}",
                metrics=Metrics(),
                now=loop.time,
                entrance=entrance,
            )
            sessions.append(session)
            links.append(client)
            group.create_task(session.run())
            return client

        player = Player(
            await connect(),
            GameWorld(load_world("tavern")),
            clock,
            PlayerOptions(**{"codec": "opus", **options}),
            reopen=connect,
        )
        table = Table(player, sessions, links)
        running = group.create_task(player.run())
        await player.joined.wait()
        talk = table.session.conversation
        assert talk is not None
        feed = talk.microphone.feed

        def record(frame: Media) -> None:
            table.heard.append(frame)
            feed(frame)

        talk.microphone.feed = record  # type: ignore[method-assign]
        yield table
        assert player.violations == []
        await player.leave()
        await running
        for session in sessions:
            await session.close(1001, "the test is over")


def delay_of(sound: Sound, original: Sound) -> int:
    """By how many samples `sound` is later than `original`, within 10 ms."""
    edge, like = 480, original.astype(float)[480:-480]
    shifts = range(-edge, edge + 1)
    likeness = [like @ sound[edge + d : edge + d + len(like)].astype(float) for d in shifts]
    return shifts[int(np.argmax(likeness))]


def played(reply: Reply) -> Sound:
    """All of a reply's sound that left the speaker."""
    return reply.playback.pcm.read(0, reply.playback.played)


# ---- down ----------------------------------------------------------------------------------------


async def test_a_reply_comes_in_opus_and_its_marks_are_where_its_sound_is() -> None:
    voice = Melody()
    async with talking(voice, mic="ptt") as table:
        table.player.say_typed("hello")
        await table.said_or_cut()
        (reply,) = table.player.replies.values()
        begin = reply.begin
        assert (begin.codec, begin.rate_hz) == ("opus", RATE_HZ)
        assert {frame.kind for frame in table.wire} == {MediaKind.OPUS}
        assert len(voice.clauses) == 2
        sound = played(reply)
        for text, viseme, clause in zip(reply.texts, reply.visemes, voice.clauses, strict=True):
            assert text.at == viseme.at
            came = sound[viseme.at : viseme.at + len(clause)]
            assert abs(delay_of(came, clause)) <= 4  # 0.08 ms


async def test_a_reply_in_opus_needs_a_tenth_of_the_bytes() -> None:
    async with talking(Melody(), mic="ptt") as table:
        table.player.say_typed("hello")
        await table.said_or_cut()
        (reply,) = table.player.replies.values()
        bits = 8 * sum(len(frame.payload) for frame in table.wire)
        assert bits / (reply.playback.played / RATE_HZ) < 30_000


async def test_all_of_a_reply_is_heard_and_remembered() -> None:
    async with talking(Melody(), mic="ptt") as table:
        table.player.say_typed("hello")
        await table.said_or_cut()
        (reply,) = table.player.replies.values()
        assert reply.playback.played == reply.playback.available
        assert reply.playback.underruns == 0
        assert reply.heard_text == TEXT
        assert table.said() == [TEXT]


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000])
async def test_any_voice_can_be_sent(rate_hz: int) -> None:
    async with talking(FixedVoice(rate_hz=rate_hz), mic="ptt") as table:
        table.player.say_typed("hello")
        await table.said_or_cut()
        assert table.said() == [TEXT]


async def test_a_tool_is_called_after_the_words_before_it_were_heard() -> None:
    mind = SpeaksThenActs(TEXT, tool={"name": "open", "args": {"target": "door"}})
    async with talking(Melody(), mind, mic="ptt") as table:
        table.player.say_typed("open the door")
        await table.said_or_cut()
        (call,) = table.player.tools.calls.values()
        assert call.message.at > 0
        assert call.state == "done", "a call at a sample that never comes would time out"


async def test_an_interrupted_reply_ends_and_the_next_one_is_whole() -> None:
    async with talking(Melody(), mic="ptt") as table:
        table.player.say_typed("hello")
        await table.player.log.wait_for(lambda: True if table.wire else None, SOON_S)
        await asyncio.sleep(0.5)
        table.player.interrupt()
        await table.said_or_cut()
        table.player.say_typed("hello")
        await table.said_or_cut(2)
        first, second = table.player.replies.values()
        assert first.playback.was_cut
        assert second.heard_text == TEXT


# ---- up ------------------------------------------------------------------------------------------


async def test_the_microphone_is_heard_where_it_was_captured() -> None:
    async with talking() as table:
        spoken = a_voice(2)[:: RATE_HZ // 16_000]  # what is played is at 16 kHz
        sound = table.player.mic.play(spoken, at_s=table.player.log._clock.now_s() + 0.1)
        await sound.done.wait()
        await asyncio.sleep(0.1)
        heard = np.frombuffer(b"".join(frame.payload for frame in table.heard), "<i2")
        assert [frame.sample for frame in table.heard[1:]] == [
            960 * n - PRE_SKIP for n in range(1, len(table.heard))
        ]
        original = sound.samples[: len(heard) - sound.start - 480]
        assert abs(delay_of(heard[sound.start :], original)) <= 8


async def test_a_spoken_turn_is_answered() -> None:
    async with talking() as table:
        voice = (8_000 * np.sin(np.arange(6_400) * 0.3)).astype(np.int16)
        await table.player.mic.play(voice).done.wait()
        transcript = await table.player.log.wait_for(
            lambda: next(
                (
                    entry.item
                    for entry in table.player.log.entries
                    if isinstance(entry.item, m.Transcript) and entry.item.final
                ),
                None,
            ),
            table.player.log._clock.now_s() + 5,
        )
        assert transcript is not None
        await table.said_or_cut()
        assert table.said() == [TEXT]


# ---- connections that break ----------------------------------------------------------------------


async def conversation(cuts: list[float]) -> tuple[Sound, list[Media]]:
    """What was heard on both sides of a conversation that is cut at these seconds."""
    async with talking(Melody()) as table:
        table.player.mic.background = lambda first, end: (
            np.random.default_rng(first).integers(-90, 90, end - first).astype(float)
        )
        table.player.say_typed("hello")
        for wait in cuts:
            await asyncio.sleep(wait)
            table.break_link()
        await table.said_or_cut()
        await asyncio.sleep(0.5)
        (reply,) = table.player.replies.values()
        assert reply.playback.played == reply.playback.available
        assert len(table.links) == 1 + len(cuts)
        return played(reply), table.heard


async def test_nothing_is_lost_or_changed_by_breaks() -> None:
    whole_reply, whole_mic = await conversation([])
    reply, mic = await conversation([0.3, 0.21, 0.17, 0.4, 0.05])
    np.testing.assert_array_equal(reply, whole_reply)
    samples = [frame.sample for frame in mic]
    assert samples == [0, *(960 * n - PRE_SKIP for n in range(1, len(mic)))]
    for frame, same in zip(mic, whole_mic, strict=False):
        assert frame.payload == same.payload, f"sample {frame.sample}"


# ---- what clients do wrong -----------------------------------------------------------------------


async def test_garbage_is_reported_and_the_session_goes_on() -> None:
    async with talking() as table:
        await asyncio.sleep(0.5)
        link, before = table.links[-1], len(table.heard)
        send = link.send_media
        broken = iter(range(20))

        def spoil(frame: Media) -> None:
            payload = b"\xff\xff" if next(broken, None) is not None else frame.payload
            send(Media(frame.kind, frame.stream, frame.seq, frame.sample, payload, frame.flags))

        link.send_media = spoil  # type: ignore[method-assign]
        await asyncio.sleep(1)
        codes = [e.item.code for e in table.player.log.entries if isinstance(e.item, m.Error)]
        assert codes == ["media_undecodable"] * 20
        heard = table.heard[before:]
        ends = [frame.sample + len(frame.payload) // 2 for frame in heard]
        assert [frame.sample for frame in heard[1:]] == ends[:-1], "the clock stays true"
        table.player.say_typed("hello")
        await table.said_or_cut()
        assert table.said() == [TEXT]


@pytest.mark.parametrize(
    ("features", "rate_hz", "code"), [((), 48_000, "mic_codec"), (("opus",), 16_000, "mic_rate")]
)
async def test_a_stream_of_opus_needs_the_feature_and_its_rate(
    features: tuple[str, ...], rate_hz: int, code: str
) -> None:
    async with playing() as player:
        await player.hello(features=features)
        player.link.send(m.MicStart(stream=1, rate_hz=rate_hz, codec="opus"))
        assert (await player.until(m.Error)).code == code
