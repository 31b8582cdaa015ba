"""The attack suite: what hostile clients get, and what it costs the players beside them.

The server is a process of its own with engines of fixed cost; the floods come from another one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec
from websockets.asyncio.client import connect

from frametalk.bench import child
from frametalk.bench.attack import wrong_fields
from frametalk.bench.attack.floods import FLOODS
from frametalk.bench.attack.houses import House, houses
from frametalk.bench.attack.inputs import HELLO, Input, handwritten, packed
from frametalk.bench.attack.neighbour import Waits, talking
from frametalk.bench.attack.probe import Wrong, wrong
from frametalk.bench.progress import Progress, keep
from frametalk.bench.report import Machine, this_machine, versions
from frametalk.bench.samples import Distribution
from frametalk.bench.server import ServerProcess, running
from frametalk.freed_memory import SOON_S
from frametalk.transports.websocket import PATH

if TYPE_CHECKING:
    from frametalk.bench.options import Options

FLOOD_S, QUICK_FLOOD_S = 8.0, 2.6
CALM_S, QUICK_CALM_S = 12.0, 3.0
PING_S = 0.02
# Soon the server collects what ended sessions leave; a quick run has no time for that.
SETTLED_S, QUICK_SETTLED_S = SOON_S + 5.0, 2.0
SETTINGS = (
    "log.level=ERROR",
    "server.resume_ms=1000",  # what is kept of clients that are gone would count as growth
    "vad.adapter=energy",
    "asr.adapter=fixed",
    'asr.options.texts=["who are you"]',
    "asr.options.finalize_ms=60",
    "llm.adapter=scripted",
    "llm.options.first_token_ms=100",
    "tts.adapter=fixed",
    "tts.options.first_chunk_ms=40",
    "tts.cache_mb=0",  # each reply takes the voice's full time
    'turn.adapter=""',
)


class Flood(msgspec.Struct, frozen=True):
    """One kind of flood: what neighbours waited for their answers, and how many had none."""

    name: str
    neighbour_ms: Distribution
    lost: int
    longest_stall_ms: float


class AttackReport(msgspec.Struct, frozen=True, kw_only=True):
    """The attack suite.

    `wrong`: how many of the `inputs` had another outcome than the wire's page promises. `crashes`: whether
    the server ended. `neighbour_p95_ratio`: neighbours' mouth-to-ear under the worst flood over calm.
    `longest_stall_ms`: the longest that a ping of an idle connection took; `input_stall_ms`: the same while
    the inputs came, one at a time. `rss_growth_mb`: what the server kept after all of it.
    """

    suite: str = "attack"
    sessions: int = 1
    inputs: int
    wrong: int
    wrong_inputs: list[Wrong]
    crashes: int
    neighbour_calm_ms: Distribution
    neighbour_p95_ratio: float | None
    neighbour_lost: int
    longest_stall_ms: float
    input_stall_ms: float
    rss_growth_mb: float
    floods: list[Flood]
    machine: Machine
    versions: dict[str, str]


async def attack(options: Options) -> AttackReport:
    """Run the suite. Raises FrametalkError, alone or in a group, if a server does not start."""
    inputs = [*handwritten(), *wrong_fields.inputs()]
    measured = _Measured(this_machine())
    async with running(SETTINGS) as server:
        async with talking(server.url) as measured.waits, pinged(server.url) as measured.stalls:
            await asyncio.sleep(QUICK_CALM_S if options.quick else CALM_S)
            measured.calm, before_mb = measured.waits.since(0), server.rss_mb()
            keep(measured.report)
            measured.stalls.take()
            await _try(server, inputs, measured, Progress("bad inputs", len(inputs)))
            measured.stalls.inputs_ms = measured.stalls.take()
            progress = Progress("floods", len(FLOODS))
            for name in FLOODS:
                measured.floods.append(
                    await _flood(server, name, measured.waits, measured.stalls, options)
                )
                progress.step()
        await asyncio.sleep(QUICK_SETTLED_S if options.quick else SETTLED_S)
        measured.crashed = measured.crashed or not server.is_running()
        measured.growth_mb = 0.0 if measured.crashed else server.rss_mb() - before_mb
    others = houses()  # made here: some of their tokens expire within a minute
    progress = Progress("for other settings", sum(len(house.inputs) for house in others))
    async with asyncio.TaskGroup() as group:
        for house in others:
            group.create_task(_visit(house, measured, progress))
    return measured.report()


class _Measured:
    """What is measured so far."""

    waits: Waits
    stalls: Stalls
    calm: Distribution

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.inputs = 0
        self.wrong: list[Wrong] = []
        self.floods: list[Flood] = []
        self.crashed = False
        self.growth_mb = 0.0

    def report(self) -> AttackReport:
        """The report of it."""
        calm, floods = self.calm, self.floods
        worst = max((_worst_ms(flood.neighbour_ms) for flood in floods), default=0.0)
        stalls_ms = [self.stalls.inputs_ms, *(flood.longest_stall_ms for flood in floods)]
        return AttackReport(
            inputs=self.inputs,
            wrong=len(self.wrong),
            wrong_inputs=self.wrong,
            crashes=int(self.crashed),
            neighbour_calm_ms=calm,
            neighbour_p95_ratio=round(worst / calm.p95, 3) if calm.p95 else None,
            neighbour_lost=self.waits.lost,
            longest_stall_ms=round(max(stalls_ms), 1),
            input_stall_ms=round(self.stalls.inputs_ms, 1),
            rss_growth_mb=round(self.growth_mb, 1),
            floods=floods,
            machine=self._machine,
            versions=versions(),
        )


def _worst_ms(waits: Distribution) -> float:
    """The p95; of too few turns, which a flood may be the reason of, the longest."""
    return waits.p95 or max(waits.values, default=0.0)


async def _visit(house: House, measured: _Measured, progress: Progress) -> None:
    async with running((*SETTINGS, *house.settings)) as server:
        await _try(server, house.inputs, measured, progress)


async def _try(
    server: ServerProcess, inputs: list[Input], measured: _Measured, progress: Progress
) -> None:
    """Send each, and note what had another outcome than the wire's page promises."""
    for one in inputs:
        if (bad := await wrong(server.url, one)) is not None:
            measured.wrong.append(bad)
        measured.inputs += 1
        progress.step()
    measured.crashed = measured.crashed or not server.is_running()


