"""The load suite: more and more talking sessions, until a stated objective breaks.

Server and players are processes of their own. With scripted engines the server has one core to itself and
the players another one, if the machine has two.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from frametalk import config
from frametalk.bench import calibration, progress
from frametalk.bench.load import engines as engine_sets
from frametalk.bench.load.engines import Engines
from frametalk.bench.load.plan import Plan, Seen
from frametalk.bench.load.report import (
    SHARE,
    Level,
    LoadReport,
    Objective,
    cost_ratio,
    limited_by,
    sessions_at,
)
from frametalk.bench.load.server import LoadedServer, crowd, loaded
from frametalk.bench.report import this_machine, versions
from frametalk.bench.samples import MIN_FOR_P95, Distribution
from frametalk.bench.value_paths import steps
from frametalk.errors import ConfigError

if TYPE_CHECKING:
    from frametalk.bench.load.observed import Watched
    from frametalk.bench.options import Options

SCRIPTED = "scripted"
LEVELS = {
    SCRIPTED: (1, 10, 20, 50, 100),
    "http": (1, 10, 20, 50, 100),
    "embedded": (1, 2, 4, 6, 8, 12, 16, 24),
    "real": (1, 2, 3, 4, 6, 8),
}
QUICK_LEVELS = {"embedded": (1, 4), "real": (1, 2)}
QUICK_SCRIPTED = (1, 20, 50)
CYCLE_S, QUICK_CYCLE_S = 8.0, 6.0  # between the utterances of a player; a reply takes 4 s
CYCLES = 2  # that are measured; with few sessions more, for a p95
CALIBRATIONS = 30
OBJECTIVE = Objective()


async def load(options: Options) -> LoadReport:
    """Run the suite; all `levels` that the user names, whatever breaks.

    Raises FrametalkError when a server or the players fail.
    """
    name = options.engines or SCRIPTED
    if name not in LEVELS:
        raise ConfigError(f"no engines {name!r} for load", remedy=f"use one of {', '.join(LEVELS)}")
    if not sys.platform.startswith("linux"):
        raise ConfigError("the suite 'load' runs on Linux only", remedy="run it on a Linux machine")
    levels: list[Level] = []
    speed = [_speed_us()]
    async with engine_sets.opened(name, options.models) as usual:
        engines = msgspec.structs.replace(usual, settings=(*usual.settings, *options.settings))
        progress.keep(lambda: _report(name, engines, levels, speed) if levels else None)
        cores = _cores() if engines.is_scripted else (None, None)
        for sessions in options.levels or _levels(name, quick=options.quick):
            level = await _level(sessions, engines, cores, levels, quick=options.quick)
            levels.append(level)
            print(f"  {_line(level)}", file=sys.stderr, flush=True)
            if level.broken and not options.levels:
                break
        speed.append(_speed_us())
        return _report(name, engines, levels, speed)


def is_measured(value: str, options: Options) -> bool:
    """Whether a run with these options measures the value of a budget; a quick one has fewer levels."""
    first = steps(value)[0]
    if not options.quick or options.levels or first.field != "sessions":
        return True
    return first.equals in map(str, _levels(options.engines or SCRIPTED, quick=True))


def _report(
    name: str, engines: Engines, levels: Sequence[Level], speed_us: Sequence[float]
) -> LoadReport:
    return LoadReport(
        engines=name,
        sessions=levels[-1].sessions,
        levels=list(levels),
        sessions_at_60_percent=sessions_at(SHARE, levels),
        carried=max((level.sessions for level in levels if not level.broken), default=0),
        limited_by=limited_by(levels),
        cost_ratio=cost_ratio(levels),
        calibration_us=list(speed_us),
        objective=OBJECTIVE,
        settings=list(engines.settings),
        machine=this_machine(),
        versions=versions(),
    )


def _speed_us() -> float:
    """What the calibration loop takes on this machine, at best."""
    return round(min(calibration.loop() for _ in range(CALIBRATIONS)), 1)


def _levels(name: str, *, quick: bool) -> tuple[int, ...]:
    return QUICK_LEVELS.get(name, QUICK_SCRIPTED) if quick else LEVELS[name]


def _cycles(sessions: int) -> int:
    """How often each player speaks: once more than a p95 needs, since a turn may end too late to count."""
    return max(CYCLES, 1 + math.ceil(MIN_FOR_P95 / sessions))


def _line(level: Level) -> str:
    broken = f": {', '.join(level.broken)}" if level.broken else ""
    return f"{level.sessions} sessions, {level.cpu_core_share:.1%} of a core{broken}"


async def _level(
    sessions: int,
    engines: Engines,
    cores: tuple[int | None, int | None],
    before: list[Level],
    *,
    quick: bool,
) -> Level:
    """Measure one number of sessions, with a server of their own."""
    cycle_s = QUICK_CYCLE_S if quick else CYCLE_S
    cycles = 1 if quick else _cycles(sessions)
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "utterance.pcm"
        sound.write_bytes(engines.said.sound.astype("<i2").tobytes())
        async with loaded(engines.settings, cores[0]) as server:
            plan = Plan(
                port=server.port,
                sessions=sessions,
                cycle_s=cycle_s,
                seconds=cycle_s * cycles,
                sound=str(sound),
                decides=engines.said.decides,
                ends=engines.said.ends,
                engines_ms=engines.engines_ms or 0.0,
                frame_ms=config.load(flags=engines.settings).server.mic_frame_ms,
                core=cores[1],
            )
            level = await _measure(server, plan, engines)
    return judged(level, OBJECTIVE, before)


async def _measure(server: LoadedServer, plan: Plan, engines: Engines) -> Level:
    empty_mb = server.process.rss_mb()
    workers: list[dict[str, float]] = []

    def begun() -> None:
        server.begin()
        workers.append(server.process.workers_s())

    seen = await crowd(plan, begun)
    watched = await server.end()
    rss_mb = server.process.rss_mb()
    used = {
        name: (now_s - workers[0].get(name, 0.0)) / watched.seconds
        for name, now_s in server.process.workers_s().items()
    }
    used["other threads"] = (watched.process_s - watched.main_s) / watched.seconds
    share = watched.main_s / watched.seconds + sum(used.values())
    overhead = None if engines.engines_ms is None else Distribution.of(seen.overhead_ms)
    mouth_to_ear = Distribution.of(seen.mouth_to_ear_ms)
    return Level(
        sessions=plan.sessions,
        turns=seen.turns,
        missed=seen.missed,
        overhead_ms=overhead,
        mouth_to_ear_ms=mouth_to_ear,
        cpu_core_share=round(share, 4),
        main_share=round(watched.main_s / watched.seconds, 4),
        stages=_stages(watched),
        stage_samples=watched.stage_samples,
        workers={name: round(cores, 4) for name, cores in used.items()},
        us_per_frame=round(share * watched.seconds / max(1, seen.mic_frames) * 1e6, 1),
        loop_lag_ms=_many(watched.lag_ms),
        late_frames=seen.late_frames,
        rss_mb=round(rss_mb, 1),
        rss_per_session_mb=round((rss_mb - empty_mb) / plan.sessions, 3),
        trace_p95_ms=_p95(seen),
        errors=seen.errors,
        client_share=round(seen.cpu_share, 4),
        client_behind_ms=_many(seen.behind_ms),
        broken=[],
    )


def _many(values: list[float]) -> Distribution:
    """Without the values, which are many."""
    return msgspec.structs.replace(Distribution.of(values), values=())


def _stages(watched: Watched) -> dict[str, float]:
    stages = {name: round(s / watched.seconds, 4) for name, s in watched.stages_s.items()}
    return dict(sorted(stages.items(), key=lambda stage: stage[1], reverse=True))


def _p95(seen: Seen) -> dict[str, float]:
    """The 95th percentile of each stage in the server's traces; of few turns, the longest."""
    ranked = {name: Distribution.of(values) for name, values in seen.stages_ms.items()}
    return {
        name: round(max(seen.stages_ms[name]), 1) if values.p95 is None else values.p95
        for name, values in ranked.items()
    }


