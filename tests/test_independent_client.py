"""A client that uses nothing of frametalk has a conversation with the real server."""

from __future__ import annotations

import asyncio
import sys
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import soundfile

from conftest import ROOT
from frametalk.app import serve
from frametalk.bench.server import free_port
from frametalk.config import AdapterSettings, FrametalkSettings, load
from frametalk.netlab.cuts import Cut, random_cuts
from frametalk.netlab.relay import relaying
from serving import serving, settings

pytestmark = pytest.mark.real

TALK = ROOT / "engine_clients" / "headless" / "talk.py"
STORY = "Long ago a king lost his golden crown in the lake behind the mill."


async def talk(*arguments: str, cuts: Callable[[], Cut] | None = None) -> tuple[int, str, str]:
    """Run the client with a server of its own; return its exit code and output.

    Its connections end as `cuts` say.
    """
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    settings = load(environment={}, flags=["server.port=0", "log.level=ERROR"])
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(settings, ready=port.set_result, stop=stop))
        async with relaying(await port, cuts) as (door, relay):
            client = await asyncio.create_subprocess_exec(
                sys.executable, str(TALK), f"ws://127.0.0.1:{door}/v1", *arguments,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            out, err = await client.communicate()
        assert cuts is None or relay.cut >= 3
        stop.set()
    return client.returncode or 0, out.decode(), err.decode()


async def test_a_typed_turn_is_acted_on_and_answered_aloud(tmp_path: Path) -> None:
    heard = tmp_path / "heard.wav"
    code, out, err = await talk("--say", "open the red door", "--out", str(heard))
    assert (code, err) == (0, "")
    assert "tool      open {'target': 'door'}" in out
    assert "The red door" in out
    with wave.open(str(heard), "rb") as recording:
        assert recording.getnframes() > recording.getframerate()


async def test_a_spoken_turn_is_understood_and_measured(speech: Path, tmp_path: Path) -> None:
    sound, rate_hz = soundfile.read(speech / "open_door.flac", dtype="int16")
    recording = tmp_path / "said.wav"
    silence = np.zeros(2 * rate_hz, np.int16)  # meanwhile a busy machine prepares the scene's words
    soundfile.write(recording, np.concatenate((silence, sound)), rate_hz, subtype="PCM_16")
    code, out, err = await talk("--wav", str(recording))
    assert (code, err) == (0, "")
    assert "you       open the door" in out
    assert "tool      open {'target': 'door'}" in out
    measured = next(line for line in out.splitlines() if line.startswith("trace"))
    assert float(measured.split()[1]) > 200


def sound_of(file: Path) -> bytes:
    with wave.open(str(file), "rb") as recording:
        return recording.readframes(recording.getnframes())


async def test_cut_again_and_again_it_says_hears_and_does_the_same(
    speech: Path, tmp_path: Path
) -> None:
    sound, rate_hz = soundfile.read(speech / "open_door.flac", dtype="int16")
    said, uncut, cut = (tmp_path / name for name in ("said.wav", "uncut.wav", "cut.wav"))
    silence = np.zeros(2 * rate_hz, np.int16)  # as above
    soundfile.write(said, np.concatenate((silence, sound)), rate_hz, subtype="PCM_16")
    before = await talk("--wav", str(said), "--out", str(uncut))
    after = await talk("--wav", str(said), "--out", str(cut), cuts=random_cuts(3, 0.3, 0.9))

    def lines(result: tuple[int, str, str]) -> list[str]:
        return [line for line in result[1].splitlines() if not line.startswith("trace")]

    assert (after[0], after[2]) == (0, "")
    assert lines(after) == lines(before)
    assert "you       open the door" in lines(after)
    assert sound_of(cut) == sound_of(uncut)


def told(**server: Any) -> FrametalkSettings:
    """Settings of a server that tells a story."""
    story = AdapterSettings(adapter="fixed", options={"text": STORY})
    return msgspec.structs.replace(settings(**server), llm=story)


@asynccontextmanager
async def hearing(url: str, heard: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A client that hears the story; it has begun."""
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-u", str(TALK), url, "--say", "tell me a story", "--out", str(heard),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert client.stdout is not None
    while not (await client.stdout.readline()).startswith(b"character"):
        assert client.returncode is None
    yield client


async def test_it_goes_where_its_server_sends_it_and_hears_the_reply_once(tmp_path: Path) -> None:
    file = {"handover_file": str(tmp_path / "sessions.db")}
    uncut, moved = (tmp_path / name for name in ("uncut.wav", "moved.wav"))
    async with AsyncExitStack() as stack:
        port = free_port()
        there = {"drain_ms": 60_000, "successor_url": f"ws://127.0.0.1:{port}"}
        first = await stack.enter_async_context(serving(told(**file, **there)))
        await stack.enter_async_context(serving(told(port=port, drain_ms=0, **file)))
        async with hearing(f"{first.url}/v1", uncut) as client:
            assert await client.wait() == 0
        async with hearing(f"{first.url}/v1", moved) as client:
            first.stop.set()
            _, err = await client.communicate()
            assert client.returncode == 0, err
        assert first.task.done()
    assert sound_of(moved) == sound_of(uncut)


async def test_it_learns_the_next_server_also_where_it_comes_back_to_one_that_stops(
    tmp_path: Path,
) -> None:
    file = {"handover_file": str(tmp_path / "sessions.db")}
    port = free_port()
    there = {"drain_ms": 60_000, "successor_url": f"ws://127.0.0.1:{port}"}
    async with (
        serving(told(**file, **there)) as first,
        serving(told(port=port, drain_ms=0, **file)),
        relaying(first.port) as (door, relay),
        hearing(f"ws://127.0.0.1:{door}/v1", tmp_path / "heard.wav") as client,
    ):
        relay.cuts = lambda: Cut(after_s=0)  # no connection
        await relay.close()
        first.stop.set()
        relay.cuts = None
        _, err = await client.communicate()
        assert client.returncode == 0, err
        assert b"server_busy: the server is stopping" in err
        assert first.task.done()
