"""The mouth shapes of two voices: where their closures lie best on the sound."""

from __future__ import annotations

import numpy as np

from frametalk.bench.real.lips import measure
from frametalk.bench.real.sayings import Saying
from frametalk.core.marks import Mark
from heard_texts import FakeRecognisers, context

RATE_HZ = 16_000


def saying(late_ms: float) -> Saying:
    """A loud second with 100 ms of silence in its middle; the mark of the closure is late."""
    sound = np.full(RATE_HZ, 8_000, np.int16)
    sound[7_200:8_800] = 0
    late = round(late_ms * RATE_HZ / 1000)
    marks = (
        Mark("viseme", 0, 7_200, "aa"),
        Mark("viseme", 7_200 + late, 8_800 + late, "PP"),
        Mark("viseme", 8_800, 16_000, "aa"),
    )
    return Saying("apa", sound, RATE_HZ, marks)


async def test_a_voice_whose_marks_are_late_needs_a_shift_to_earlier() -> None:
    voices = {"joe": [saying(0)], "espeak": [saying(30), saying(30)]}
    shifts = (await measure(context(FakeRecognisers(), _sayings=voices)))["lip_shift_ms"]
    assert (shifts["joe"], shifts["joe_n"]) == (0, 1)
    assert (shifts["espeak"], shifts["espeak_n"]) == (-30, 2)
    assert min(shifts["espeak_ratios"], key=shifts["espeak_ratios"].get) == "-30"


async def test_without_the_piper_voice_only_espeak_is_measured() -> None:
    made = context(FakeRecognisers())
    vars(made)["_sayings"] = {"espeak": [saying(10)]}
    shifts = (await measure(made))["lip_shift_ms"]
    assert shifts["espeak"] == -10
    assert "joe" not in shifts
    assert "en_US-joe-medium" in made.skipped["lip_shift_ms.joe"]
