"""Several runs of a suite as one report."""

from __future__ import annotations

import msgspec

from frametalk.bench.pooled import pooled
from frametalk.bench.samples import Distribution


class Trial(msgspec.Struct):
    id: str
    split: bool


class AReport(msgspec.Struct):
    wait_ms: Distribution
    lost: int
    rate: float
    crashed: bool
    suite: str = "waits"
    by_kind: dict[str, float] = {}
    trials: list[Trial] = []
    floods: list[Distribution] = []
    missing: float | None = None


def test_one_run_is_as_it_is():
    report = AReport(Distribution.of([1.0]), 0, 0.5, crashed=False)
    assert pooled([report]) is report


def test_runs_are_one_report_of_the_same_type():
    found = pooled(
        [
            AReport(
                Distribution.of([first, 9.0], ["a", "b"]),
                lost,
                rate,
                crashed=lost > 3,
                by_kind={"command": rate},
                trials=[Trial("a", split=False)],
                floods=[Distribution.of([first])],
                missing=missing,
            )
            for first, lost, rate, missing in (
                (1.0, 0, 0.1, None),
                (3.0, 4, 0.2, 2.0),
                (2.0, 5, 0.6, 4.0),
            )
        ]
    )
    assert isinstance(found, AReport)
    assert found.wait_ms == Distribution.of([1, 9, 3, 9, 2, 9], ["a", "b"] * 3)
    assert (found.lost, found.rate, found.crashed, found.suite) == (4, 0.2, True, "waits")
    assert found.by_kind == {"command": 0.2}
    assert [trial.id for trial in found.trials] == ["a", "a", "a"]
    assert found.floods == [Distribution.of([1, 3, 2])]
    assert found.missing == 3.0


def test_lists_of_different_length_are_those_of_the_first_run():
    assert pooled([[1, 2], [1]]) == [1, 2]


def test_percentiles_whose_values_were_left_out_are_the_medians_of_the_runs():
    runs = [Distribution(600, p50=1.0, p95=2.0, p99=p99) for p99 in (9.0, 3.0, 4.0)]
    assert pooled(runs) == Distribution(1_800, p50=1.0, p95=2.0, p99=4.0)
