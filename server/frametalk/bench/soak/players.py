"""Players who talk for minutes: `python -m frametalk.bench.soak.players URL COUNT SECONDS`.

They run in a process of their own, print a line of progress (JSON) every 10 s, and a last one.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import msgspec

from frametalk.errors import FrametalkError
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.resuming import Resumed
from frametalk.headless.scene import GameWorld
from frametalk.headless.speech import shipped, speak
from frametalk.headless.worldfile import load_world
from frametalk.transports.websocket_client import connect
from frametalk.wire import messages as m

if TYPE_CHECKING:
    from frametalk.core.audio import Samples
    from frametalk.headless.log import LogEntry
    from frametalk.transports.websocket import WebSocketLink

WORLD = "tavern"
TYPED = ("who are you", "open the door", "what can you do", "close the door", "light the torch")
FRAME_HZ = 25  # no face is drawn
ANSWER_S = 120.0  # a machine without a core to spare plays slowly
BETWEEN_S = (2.0, 8.0)
INTO_REPLY_S = (0.2, 1.0)
VISIT_TURNS = 12
BREAK_TURNS = 5  # between two breaks of the connection
PROGRESS_S = 10.0

# What becomes of a player's session: it lasts to the end of the run, or its connection breaks and it goes
# on over another one, or the player leaves and comes back, or vanishes and comes back.
Manner = Literal["stays", "resumes", "leaves", "vanishes"]
MANNERS: tuple[Manner, ...] = ("stays", "resumes", "leaves", "vanishes")


class Tally(msgspec.Struct):
    """What the players did. `unanswered`: turns after which the character was not idle in time."""

    visits: int = 0
    turns: int = 0
    unanswered: int = 0
    resumed: int = 0
    failed: int = 0
    errors: dict[str, int] = msgspec.field(default_factory=dict)


class Visitor:
    """One player, who comes again and again until `until_s` on the clock."""

    def __init__(
        self, url: str, number: int, sounds: list[Samples], until_s: float, tally: Tally
    ) -> None:
        self._url = url
        self._name = f"soak {number}"
        self._manner = MANNERS[number % len(MANNERS)]
        self._dice = random.Random(number)  # noqa: S311  (the same talk each time)
        self._sounds = sounds
        self._until_s = until_s
        self._tally = tally
        self._clock = Clock()
        self._link: WebSocketLink | None = None
        self._state = ""  # of the turn

    async def run(self) -> None:
        """All visits."""
        while self._clock.now_s() < self._until_s:
            try:
                await self._visit()
            except* FrametalkError:
                self._tally.failed += 1
                await asyncio.sleep(1)

    async def _visit(self) -> None:
        player = Player(
            await self._open(),
            GameWorld(load_world(WORLD)),
            self._clock,
            PlayerOptions(name=self._name, frame_hz=FRAME_HZ),
            watch=self._watch,
            reopen=self._open if self._manner == "resumes" else None,
        )
        self._tally.visits += 1
        async with asyncio.TaskGroup() as group:
            group.create_task(player.run())
            await player.joined.wait()
            turns = 0
            while self._goes_on(player, turns):
                await asyncio.sleep(self._dice.uniform(*BETWEEN_S))
                if self._manner == "resumes" and turns % BREAK_TURNS == 0:
                    self._break()
                await self._turn(player)
                turns += 1
            if self._manner == "vanishes":
                player.say_typed(TYPED[0])
                await asyncio.sleep(self._dice.uniform(*INTO_REPLY_S))
                self._break()
            await player.leave()

    def _goes_on(self, player: Player, turns: int) -> bool:
        if player.closed is not None or self._clock.now_s() >= self._until_s:
            return False
        return self._manner in {"stays", "resumes"} or turns < VISIT_TURNS

    async def _turn(self, player: Player) -> None:
        """One turn: typed, spoken, or interrupted; sometimes the scene changes before it."""
        self._state = ""
        kind = self._dice.choice(("typed", "spoken", "interrupted"))
        if self._dice.random() < 0.3:  # noqa: PLR2004  (a share)
            player.patch(state={"torch": {"lit": self._dice.random() < 0.5}})  # noqa: PLR2004
            player.send_event(m.SceneEvent(name="thunder"))
        if kind == "spoken":
            await player.mic.play(self._dice.choice(self._sounds)).done.wait()
        else:
            player.say_typed(self._dice.choice(TYPED))
        if kind == "interrupted":
            await asyncio.sleep(self._dice.uniform(*INTO_REPLY_S))
            player.interrupt()
        answered = await player.log.wait_for(
            lambda: self._is_over(player), self._clock.now_s() + ANSWER_S
        )
        self._tally.turns += 1
        self._tally.unanswered += not answered
        forget(player)

    async def _open(self) -> WebSocketLink:
        self._link = await connect(self._url)
        return self._link

    def _break(self) -> None:
        if self._link is not None:
            self._link.abort("cut")

    def _is_over(self, player: Player) -> bool | None:
        return True if self._state == "idle" or player.closed is not None else None

    def _watch(self, entry: LogEntry) -> None:
        match entry.item:
            case m.TurnStateChanged(state=state):
                self._state = state
            case m.Error(code=code):
                self._tally.errors[code] = self._tally.errors.get(code, 0) + 1
            case Resumed():
                self._tally.resumed += 1


def forget(player: Player) -> None:
    """Drop what the client keeps of turns that are over, so that an hour of them fits in memory."""
    player.log.entries.clear()
    player.mic.sounds.clear()
    for number in [number for number, reply in player.replies.items() if reply.done][:-2]:
        del player.replies[number]


async def play(url: str, count: int, seconds: float, progress: Callable[[Tally], None]) -> Tally:
    """Let `count` players talk; `progress` is called every 10 s."""
    sounds = [speak(clip.text, clip.voice).samples for clip in shipped()]
    tally = Tally()
    until_s = Clock().now_s() + seconds
    async with asyncio.TaskGroup() as group:
        reporting = group.create_task(_report(tally, progress))
        players = [
            group.create_task(Visitor(url, number, sounds, until_s, tally).run())
            for number in range(count)
        ]
        await asyncio.wait(players)
        reporting.cancel()
    return tally


async def _report(tally: Tally, progress: Callable[[Tally], None]) -> None:
    while True:
        await asyncio.sleep(PROGRESS_S)
        progress(tally)


def _print(tally: Tally) -> None:
    print(msgspec.json.encode(tally).decode(), flush=True)


if __name__ == "__main__":
    _print(asyncio.run(play(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), _print)))
