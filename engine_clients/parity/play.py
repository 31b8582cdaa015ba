"""Plays a scenario with clients and compares what they write down with what the headless client wrote.

play.py SCENARIO [--cuts SEED] [--out FOLDER] NAME=COMMAND...

Each COMMAND is run with the arguments URL SCENARIO SOUNDS TRANSCRIPT, all at once and beside the
headless client, each in a session of its own behind a relay of its own. When it prints CUT, its
connection is cut. With `--cuts` the connections of all but the headless client are also cut every
0.5 to 3 s, and nothing may come of it. The transcripts stay in FOLDER. The last line is
`N passed, N failed`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shlex
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prepare import prepare

from frametalk.app import serve
from frametalk.config import FrametalkSettings, ServerSettings
from frametalk.netlab.cuts import random_cuts
from frametalk.netlab.relay import Cut, relaying

HERE = Path(__file__).resolve().parent
REFERENCE = "headless"
WITHIN_S = 180.0


def comparable(transcript: dict[str, Any]) -> dict[str, Any]:
    """What must be the same for every client.

    Where a voice interrupts a reply depends on when the recogniser is sure of the words, so the words
    that were heard until then are not compared. Replies are counted: the server gives a number to a draft
    that it discards too, and how many it makes depends on when partial texts came. The character speaks
    while a call is carried out, so which is first, the reply's sound or the call's end, depends on the
    machine: the order is compared once without calls and once without the beginnings of sound.
    """
    numbers = {reply["reply"]: count for count, reply in enumerate(transcript["replies"], 1)}
    replies = []
    for reply in transcript["replies"]:
        kept = {key: value for key, value in reply.items() if key != "sample"}
        kept["reply"] = numbers[reply["reply"]]
        if reply["how"] == "interrupted":
            kept.pop("words")
            kept.pop("captions")
            kept.pop("gestures")
        replies.append(kept)
    events = [_counted(event, numbers) for event in transcript["order"]]
    order = {
        "without calls": [event for event in events if not event.startswith("call ")],
        "without sound": [event for event in events if not event.endswith(" sounding")],
    }
    return {
        **{key: transcript[key] for key in ("turns", "tools")},
        "order": order,
        "replies": replies,
    }


def _counted(event: str, numbers: dict[int, int]) -> str:
    """An event of the order; that of a reply with its count in place of its number."""
    kind, number, what = event.split(" ", 2)
    if kind == "reply":
        number = str(numbers.get(int(number), number))
    return f"{kind} {number} {what}"


def differences(expected: Any, found: Any, where: str = "") -> list[str]:
    """Where two transcripts differ, for people."""
    if isinstance(expected, dict) and isinstance(found, dict):
        keys = [*expected, *(key for key in found if key not in expected)]
        return [
            d
            for key in keys
            for d in differences(expected.get(key), found.get(key), f"{where}.{key}")
        ]
    if isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            return [f"{where}: expected {expected}, found {found}"]
        pairs = enumerate(zip(expected, found, strict=True))
        return [d for i, (a, b) in pairs for d in differences(a, b, f"{where}[{i}]")]
    return [] if expected == found else [f"{where}: expected {expected!r}, found {found!r}"]


async def run_client(
    command: str, port: int, files: tuple[Path, Path, Path], cuts: Callable[[], Cut] | None
) -> str:
    """Run one client to its end; returns its exit status and last line.

    `files`: scenario, sounds and transcript.
    """
    async with relaying(port, cuts) as (relay_port, relay):
        arguments = [f"ws://127.0.0.1:{relay_port}", *map(str, files)]
        process = await asyncio.create_subprocess_exec(
            *shlex.split(command), *arguments, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None  # noqa: S101  (for the type checker: it is a pipe)
        said = ""
        async for line in process.stdout:
            said = line.decode(errors="replace").strip()
            if said == "CUT":
                await relay.close()
        code = await process.wait()
    return f"exit status {code}: {said}"


async def play(arguments: argparse.Namespace, folder: Path) -> int:
    """Play every client; returns how many failed."""
    scenario = prepare(arguments.scenario, folder)
    stop = asyncio.Event()
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    settings = FrametalkSettings(server=ServerSettings(port=0))
    clients = dict(client.split("=", 1) for client in arguments.client)
    clients[REFERENCE] = f"{sys.executable} {HERE / 'headless_player.py'}"
    targets = {name: folder / f"{name}.json" for name in clients}
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(settings, ready=port.set_result, stop=stop))
        async with asyncio.timeout(WITHIN_S):
            runs = [
                run_client(
                    command,
                    await port,
                    (scenario, folder / "sounds", targets[name]),
                    _cuts(arguments.cuts) if name != REFERENCE else None,
                )
                for name, command in clients.items()
            ]
            ends = dict(zip(clients, await asyncio.gather(*runs), strict=True))
        stop.set()
    if not targets[REFERENCE].exists():
        raise SystemExit(f"FAIL the headless client: {ends[REFERENCE]}")
    expected = comparable(json.loads(targets[REFERENCE].read_text(encoding="utf-8")))
    return sum(_report(name, ends[name], expected, targets[name]) for name in clients)


def _cuts(seed: int | None) -> Callable[[], Cut] | None:
    return None if seed is None else random_cuts(seed, 0.5, 3.0)


def _report(name: str, end: str, expected: dict[str, Any], target: Path) -> bool:
    found = [f"it wrote no transcript ({end})"]
    if target.exists():
        transcript = json.loads(target.read_text(encoding="utf-8"))
        found = [transcript["failure"]] if transcript["failure"] else []
        found += differences(expected, comparable(transcript))
    for difference in found:
        print(f"FAIL parity of {name}: {difference}")
    if not found:
        print(f"ok parity of {name}")
    return bool(found)


def main() -> int:
    """Play the scenario of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenario", type=Path)
    parser.add_argument("client", nargs="*", metavar="NAME=COMMAND")
    parser.add_argument("--cuts", type=int, metavar="SEED")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_intermixed_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (arguments.out or Path(temporary)).resolve()
        failed = asyncio.run(play(arguments, folder))
    count = len(arguments.client) + 1
    print(f"{count - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
