"""Plays a scenario with the headless client and writes the transcript.

headless_player.py URL SCENARIO SOUNDS TRANSCRIPT
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from sounds import file_of

from frametalk.headless.clock import Clock
from frametalk.headless.log import LogEntry
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.reply import Reply
from frametalk.headless.scene import GameWorld
from frametalk.headless.tool_calls import Call
from frametalk.headless.worldfile import WorldFile
from frametalk.transports.websocket_client import connect
from frametalk.wire import messages as m

STEP_WITHIN_S = 30.0
SETTLE_S = 0.3
POLL_S = 0.005


class Transcript:
    """What happened, from the entries of the player's log."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.turns: dict[int, str] = {}
        self.calls: dict[int, Call] = {}
        self.begun: dict[int, m.ReplyBegin] = {}
        self.captions: dict[int, list[m.ReplyText]] = {}
        self.marks: dict[int, list[Any]] = {}
        self.idle = True

    def watch(self, entry: LogEntry) -> None:
        """Take an entry."""
        match entry.item:
            case m.Transcript(final=True) as transcript:
                self.turns[transcript.turn] = transcript.text
            case m.TurnStateChanged() as state:
                self.idle = state.state == "idle"
            case m.ReplyBegin() as begin:
                self.begun[begin.reply] = begin
                self._once(f"reply {begin.reply} begin")
            case m.ReplyText() as text:
                self.captions.setdefault(text.reply, []).append(text)
            case m.ReplyMarks() as marks:
                named = [mark for mark in marks.marks if mark.kind != "viseme"]
                self.marks.setdefault(marks.reply, []).extend(named)
            case Reply() as reply:
                self._progressed(reply)
            case Call() as call:
                self.calls[call.message.call] = call
                if call.ended_s is not None:
                    self._once(f"call {call.message.call} {call.state}")

    def _progressed(self, reply: Reply) -> None:
        if reply.playback.played > 0:
            self._once(f"reply {reply.id} sounding")
        if reply.done:
            self._once(f"reply {reply.id} ended")

    def _once(self, label: str) -> None:
        if label not in self.order:
            self.order.append(label)

    def heard_marks(self, reply: Reply, kinds: tuple[str, ...]) -> list[Any]:
        """The marks of these kinds whose first sample was heard."""
        marks = self.marks.get(reply.id, [])
        played = reply.playback.played
        return [mark for mark in marks if mark.kind in kinds and max(mark.at, 1) <= played]

    def written(self, player: Player, failure: str) -> dict[str, Any]:
        """As the transcript's JSON."""
        return {
            "client": "headless",
            "failure": failure,
            "turns": [{"turn": turn, "text": text} for turn, text in sorted(self.turns.items())],
            "replies": [self._reply(reply) for reply in player.replies.values()],
            "tools": [_tool(player, call) for _, call in sorted(self.calls.items())],
            "order": self.order,
        }

    def _reply(self, reply: Reply) -> dict[str, Any]:
        captions = self.captions.get(reply.id, [])
        return {
            "reply": reply.id,
            "turn": self.begun[reply.id].turn,
            "how": "finished" if reply.cut is None else reply.cut.reason,
            "sample": reply.playback.played,
            "captions": [c.text for c in captions if max(c.at, 1) <= reply.playback.played],
            "words": [mark.name for mark in self.heard_marks(reply, ("word",))],
            "gestures": [
                f"{mark.kind} {mark.name}"
                for mark in self.heard_marks(reply, ("gesture", "emotion", "gaze"))
            ],
        }


def _tool(player: Player, call: Call) -> dict[str, Any]:
    done = call.state == "done"
    args = call.message.args
    value = player.world.decide(call.message.name, args).value if done else None
    return {
        "call": call.message.call,
        "name": call.message.name,
        "args": args,
        "state": call.state,
        "reason": call.reason,
        "value": value,
    }


