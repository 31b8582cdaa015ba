"""The soak suite: a stop while all talk, a thousand clients that vanish, players who talk for an hour.

The server is a process of its own with the embedded engines, or with scripted ones, which leave room for
more players than a machine's recogniser can follow; the clients run in another one.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from frametalk.bench.load.engines import MIND, SCRIPTED
from frametalk.bench.progress import keep
from frametalk.bench.report import Machine, this_machine, versions
from frametalk.bench.server import running
from frametalk.bench.soak.clients import clients
from frametalk.bench.soak.cycles import Cycles
from frametalk.bench.soak.state import SETTLE_S, State, line, say, settled
from frametalk.bench.soak.stopping import StopResult, stop
from frametalk.bench.soak.talk import Talk, TalkResult
from frametalk.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from frametalk.bench.options import Options

PARTS = ("stop", "cycles", "talk")
SESSIONS, QUICK_SESSIONS = 20, 4
CYCLES, QUICK_CYCLES = 1_000, 20
WARM_UP_CYCLES, QUICK_WARM_UP_CYCLES = 1_000, 10
QUICK_TALK_S = 8.0
# However busy the machine is, each client is let in. The cache of clauses is full when the warm-up ends;
# one of the usual size would fill for hours, which looks like a leak.
SETTINGS = (
    "log.level=WARNING",
    "server.max_loop_lag_ms=0",
    "server.max_engine_wait_ms=0",
    "tts.cache_mb=4",
)
ENGINES = {"embedded": SETTINGS, "scripted": (*SCRIPTED, *MIND, *SETTINGS)}
VANISHED_MS = 1_000  # how long a session of a client that vanished waits for it
TALKER_MS, QUICK_TALKER_MS = 60_000, 4_000  # the same for one that comes back


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
    settings = _settings(options.engines or "embedded")
    parts = options.only or PARTS
    sessions = options.sessions or (QUICK_SESSIONS if options.quick else SESSIONS)
    stopped: StopResult | None = None
    cycles: CyclesResult | None = None
    talk = Talk(settings, sessions, QUICK_TALK_S if options.quick else options.minutes * 60)

    def report() -> SoakReport:
        return SoakReport(
            stop=stopped,
            cycles=cycles,
            talk=talk.result(),
            settings=list(settings),
            machine=machine,
            versions=versions(),
        )

    keep(lambda: report() if stopped or cycles or talk.states else None)
    if "stop" in parts:
        stopped = await stop(sessions, settings)
    if "cycles" in parts:
        cycles = await _cycles(options, settings)
    if "talk" in parts:
        await talk.run(QUICK_TALKER_MS if options.quick else TALKER_MS)
    return report()


def _settings(engines: str) -> Sequence[str]:
    if engines not in ENGINES:
        raise ConfigError(
            f"the suite soak has no engines {engines!r}", remedy=f"it has {', '.join(ENGINES)}"
        )
    return ENGINES[engines]


async def _cycles(options: Options, settings: Sequence[str]) -> CyclesResult:
    count, warm_up = (
        (QUICK_CYCLES, QUICK_WARM_UP_CYCLES) if options.quick else (CYCLES, WARM_UP_CYCLES)
    )
    async with running((*settings, f"server.resume_ms={VANISHED_MS}")) as server:
        await clients("cycles", server, str(warm_up))
        before = await settled(server, SETTLE_S)
        say(f"cycles: after {warm_up} to warm up: {line(before)}")
        began_s = time.monotonic()
        result = msgspec.json.decode(await clients("cycles", server, str(count)), type=Cycles)
        seconds = time.monotonic() - began_s
        after = await settled(server, SETTLE_S, before)
        say(f"cycles: after {count} more: {line(after)}")
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


def is_measured(value: str, report: SoakReport) -> bool:
    """Whether a budget on this value applies: slopes need some minutes."""
    talk = report.talk
    return not value.endswith("_per_hour") or (
        talk is not None and talk.rss_mb_per_hour is not None
    )
