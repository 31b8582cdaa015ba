"""A client that uses nothing of frametalk has a conversation with the real server."""

from __future__ import annotations

import asyncio
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from conftest import ROOT
from frametalk.app import serve
from frametalk.config import load
from frametalk.netlab.cuts import Cut, random_cuts
from frametalk.netlab.relay import relaying

pytestmark = pytest.mark.real

TALK = ROOT / "engine_clients" / "headless" / "talk.py"


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
