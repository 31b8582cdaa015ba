"""Plays the Unity layer's conversations with a server of its own, one after another.

    python play.py "mono --debug unity_live.exe" 90 72:short 120:short

A number is the game's frame rate: a whole conversation by voice; with `:short` a few typed turns. The
last line is `N passed, N failed`.
"""

from __future__ import annotations

import asyncio
import re
import shlex
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

import soundfile

from frametalk.app import serve
from frametalk.config import load
from frametalk.netlab.relay import relaying

SPEECH = files("frametalk") / "data" / "speech"
SAID = ("open_door_bring_key", "open_chest", "unlock_chest")


def write_sounds(folder: Path) -> None:
    """What the player says, as PCM16 of 16 kHz without a header."""
    for name in SAID:
        with (SPEECH / f"{name}.flac").open("rb") as file:
            sound, _ = soundfile.read(file, dtype="int16")
        (folder / f"{name}.pcm").write_bytes(sound.tobytes())


async def play(command: list[str], port: int, folder: Path, games: list[str]) -> tuple[int, int]:
    """Play all games one after another. Returns how many checks passed, and how many failed."""
    passed = failed = 0
    for game in games:
        said = await play_one(command, port, folder, game)
        count = re.search(r"(\d+) passed, (\d+) failed\s*$", said)
        passed += int(count[1]) if count else 0
        failed += int(count[2]) if count else 1
    return passed, failed


async def play_one(command: list[str], port: int, folder: Path, game: str) -> str:
    """Play a game behind a relay, which is cut when the game prints CUT. Returns what it printed."""
    said = ""
    async with relaying(port) as (relay_port, relay):
        url = f"ws://127.0.0.1:{relay_port}"
        process = await asyncio.create_subprocess_exec(
            *command, url, str(folder), *game.split(":"), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None  # noqa: S101  (for the type checker: it is a pipe)
        async for line in process.stdout:
            if line.strip() == b"CUT":
                await relay.close()
            said += line.decode()
        await process.wait()
    sys.stdout.write(said)
    return said


async def main(command: str, games: list[str]) -> int:
    """Start a server, and play."""
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    settings = load(environment={}, flags=["server.port=0", "log.level=ERROR"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sounds(folder)
        async with asyncio.TaskGroup() as group:
            group.create_task(serve(settings, ready=ready.set_result, stop=stop))
            passed, failed = await play(shlex.split(command), await ready, folder, games)
            stop.set()
    sys.stdout.write(f"{passed} passed, {failed} failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1], sys.argv[2:])))
