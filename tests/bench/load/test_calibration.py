"""The calibration loop."""

from __future__ import annotations

from frametalk.bench.load import calibration


def test_it_is_the_best_of_some_rounds() -> None:
    assert 0 < calibration.calibrate() < 1_000
