"""The bridge between a caller of plain sound and frametalk's wire (latency_tests/referee)."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from importlib import import_module
from itertools import count
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from conftest import ROOT
from frametalk.headless.playback import Playback
from frametalk.headless.reply import Reply
from frametalk.wire import messages as m
from serving import serving

RATE_HZ = 16_000
FRAME = RATE_HZ // 50
CLEAR = '{"type": "clear"}'


@pytest.fixture(scope="module")
def bridge() -> Any:
    sys.path.append(str(ROOT / "latency_tests" / "referee"))
    try:
        return import_module("bridge")
    finally:
        sys.path.pop()


def playing(frames: int) -> tuple[Reply, Playback]:
    """A reply of a constant level that began to play at 0 s."""
    reply = Reply(m.ReplyBegin(reply=1, turn=1, stream=1, rate_hz=RATE_HZ), 0.0)
    reply.playback.feed(0.0, np.full(frames * FRAME, 8_000, "<i2"))
    return reply, reply.playback


def levels(messages: list[str | bytes]) -> list[str | tuple[int, int]]:
    """Messages, with the length and the level of each piece of sound."""
    return [
        each if isinstance(each, str) else (len(each) // 2, int(np.frombuffer(each, "<i2")[0]))
        for each in messages
    ]


def test_sound_goes_on_as_soon_as_the_player_plays(bridge: Any) -> None:
    reply, playback = playing(frames=1)
    loudspeaker = bridge.Loudspeaker(RATE_HZ)
    assert loudspeaker.news(reply) == []  # too little to begin with
    playback.feed(0.02, np.full(FRAME, 8_000, "<i2"))
    assert levels(loudspeaker.news(reply)) == [(2 * FRAME, 8_000)]
    assert loudspeaker.news(reply) == []
    playback.feed(0.03, np.full(FRAME, 8_000, "<i2"))
    assert levels(loudspeaker.news(reply)) == [(FRAME, 8_000)]


def test_a_change_of_volume_is_heard_from_where_the_player_is(bridge: Any) -> None:
    reply, playback = playing(frames=10)
    loudspeaker = bridge.Loudspeaker(RATE_HZ)
    loudspeaker.news(reply)
    playback.lower(0.06, "local")
    assert levels(loudspeaker.news(reply)) == [CLEAR, (7 * FRAME, 2_010)]
    playback.pause(0.1)
    assert levels(loudspeaker.news(reply)) == [CLEAR]
    playback.feed(0.3, np.full(FRAME, 8_000, "<i2"))
    assert loudspeaker.news(reply) == []
    playback.resume(0.4)
    assert levels(loudspeaker.news(reply)) == [CLEAR, (6 * FRAME, 8_000)]


def test_after_a_cut_nothing_is_heard(bridge: Any) -> None:
    reply, playback = playing(frames=10)
    loudspeaker = bridge.Loudspeaker(RATE_HZ)
    loudspeaker.news(reply)
    playback.cut(0.06)
    assert loudspeaker.news(None) == [CLEAR]  # the player has nothing to play any more
    assert loudspeaker.news(None) == []


async def speak(caller: ClientConnection) -> None:
    """Say something loud for half a second now and then, at a microphone's pace."""
    loud = (8_000 * np.sin(np.arange(FRAME) * 0.3)).astype("<i2").tobytes()
    with suppress(ConnectionClosed):
        for frame in count():
            await caller.send(loud if frame % 250 < 25 else bytes(len(loud)))
            await asyncio.sleep(0.02)


async def listen(caller: ClientConnection) -> list[str]:
    """The texts until a text and audible sound have come; then hang up."""
    texts: list[str] = []
    audible = False
    async for message in caller:
        if isinstance(message, bytes):
            audible = audible or bool(np.any(np.frombuffer(message, "<i2")))
        elif "text" in (said := json.loads(message)):
            texts.append(said["text"])
        if audible and texts:
            break
    await caller.close()
    return texts


@pytest.mark.real
async def test_a_caller_is_understood_and_hears_the_reply(bridge: Any) -> None:
    async with (
        asyncio.timeout(300),
        serving() as server,
        await bridge.bridge(server.url, 0, RATE_HZ) as bridged,
        connect(f"ws://127.0.0.1:{bridged.sockets[0].getsockname()[1]}") as caller,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(speak(caller))
        texts = group.create_task(listen(caller))
    assert texts.result()[0] == "open the door"
