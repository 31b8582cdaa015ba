"""What a server holds at one time, seen from outside: by the system, and on its own page of metrics."""

from __future__ import annotations

import asyncio
import http.client
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
import numpy as np

if TYPE_CHECKING:
    from frametalk.bench.server import ServerProcess

PAGE_TIMEOUT_S = 10.0
POLL_S = 0.25
SETTLE_S = 30.0  # in which what clients have left is gone


class State(msgspec.Struct, frozen=True, kw_only=True):
    """`rss_mb` of the server, `workers_rss_mb` of its workers; descriptors and threads of them all.

    `tasks` on the server's event loop, and open `sessions`. `at_s`: seconds since the measurement began.
    """

    at_s: float
    rss_mb: float
    workers_rss_mb: float
    descriptors: int
    threads: int
    processes: int
    tasks: int
    sessions: int


async def state_of(server: ServerProcess, at_s: float = 0.0) -> State:
    """The state now. The connection of the page of metrics is closed by then."""
    page = await asyncio.to_thread(_page, server.url)
    held = server.resources()
    return State(
        at_s=round(at_s, 1),
        rss_mb=round(held.rss_mb, 2),
        workers_rss_mb=round(held.workers_rss_mb, 2),
        descriptors=held.descriptors,
        threads=held.threads,
        processes=held.processes,
        tasks=_value(page, "frametalk_tasks"),
        sessions=_value(page, "frametalk_sessions"),
    )


async def settled(server: ServerProcess, limit_s: float, like: State | None = None) -> State:
    """The state once no session is open, and no more is held than `like`, or after `limit_s`."""
    state = await state_of(server)
    for _ in range(round(limit_s / POLL_S)):
        if not state.sessions and (like is None or not more(like, state)):
            break
        await asyncio.sleep(POLL_S)
        state = await state_of(server)
    return state


def more(before: State, after: State) -> dict[str, int]:
    """Of which things there are more than before, and how many."""
    names = ("descriptors", "threads", "processes", "tasks", "sessions")
    growth = {name: getattr(after, name) - getattr(before, name) for name in names}
    return {name: count for name, count in growth.items() if count > 0}


def mb_per_hour(states: Sequence[State], name: str) -> float:
    """The slope of a straight line through that value of the states; 0 for fewer than three."""
    if len(states) < 3:  # noqa: PLR2004  (a line needs more than two)
        return 0.0
    hours = [state.at_s / 3_600 for state in states]
    return round(float(np.polyfit(hours, [getattr(each, name) for each in states], 1)[0]), 3)


def _page(url: str) -> str:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port, timeout=PAGE_TIMEOUT_S
    )
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def _value(page: str, name: str) -> int:
    return next(
        (int(float(line.split()[1])) for line in page.splitlines() if line.startswith(f"{name} ")),
        0,
    )


def line(state: State) -> str:
    """What a server holds, for people."""
    return (
        f"{state.rss_mb:.1f} MB, workers {state.workers_rss_mb:.1f} MB, {state.sessions} sessions, "
        f"{state.tasks} tasks, {state.descriptors} descriptors, {state.threads} threads"
    )


def say(text: str) -> None:
    """Print a line of progress."""
    print(text, file=sys.stderr, flush=True)