def judged(level: Level, objective: Objective, before: list[Level]) -> Level:
    """The level with what does not hold in it."""
    broken = []
    if level.missed > objective.missed_turns or not level.turns:
        broken.append("turns missed")
    if level.late_frames > objective.late_frames:
        broken.append("late frames")
    if level.overhead_ms is not None:
        if (level.loop_lag_ms.p99 or 0.0) > objective.loop_lag_p99_ms:
            broken.append("loop lag p99")
        rank, name = _judged_rank(level.overhead_ms)
        if (getattr(level.overhead_ms, rank) or 0.0) > objective.overhead_p95_ms:
            broken.append(f"overhead {name}")
    elif before:
        alone = before[0].mouth_to_ear_ms
        rank, name = _judged_rank(level.mouth_to_ear_ms, alone)
        limit_ms = objective.mouth_to_ear * (getattr(alone, rank) or 0.0)
        if (getattr(level.mouth_to_ear_ms, rank) or 0.0) > limit_ms:
            broken.append(f"mouth to ear {name}")
    return msgspec.structs.replace(level, broken=broken)


def _judged_rank(*compared: Distribution) -> tuple[str, str]:
    """The percentile that is judged, and its name: of few values the median, which one outlier does not
    make."""
    return ("p50", "median") if any(each.p95 is None for each in compared) else ("p95", "p95")


def _cores() -> tuple[int | None, int | None]:
    """The server's and the players' processor; None where there is only one."""
    free = sorted(os.sched_getaffinity(0))
    return (free[0], free[1]) if len(free) > 1 else (None, None)
