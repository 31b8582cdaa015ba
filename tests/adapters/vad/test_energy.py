"""The energy VAD."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from adapters.conformance.vads import VadConformance
from frametalk.adapters.vad.energy import EnergyVad


class TestEnergyVad(VadConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], EnergyVad]:
        return EnergyVad


@pytest.mark.parametrize(("size", "probability"), [(330, 1.0), (320, 1.0), (150, 0.0), (0, 0.0)])
def test_threshold_is_a_level_below_full_scale(size: int, probability: float) -> None:
    window = np.full(512, size, np.int16)
    assert EnergyVad(threshold_db=-40.3).process(window) == probability
