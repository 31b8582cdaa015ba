"""The shift at which closures are softest, on a sound with a known closure."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.bench.real.lip_shift import Spoken, lip_shift
from frametalk.core.marks import Mark

RATE_HZ = 8_000


def syllables(late_ms: int) -> Spoken:
    """Vowels of 100 ms and silences of 60 ms, with marks that are late."""
    vowel = np.tile(np.array([9_000, -9_000], np.int16), 400)
    sound = np.concatenate([vowel, np.zeros(480, np.int16)] * 3 + [vowel])
    by = late_ms * 8
    at = [n * 1_280 + by for n in range(4)]
    marks = [Mark("viseme", begin, begin + 800, "aa") for begin in at]
    marks += [Mark("viseme", begin + 800, begin + 1_280, "PP") for begin in at[:3]]
    return Spoken(sound, RATE_HZ, marks)


@pytest.mark.parametrize("late_ms", [-40, -20, 0, 20, 40])
def test_the_shift_is_what_would_put_the_marks_on_the_sound(late_ms: int) -> None:
    found = lip_shift([syllables(late_ms), syllables(late_ms)])
    assert found.ms == -late_ms
    assert found.closures == 6
    assert found.ratios[-late_ms] < 0.2 < found.ratios[20 - late_ms]


def test_what_has_no_closures_cannot_be_measured() -> None:
    spoken = syllables(0)
    with pytest.raises(ValueError, match="no closure"):
        lip_shift([Spoken(spoken.samples, RATE_HZ, spoken.marks[:1])])
