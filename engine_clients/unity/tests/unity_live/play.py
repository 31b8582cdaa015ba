"""Plays the Unity layer's conversations with a server of its own, at the frame rates of headsets.

    python play.py unity_live.exe [URL]

One whole conversation by voice at 90 frames a second, and a short one at 72 and at 120. The last line is
`N passed, N failed`. With URL the server there is used.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

import soundfile

from frametalk.app import serve
from frametalk.config import load

SPEECH = files("frametalk") / "data" / "speech"
SAID = ("open_door_bring_key", "open_chest", "unlock_chest")
GAMES = (("90",), ("72", "short"), ("120", "short"))


def write_sounds(folder: Path) -> None:
    """What the player says, as PCM16 of 16 kHz without a header."""
    for name in SAID:
        with (SPEECH / f"{name}.flac").open("rb") as file:
            sound, _ = soundfile.read(file, dtype="int16")
        (folder / f"{name}.pcm").write_bytes(sound.tobytes())


async def play(program: str, url: str, folder: Path) -> tuple[int, int]:
    """Play all games one after another. Returns how many checks passed, and how many failed."""
    passed = failed = 0
    for game in GAMES:
        process = await asyncio.create_subprocess_exec(
            "mono", "--debug", program, url, str(folder), *game, stdout=asyncio.subprocess.PIPE
        )
        out = (await process.communicate())[0].decode()
        sys.stdout.write(out)
        count = re.search(r"(\d+) passed, (\d+) failed\s*$", out)
        passed += int(count[1]) if count else 0
        failed += int(count[2]) if count else 1
    return passed, failed


async def main(program: str, url: str | None) -> int:
    """Start a server unless there is one, and play."""
    stop = asyncio.Event()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sounds(folder)
        async with asyncio.TaskGroup() as group:
            if url is None:
                ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
                settings = load(environment={}, flags=["server.port=0", "log.level=ERROR"])
                group.create_task(serve(settings, ready=ready.set_result, stop=stop))
                url = f"ws://127.0.0.1:{await ready}"
            passed, failed = await play(program, url, folder)
            stop.set()
    sys.stdout.write(f"{passed} passed, {failed} failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1], next(iter(sys.argv[2:]), None))))
