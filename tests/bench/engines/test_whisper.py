"""The recogniser's part of the engines suite with the smallest model: counts, not times."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from conftest import require
from frametalk.bench.engines.whisper import measure, speeches

pytestmark = pytest.mark.real


async def test_both_sides_are_measured_and_every_session_gets_its_share() -> None:
    require(find_spec("faster_whisper"), "the package faster-whisper")
    report = await measure(rounds=1, size="micro", sessions=2, busy_s=0.6)
    assert (report.final_ms.n, report.plain_ms.n) == (1, 1)
    assert report.final_ms.p50 is not None
    assert report.plain_ms.p50 is not None
    assert report.final_ratio == pytest.approx(report.final_ms.p50 / report.plain_ms.p50, abs=1e-3)
    assert len(report.sessions) == 2
    assert all(one.finals == one.wait_ms.n > 0 for one in report.sessions)
    assert 0 < report.fairness <= 1
    assert report.loop_lag_ms.n > 100
    assert report.idle_lag_ms.n > 10


def test_turns_have_their_length_and_different_voices() -> None:
    one, other = speeches(2)
    assert len(one) == len(other) == 40_000
    assert (one != other).any()
