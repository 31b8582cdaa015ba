"""Players who talk to one server for an hour, and what that hour adds to it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec

from frametalk.bench.server import running
from frametalk.bench.soak.clients import clients
from frametalk.bench.soak.players import Tally
from frametalk.bench.soak.state import SETTLE_S, State, line, mb_per_hour, say, settled, state_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from frametalk.bench.server import ServerProcess

EVERY_S = 10.0
WARM_UP_SHARE, WARM_UP_S = 0.25, 600.0  # of the talk: caches fill, the allocator finds its size
SHORTEST_LINE_S = 300.0  # in less, what players do at the moment outweighs a slope


class TalkResult(msgspec.Struct, frozen=True, kw_only=True):
    """Players who talk: the server at the `start`, after the warm-up, and at the `end`.

    `empty`: before the first had come; `left`: after all had left, None with what has grown if the talk was
    stopped before that. Slopes are those of straight lines through all `states` after the warm-up; None
    where these are of less than five minutes.
    """

    minutes: float
    sessions: int
    players: Tally
    empty: State
    start: State
    end: State
    left: State | None
    rss_mb_per_hour: float | None
    workers_rss_mb_per_hour: float | None
    descriptors_growth: int | None
    threads_growth: int | None
    tasks_growth: int | None
    states: list[State]


class Talk:
    """Players who talk to one server, sampled while they do."""

    def __init__(self, settings: Sequence[str], sessions: int, seconds: float) -> None:
        self.states: list[State] = []
        self._settings = settings
        self._sessions = sessions
        self._seconds = seconds
        self._warm_up_s = min(WARM_UP_S, seconds * WARM_UP_SHARE)
        self._tally = Tally()
        self._empty: State | None = None
        self._left: State | None = None

    async def run(self, resume_ms: int) -> None:
        """All of it; a session waits `resume_ms` for a client without a connection."""
        async with running((*self._settings, f"server.resume_ms={resume_ms}")) as server:
            self._empty = await settled(server, SETTLE_S)
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(self._watch(server))
                count, seconds = str(self._sessions), str(self._seconds)
                await clients("players", server, count, seconds, line=self._note)
                watching.cancel()
            self._left = await settled(server, SETTLE_S + resume_ms / 1000, self._empty)

    def result(self) -> TalkResult | None:
        """What was measured up to now; None before anything was."""
        if not self.states or self._empty is None:
            return None
        warm = self._warm or self.states
        empty, left = self._empty, self._left

        def grown(name: str) -> int | None:
            return None if left is None else getattr(left, name) - getattr(empty, name)

        return TalkResult(
            minutes=round(self._seconds / 60, 3),
            sessions=self._sessions,
            players=self._tally,
            empty=empty,
            start=warm[0],
            end=warm[-1],
            left=left,
            rss_mb_per_hour=self._slope("rss_mb"),
            workers_rss_mb_per_hour=self._slope("workers_rss_mb"),
            descriptors_growth=grown("descriptors"),
            threads_growth=grown("threads"),
            tasks_growth=grown("tasks"),
            states=self.states,
        )

    @property
    def _warm(self) -> list[State]:
        return [state for state in self.states if state.at_s >= self._warm_up_s]

    def _slope(self, name: str) -> float | None:
        warm = self._warm
        lasts = bool(warm) and warm[-1].at_s - warm[0].at_s >= SHORTEST_LINE_S
        return mb_per_hour(warm, name) if lasts else None

    def _note(self, line: str) -> None:
        """What the players say of themselves."""
        self._tally = msgspec.json.decode(line, type=Tally)

    async def _watch(self, server: ServerProcess) -> None:
        """Sample the server until cancelled, or until the players' time is over; a line each minute."""
        began_s = time.monotonic()
        minute = 0
        while (at_s := time.monotonic() - began_s) < self._seconds:
            self.states.append(await state_of(server, at_s))
            if at_s >= minute * 60:
                minute += 1
                self._say(at_s)
            await asyncio.sleep(min(EVERY_S, self._seconds / 12))

    def _say(self, at_s: float) -> None:
        slope = self._slope("rss_mb")
        say(
            f"soak: {at_s / 60:.0f} of {self._seconds / 60:g} min: {line(self.states[-1])}, "
            f"{'warming up' if slope is None else f'{slope:+.2f} MB/h'}; "
            f"players {msgspec.json.encode(self._tally).decode()}"
        )
