"""What moved between two results, and what is noise."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from frametalk.bench.changes import Change, numbers, rates, times
from frametalk.bench.samples import Distribution

RANDOM = np.random.default_rng(5)
SPEECH = RANDOM.uniform(200, 900, size=60)  # what is said differs much


def a_run(shift_ms: float, *, keys: bool = True, seed: int = 0) -> dict[str, Any]:
    noise = np.random.default_rng(seed).normal(0, 3, size=60)
    names = [f"u{number}" for number in range(60)] if keys else []
    found = Distribution.of(SPEECH + noise + shift_ms, names)
    return {"wait_ms": msgspec.to_builtins(found)}


def by_value(changes: Any) -> dict[str, Change]:
    return {change.value: change for change in changes}


def test_pairs_show_what_moved_and_by_how_much():
    found = by_value(times(a_run(0, seed=1), a_run(8, seed=2)))["wait_ms.p50"]
    assert (found.moved, found.pairs) == (True, 60)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= 8 <= found.high
    assert 6 < found.by < 10


def test_without_pairs_the_same_difference_is_within_noise():
    found = by_value(times(a_run(0, keys=False, seed=1), a_run(8, keys=False, seed=2)))
    assert (found["wait_ms.p50"].moved, found["wait_ms.p50"].pairs) == (False, 0)
    assert found["wait_ms.p95"].moved is False


def test_equal_runs_seldom_differ():
    moved = sum(
        change.moved is True
        for seed in range(100)
        for change in times(a_run(0, seed=2 * seed), a_run(0, seed=2 * seed + 1))
    )
    assert moved <= 8  # of 200, at a level of 99 %


def test_what_runs_of_one_result_differ_by_is_noise():
    old = a_run(0, seed=1) | {"runs": [a_run(0, seed=1), a_run(20, seed=1)]}
    assert by_value(times(old, a_run(8, seed=2)))["wait_ms.p50"].moved is False


def test_too_few_values_say_nothing():
    few = {"wait_ms": msgspec.to_builtins(Distribution.of([1, 2, 3]))}
    assert by_value(times(few, few))["wait_ms.p50"].moved is None


def trials(split: int) -> dict[str, Any]:
    return {"ours": {"turns": [{"id": f"u{n}", "split": n < split} for n in range(40)]}}


def test_outcomes_are_compared_trial_by_trial():
    many = by_value(rates(trials(0), trials(12)))["ours.turns.split"]
    assert (many.old, many.new, many.pairs, many.moved) == (0, 0.3, 40, True)
    assert by_value(rates(trials(0), trials(2)))["ours.turns.split"].moved is False


def test_other_numbers_need_several_runs():
    def one(ready_ms: float) -> dict[str, Any]:
        return {"ready_ms": ready_ms, "calibration": {"x": ready_ms}, "suite": "overhead"}

    def several(*values: float) -> dict[str, Any]:
        return one(values[0]) | {"runs": [one(value) for value in values]}

    assert by_value(numbers(one(400), one(300)))["ready_ms"].moved is None
    assert by_value(numbers(several(400, 410), several(300, 310)))["ready_ms"].moved is True
    assert by_value(numbers(several(400, 410), several(405, 310)))["ready_ms"].moved is False
    assert list(by_value(numbers(one(400), one(300)))) == ["ready_ms"]
    assert list(numbers(one(400), one(400))) == []
