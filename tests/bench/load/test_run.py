"""The load suite: what breaks an objective, and one whole measurement."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from frametalk.bench.load import run
from frametalk.bench.load.engines import (
    FIRST_CHUNK_MS,
    FIRST_TOKEN_MS,
    RECOGNISER_MS,
    SCRIPTED_TURNS,
)
from frametalk.bench.load.report import Objective
from frametalk.bench.load.run import _cycles, is_measured, judged, load
from frametalk.bench.options import Options
from frametalk.bench.samples import MIN_FOR_P95, Distribution
from frametalk.errors import ConfigError
from load_levels import level

MANY = Distribution.of([30.0] * 100)
FEW = Distribution.of([30.0] * 19)
ONE_OUTLIER = Distribution.of([5.0] * 18 + [300.0])


@pytest.mark.parametrize(
    ("changed", "broken"),
    [
        ({}, []),
        ({"missed": 1}, ["turns missed"]),
        ({"turns": 0}, ["turns missed"]),
        ({"late_frames": 2}, ["late frames"]),
        ({"overhead_ms": MANY}, ["overhead p95"]),
        ({"overhead_ms": FEW}, ["overhead median"]),
        ({"overhead_ms": ONE_OUTLIER}, []),
        ({"loop_lag_ms": MANY}, ["loop lag p99"]),
    ],
)
def test_a_level_names_the_objectives_that_it_breaks(changed, broken):
    found = judged(msgspec.structs.replace(level(20, 0.3), **changed), Objective(), [])
    assert found.broken == broken


def test_with_other_engines_mouth_to_ear_must_not_double():
    alone = Distribution.of([800.0] * 20)
    first = msgspec.structs.replace(level(1, 0.3), overhead_ms=None, mouth_to_ear_ms=alone)
    times = Distribution.of([1_601.0] * 100)
    later = msgspec.structs.replace(first, sessions=4, mouth_to_ear_ms=times, loop_lag_ms=MANY)
    assert judged(later, Objective(), [first]).broken == ["mouth to ear p95"]
    assert judged(later, Objective(mouth_to_ear=2.1), [first]).broken == []


def test_a_p95_is_not_compared_with_the_median_of_a_level_that_has_no_other():
    first = msgspec.structs.replace(level(1, 0.3), overhead_ms=None)
    times = Distribution.of([800.0] * 90 + [9_000.0] * 10)
    later = msgspec.structs.replace(first, sessions=4, mouth_to_ear_ms=times)
    assert judged(later, Objective(), [first]).broken == []
    slow = msgspec.structs.replace(later, mouth_to_ear_ms=Distribution.of([1_601.0] * 20))
    assert judged(slow, Objective(), [first]).broken == ["mouth to ear median"]


@pytest.mark.parametrize("sessions", [1, 2, 6, 10, 19, 20, 50, 100])
def test_each_level_has_turns_enough_for_a_p95_even_if_each_player_loses_one(sessions):
    cycles = _cycles(sessions)
    assert (cycles - 1) * sessions >= MIN_FOR_P95
    assert cycles <= 21


def test_a_quick_run_does_not_measure_the_levels_that_it_leaves_out():
    hundred, fifty = (f"levels[sessions={n}].rss_mb" for n in (100, 50))
    quick = Options(quick=True)
    assert [is_measured(value, quick) for value in (hundred, fifty, "cost_ratio")] == [0, 1, 1]
    assert is_measured(hundred, Options())
    assert is_measured(hundred, Options(levels=(1, 2), quick=True))  # it is missing there


def test_unknown_engines_are_refused():
    with pytest.raises(ConfigError, match="no engines 'steam' for load"):
        asyncio.run(load(Options(engines="steam")))


def test_real_engines_need_a_folder():
    with pytest.raises(ConfigError, match="needs a folder of models"):
        asyncio.run(load(Options(engines="real")))


@pytest.mark.parametrize(
    ("engines", "frame_ms"), [("scripted", 20), ("scripted", 40), ("http", 20)]
)
def test_a_whole_measurement(engines, frame_ms, monkeypatch):
    monkeypatch.setattr(run, "QUICK_CYCLE_S", 3.5)
    settings = (f"server.mic_frame_ms={frame_ms}",)
    options = Options(engines=engines, levels=(10,), settings=settings, quick=True)
    report = asyncio.run(load(options))
    (found,) = report.levels
    assert found.turns >= 1
    assert found.missed == 0
    # What the rule waits and the engines take. On a busy machine the sound is late, and the wait shorter.
    engines_ms = RECOGNISER_MS + FIRST_TOKEN_MS + FIRST_CHUNK_MS
    set_ms = SCRIPTED_TURNS.endpoint_delay_ms + engines_ms
    assert engines_ms < found.mouth_to_ear_ms.p50 < 3 * set_ms
    if found.overhead_ms is not None:
        assert 0 < found.overhead_ms.p50 < set_ms
    assert found.errors == {}
    assert (found.overhead_ms is None) == (engines == "http")
    assert found.cpu_core_share > 0
    # Which stages a few samples hit is chance; together they are the main thread's time.
    assert found.stage_samples > 0
    assert sum(found.stages.values()) == pytest.approx(found.main_share, rel=0.3)
    assert found.rss_mb > 0
    assert report.sessions_at_60_percent > 0
