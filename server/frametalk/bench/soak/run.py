"""The soak suite: a stop while all talk, a thousand clients that vanish, players who talk for an hour.

The server is a process of its own with the embedded engines; the clients run in another one.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from frametalk.bench import child
from frametalk.bench.report import Machine, this_machine, versions
from frametalk.bench.server import ServerProcess, running
from frametalk.bench.soak.cycles import Cycles
from frametalk.bench.soak.players import Tally
from frametalk.bench.soak.state import State, mb_per_hour, settled, state_of
from frametalk.bench.soak.stopping import StopResult, stop
from frametalk.errors import Fault, FrametalkError, Stage

if TYPE_CHECKING:
    from frametalk.bench.options import Options

PARTS = ("stop", "cycles", "talk")
CYCLES, QUICK_CYCLES = 1_000, 60
WARM_UP_CYCLES, QUICK_WARM_UP_CYCLES = 200, 30
EVERY_S = 10.0
WARM_UP_SHARE, WARM_UP_S = 0.25, 600.0  # of the talk: caches fill, the allocator finds its size
SETTLE_S = 30.0
# A busy machine refuses no session: that is not what is measured.
# However busy the machine is, each client is let in.
SETTINGS = ("log.level=WARNING", "server.max_loop_lag_ms=0", "server.max_engine_wait_ms=0")
VANISHED_MS = 1_000  # how long a session of a client that vanished waits for it


class CyclesResult(msgspec.Struct, frozen=True, kw_only=True):
    """Clients that connect, talk and vanish: the server without sessions `before` and `after`."""

    count: int
    done: int
    failed: dict[str, int]
    seconds: float
    before: State
    after: State
    rss_growth_mb: float
    workers_rss_growth_mb: float
    descriptors_growth: int
    threads_growth: int
    tasks_growth: int


class TalkResult(msgspec.Struct, frozen=True, kw_only=True):
    """Players who talk: the server at the `start`, after the warm-up, and at the `end`.

    `empty`: before the first had come; `left`: after all had left. Slopes are those of straight lines
    through all `states` after the warm-up.
    """

    minutes: float
    sessions: int
    players: Tally
    empty: State
    start: State
    end: State
    left: State
    rss_mb_per_hour: float
    workers_rss_mb_per_hour: float
    descriptors_growth: int
    threads_growth: int
    tasks_growth: int
    states: list[State]


class SoakReport(msgspec.Struct, frozen=True, kw_only=True):
    """The soak suite; a part that was not measured is None."""

    suite: str = "soak"
    stop: StopResult | None
    cycles: CyclesResult | None
    talk: TalkResult | None
    settings: list[str]
    machine: Machine
    versions: dict[str, str]


async def soak(options: Options) -> SoakReport:
    """Run the suite. Raises FrametalkError if the server does not start, or the clients fail."""
    machine = this_machine()
    parts = options.only or PARTS
    return SoakReport(
        stop=await stop(options.sessions, SETTINGS) if "stop" in parts else None,
        cycles=await _cycles(options) if "cycles" in parts else None,
        talk=await _talk(options) if "talk" in parts else None,
        settings=list(SETTINGS),
        machine=machine,
        versions=versions(),
    )


async def _cycles(options: Options) -> CyclesResult:
    count, warm_up = (
        (QUICK_CYCLES, QUICK_WARM_UP_CYCLES) if options.quick else (CYCLES, WARM_UP_CYCLES)
    )
    async with running((*SETTINGS, f"server.resume_ms={VANISHED_MS}")) as server:
        await _clients("cycles", server, str(warm_up))
        before = await settled(server, SETTLE_S)
        _say(f"cycles: after {warm_up} to warm up: {_line(before)}")
        began_s = time.monotonic()
        result = msgspec.json.decode(await _clients("cycles", server, str(count)), type=Cycles)
        seconds = time.monotonic() - began_s
        after = await settled(server, SETTLE_S, before)
        _say(f"cycles: after {count} more: {_line(after)}")
    return CyclesResult(
        count=count,
        done=result.done,
        failed=result.failed,
        seconds=round(seconds, 1),
        before=before,
        after=after,
        rss_growth_mb=round(after.rss_mb - before.rss_mb, 2),
        workers_rss_growth_mb=round(after.workers_rss_mb - before.workers_rss_mb, 2),
        descriptors_growth=after.descriptors - before.descriptors,
        threads_growth=after.threads - before.threads,
        tasks_growth=after.tasks - before.tasks,
    )


async def _talk(options: Options) -> TalkResult:
    seconds = options.minutes * 60
    warm_up_s = min(WARM_UP_S, seconds * WARM_UP_SHARE)
    states: list[State] = []
    async with running(SETTINGS) as server:
        empty = await settled(server, SETTLE_S)
        async with asyncio.TaskGroup() as group:
            watch = _Watch(server, seconds, warm_up_s, states)
            watching = group.create_task(watch.run())
            printed = await _clients(
                "players", server, str(options.sessions), str(seconds), line=watch.tell
            )
            watching.cancel()
        players = msgspec.json.decode(printed, type=Tally)
        left = await settled(server, SETTLE_S + 60, empty)  # a session waits a minute to be resumed
    warm = [state for state in states if state.at_s >= warm_up_s] or states
    start, end = warm[0], warm[-1]
    return TalkResult(
        minutes=options.minutes,
        sessions=options.sessions,
        players=players,
        empty=empty,
        start=start,
        end=end,
        left=left,
        rss_mb_per_hour=mb_per_hour(warm, "rss_mb"),
        workers_rss_mb_per_hour=mb_per_hour(warm, "workers_rss_mb"),
        descriptors_growth=left.descriptors - empty.descriptors,
        threads_growth=left.threads - empty.threads,
        tasks_growth=left.tasks - empty.tasks,
        states=states,
    )


class _Watch:
    """Samples the server while players talk, and says every minute how it goes."""

    def __init__(
        self, server: ServerProcess, seconds: float, warm_up_s: float, states: list[State]
    ) -> None:
        self._server = server
        self._seconds = seconds
        self._warm_up_s = warm_up_s
        self._states = states
        self._players = ""

    def tell(self, line: str) -> None:
        """What the players say of themselves."""
        self._players = line

    async def run(self) -> None:
        """Until cancelled, or until the players' time is over."""
        began_s = time.monotonic()
        minute = 0
        while (at_s := time.monotonic() - began_s) < self._seconds:
            self._states.append(await state_of(self._server, at_s))
            if at_s >= minute * 60:
                minute += 1
                self._say(at_s)
            await asyncio.sleep(min(EVERY_S, self._seconds / 12))

    def _say(self, at_s: float) -> None:
        warm = [state for state in self._states if state.at_s >= self._warm_up_s]
        slope = f"{mb_per_hour(warm, 'rss_mb'):+.2f} MB/h" if len(warm) > 2 else "warming up"  # noqa: PLR2004
        _say(
            f"soak: {at_s / 60:.0f} of {self._seconds / 60:g} min: "
            f"{_line(self._states[-1])}, {slope}; players {self._players}"
        )


async def _clients(
    module: str, server: ServerProcess, *arguments: str, line: Callable[[str], None] | None = None
) -> str:
    """Run clients in a process of their own; the last line that they print. Raises FrametalkError."""
    command = child.module(f"frametalk.bench.soak.{module}", server.url, *arguments)
    process = await child.start(command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None  # noqa: S101  (it is a pipe)
    last = ""
    try:
        while data := await process.stdout.readline():
            last = data.decode().strip()
            if line is not None:
                line(last)
        status = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if status or not last:
        raise FrametalkError(
            "bench_clients",
            f"the clients ended with status {status}",
            stage=Stage.CONFIG,
            fault=Fault.SERVER,
            remedy="their output is above",
            fatal=True,
        )
    return last


def _line(state: State) -> str:
    return (
        f"{state.rss_mb:.1f} MB, workers {state.workers_rss_mb:.1f} MB, {state.sessions} sessions, "
        f"{state.tasks} tasks, {state.descriptors} descriptors, {state.threads} threads"
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