class Stalls:
    """The longest round trip of a ping since `take`."""

    def __init__(self) -> None:
        self._longest_ms = 0.0
        self.inputs_ms = 0.0

    def add(self, ms: float) -> None:
        """A ping took so long."""
        self._longest_ms = max(self._longest_ms, ms)

    def take(self) -> float:
        """The longest so far; begins anew."""
        longest_ms, self._longest_ms = self._longest_ms, 0.0
        return longest_ms


@asynccontextmanager
async def pinged(url: str) -> AsyncIterator[Stalls]:
    """Ping the server from a session that does nothing else."""
    stalls = Stalls()
    async with connect(url + PATH, compression=None, proxy=None, ping_interval=None) as socket:
        await socket.send(packed(HELLO))

        async def ping() -> None:
            while True:
                began_s = time.perf_counter()
                await (await socket.ping())
                stalls.add((time.perf_counter() - began_s) * 1000)
                await asyncio.sleep(PING_S)

        async with asyncio.TaskGroup() as group:
            pinging = group.create_task(ping())
            yield stalls
            pinging.cancel()


async def _flood(
    server: ServerProcess, name: str, waits: Waits, stalls: Stalls, options: Options
) -> Flood:
    lost, first = waits.lost, len(waits.ms)
    stalls.take()
    flooding = await child.start(child.module("frametalk.bench.attack.floods", server.url, name))
    try:
        await asyncio.sleep(QUICK_FLOOD_S if options.quick else FLOOD_S)
    finally:
        flooding.kill()
        await flooding.wait()
    return Flood(name, waits.since(first), waits.lost - lost, round(stalls.take(), 1))
