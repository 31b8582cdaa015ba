"""Pauses within readings, without engines: where they are, and the rates over them."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.adapters.vad.energy import EnergyVad
from frametalk.bench.real.pauses import stops, summary
from frametalk.bench.turns.ends import Outcome, Silence
from frametalk.core.completeness import Completeness

MS = 16  # samples


def sound(*parts_ms: tuple[int, bool]) -> np.ndarray:
    """Loud and quiet parts, one after the other."""
    return np.concatenate([np.full(ms * MS, 8_000 * loud, np.int16) for ms, loud in parts_ms])


def test_pauses_of_200_ms_and_the_end_are_found() -> None:
    loud, quiet = (640, True), (512, False)
    heard = stops(
        EnergyVad(), sound((320, False), (960, True), (128, False), loud, quiet, loud, quiet)
    )
    assert [(stop.at // MS, stop.to and stop.to // MS) for stop in heard] == [
        (2_048, 2_560),
        (3_200, None),
    ]
    assert {stop.start // MS for stop in heard} == {320}


def test_the_rates_are_over_the_pauses_and_the_delay_over_the_ends() -> None:
    def silence(at_ms: float, pause_ms: float | None) -> Silence:
        to_ms = None if pause_ms is None else at_ms + pause_ms
        return Silence(at_ms, to_ms, at_ms, [Completeness.UNKNOWN], 0.5)

    row = [
        Outcome(silence(1_000, 400), None),
        Outcome(silence(2_000, 900), 2_640, heard=True),
        Outcome(silence(3_000, 1_900), 3_640, heard=True, split=True),
        Outcome(silence(5_000, 300), None),
        Outcome(silence(6_000, None), 6_640),
    ]
    found = summary({"tale": row}, {"tale": ["a", "b", "c", "d", "e"]})
    assert (found.n, found.false_cut_rate, found.split_turn_rate) == (4, 0.5, 0.25)
    assert found.free_delay_ms == pytest.approx(640)
    assert [pause.delay_ms for pause in found.pauses] == [None, 640, 640, None, 640]