async def until(reached: Callable[[], bool], what: str) -> None:
    """Wait until it is reached. Raises TimeoutError."""
    deadline = time.monotonic() + STEP_WITHIN_S
    while not reached():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not end")
        await asyncio.sleep(POLL_S)


class Stage:
    """Carries out the steps."""

    def __init__(
        self,
        player: Player,
        transcript: Transcript,
        sounds: Path,
        cut: Callable[[], Awaitable[None]],
    ) -> None:
        self._player = player
        self._cut = cut
        self._transcript = transcript
        self._sounds = sounds

    async def play(self, steps: list[dict[str, Any]]) -> None:
        """Carry out every step. Raises TimeoutError."""
        await self._player.joined.wait()
        ended = 0
        for number, step in enumerate(steps, 1):
            ended += step.get("replies", 1)
            await self._begin(step)
            if "at_word" in step:
                await self._at_word(step)
            await until(lambda ended=ended: self._settled(ended), f"step {number}")  # type: ignore[misc]
            await asyncio.sleep(SETTLE_S)

    def _settled(self, ended: int) -> bool:
        done = sum(reply.done for reply in self._player.replies.values())
        calls = self._transcript.calls.values()
        return done >= ended and self._transcript.idle and all(call.ended_s for call in calls)

    async def _begin(self, step: dict[str, Any]) -> None:
        if "event" in step:
            self._player.send_event(m.SceneEvent(name=step["event"]))
        elif "say" in step:
            self._player.say_typed(step["say"])
        elif "speak" in step:
            self._speak(step["speak"])
        elif "press" in step:
            self._player.press()
            await self._speak(step["press"]).wait()
            self._player.release()

    async def _at_word(self, step: dict[str, Any]) -> None:
        before = max(self._player.replies, default=0)

        def reached() -> bool:
            newest = max(self._player.replies, default=0)
            if newest <= before:
                return False
            heard = self._transcript.heard_marks(self._player.replies[newest], ("word",))
            return len(heard) >= step["at_word"]

        await until(reached, f"word {step['at_word']}")
        then = step["then"]
        if "interrupt" in then:
            self._player.interrupt()
        if "speak" in then:
            self._speak(then["speak"])
        if "cut" in then:
            await self._cut()

    def _speak(self, line: str) -> asyncio.Event:
        with wave.open(str(self._sounds / file_of(line))) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return self._player.mic.play(samples).done


async def ask_for_cut() -> None:
    """Ask the program that runs this one to cut the connection."""
    print("CUT", flush=True)


async def play(
    url: str,
    world: WorldFile,
    steps: list[dict[str, Any]],
    sounds: Path,
    *,
    cut: Callable[[], Awaitable[None]] = ask_for_cut,
) -> dict[str, Any]:
    """Play the steps; returns the transcript. `cut` cuts the connection."""
    clock = Clock()
    transcript = Transcript()
    player = Player(
        await connect(url),
        GameWorld(world),
        clock,
        PlayerOptions(name="parity"),
        watch=transcript.watch,
        reopen=lambda: connect(url),
    )
    failure = ""
    async with asyncio.TaskGroup() as group:
        group.create_task(player.run())
        try:
            await Stage(player, transcript, sounds, cut).play(steps)
        except TimeoutError as late:
            failure = str(late)
        failure = "; ".join(filter(None, [failure, *player.violations]))
        await player.leave()
    return transcript.written(player, failure)


def main() -> int:
    """Play the scenario of the command line."""
    url, scenario_path, sounds, target = sys.argv[1], *map(Path, sys.argv[2:5])
    scenario = json.loads(scenario_path.read_text(encoding="utf-8"))
    world = msgspec.json.decode(
        (scenario_path.parent / scenario["world"]).read_bytes(), type=WorldFile
    )
    written = asyncio.run(play(url, world, scenario["steps"], sounds))
    target.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    return 1 if written["failure"] else 0


if __name__ == "__main__":
    sys.exit(main())
