"""What one session holds, whatever its client sends: counted in bytes that Python allocates."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from frametalk.adapters.asr.pocketsphinx.recogniser import PocketSphinxRecogniser
from frametalk.adapters.base import Bias
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import FrametalkSettings, ServerSettings
from frametalk.core.naming import MAX_NAME_CHARS
from frametalk.core.scene import MAX_AFFORDANCES, MAX_ALIASES, MAX_STATE_KEYS, Entity
from frametalk.core.tools import ToolSpec
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind
from player import DOOR, OPEN, Player, engines, playing

pytestmark = pytest.mark.looptime

MB = 1_000_000
MOST_MB = 20
HISTORY_MB = 5  # of the conversation, or of the scene's events: a megabyte, and the newest
ANY_RATE = FrametalkSettings(
    server=ServerSettings(messages_per_second=0, kb_per_second=0, scene_changes_per_second=0)
)
# What a message of 60 KB holds most of: each takes three bytes in it, and 64 in memory.
BULKY = ["ab"] * 20_000


@pytest.fixture(autouse=True)
def traced() -> Iterator[None]:
    """Python's allocations are counted."""
    tracemalloc.start()
    yield
    tracemalloc.stop()


def held_mb(player: Player) -> float:
    """What is allocated now, without what the player has seen."""
    player.seen.clear()
    gc.collect()
    return tracemalloc.get_traced_memory()[0] / MB


async def taken(player: Player, number: int) -> None:
    """All that was sent has been taken; what has come is forgotten."""
    player.link.send(m.Ping(id=number, t_us=0))
    await player.until(m.Pong, lambda pong: pong.id == number, within_s=600)
    assert player.error_codes == []
    player.seen.clear()


async def test_results_of_tools() -> None:
    mind = FixedMind("So.", tool={"name": "open", "args": {"target": "door"}})
    async with playing(engines(mind), ANY_RATE) as player:
        await player.enter()
        before_mb = held_mb(player)
        for _ in range(25):
            player.seen.clear()
            player.link.send(m.Say(text="open the door"))
            call = await player.until(m.ToolCall)
            player.link.send(m.ToolResult(call=call.call, ok=True, value=BULKY))
            await player.until(m.ReplyEnd)
            assert player.error_codes == []
        assert held_mb(player) - before_mb < HISTORY_MB


async def test_events_of_the_scene() -> None:
    async with playing(settings=ANY_RATE) as player:
        await player.enter()
        before_mb = held_mb(player)
        for number in range(16):
            player.link.send(m.SceneEvent(name="x", data={"a": BULKY}))
            await taken(player, number)
        assert held_mb(player) - before_mb < HISTORY_MB


async def test_frames_of_one_sample() -> None:
    frames = 10_000
    async with playing(settings=ANY_RATE) as player:
        await player.enter()
        before_mb = held_mb(player)
        for sample in range(frames):
            player.link.send_media(Media(MediaKind.PCM16, 1, sample, sample, bytes(2)))
            if sample % 500 == 499:
                await taken(player, sample)
        await taken(player, frames)
        assert held_mb(player) - before_mb < MOST_MB * frames / 140_000


def large(number: int, of: int) -> Entity:
    """A thing with as much text as a thing may have, in a script of four bytes a character."""
    words = [chr(0x10330 + number % 27) * 6 + f"{of} {number} {n}" for n in range(4)]
    return Entity(
        f"e{number}",
        f"thing {number} of {of}",
        aliases=tuple(" ".join((*words, str(alias))) for alias in range(MAX_ALIASES)),
        state={f"k{n}": "\U00010330" * 12 for n in range(MAX_STATE_KEYS)},
        affordances=tuple(f"a{n}" for n in range(MAX_AFFORDANCES)),
    )


async def test_scenes_of_the_largest_things() -> None:
    async with playing(settings=ANY_RATE) as player:
        await player.enter()
        before_mb, rev = held_mb(player), 1
        for of in range(2):
            for first in range(0, 510, 3):
                put = tuple(large(number, of) for number in range(first, first + 3))
                player.link.send(m.ScenePatch(base=rev, rev=rev + 1, put=put))
                rev += 1
                await taken(player, rev)
            player.link.send(m.Say(text="hello"))
            await player.until(m.ReplyEnd)
            assert held_mb(player) - before_mb < MOST_MB


async def test_names_that_come_and_go() -> None:
    async with playing(settings=ANY_RATE) as player:
        await player.enter()
        before_mb = held_mb(player)
        for rev in range(1, 600):
            put = (
                Entity("new", f"new thing {rev}", aliases=tuple(f"{rev} {n}" for n in range(16))),
            )
            player.link.send(m.ScenePatch(base=rev, rev=rev + 1, put=put))
            if rev % 100 == 0:
                await taken(player, rev)
        await taken(player, 600)
        assert held_mb(player) - before_mb < MOST_MB / 10


async def test_tools_and_their_words() -> None:
    async with playing(settings=ANY_RATE) as player:
        before_mb = held_mb(player)
        verbs = tuple(f"verb number {n}" for n in range(8))
        parameters = {"properties": {f"argument {n}": {"type": "string"} for n in range(16)}}
        tools = [ToolSpec(f"t{n}", parameters=parameters, verbs=verbs) for n in range(63)]
        await player.hello(tools=(OPEN, *tools))
        player.link.send(m.SceneSnapshot(rev=1, entities=(DOOR,)))
        await player.until(m.SceneAck)
        assert player.error_codes == []
        assert held_mb(player) - before_mb < MOST_MB


class Ready:
    """A worker that answers every request at once."""

    def open(self, *_request: Any, **_options: Any) -> Ready:
        return self

    async def result(self) -> None:
        """Nothing to answer."""


async def test_scenes_that_were_prepared() -> None:
    worker: Any = Ready()
    recogniser = PocketSphinxRecogniser()
    recogniser._worker = recogniser._writer = worker
    before_mb = tracemalloc.get_traced_memory()[0] / MB
    for scene in range(100):
        names = (f"{scene} {number}".ljust(MAX_NAME_CHARS, "\U00010330") for number in range(500))
        await recogniser.prepare(Bias(tuple(names)))
    gc.collect()
    assert tracemalloc.get_traced_memory()[0] / MB - before_mb < 1
