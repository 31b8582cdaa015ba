"""Piper's measurement with the smallest voice, as far as it does not depend on the machine."""

from __future__ import annotations

import pytest

from frametalk.adapters.base import SpeechChunk
from frametalk.bench.engines.piper import before_sound, measure, offset
from frametalk.core.marks import Mark

SHAPES = (Mark("viseme", 0, 4, "PP"), Mark("viseme", 4, 10, "aa"))
EDGES = [("^", 0), ("_", 0), ("b", 4), ("_", 5), ("a", 8), ("m", 20), ("$", 24)]


@pytest.mark.real
async def test_chunks_equal_the_whole_and_shapes_come_before_sound() -> None:
    found = await measure(runs=1, quality="micro")
    assert found.chunk_error <= 1e-4
    assert found.visemes_before_sound
    assert found.viseme_offset_samples == 0
    assert found.phonemes == (pytest.approx(100, abs=5), pytest.approx(200, abs=5))
    assert found.first_sound_ratio_100 > 0
    assert found.first_sound_ratio_200 > 0


def test_shapes_that_come_late_or_leave_a_gap_are_found() -> None:
    ten, none = bytes(20), bytes(0)
    assert before_sound([SpeechChunk(ten, SHAPES)])
    assert before_sound([SpeechChunk(none, SHAPES), SpeechChunk(ten)])
    assert not before_sound([])
    assert not before_sound([SpeechChunk(ten)])
    assert not before_sound([SpeechChunk(ten), SpeechChunk(ten, SHAPES)])
    assert not before_sound([SpeechChunk(ten, SHAPES[1:])])
    assert not before_sound([SpeechChunk(ten + ten, SHAPES)])


@pytest.mark.parametrize(
    ("ends", "found"), [([4, 20], 0), ([4, 21], 1), ([1, 20], 3), ([4], -1), ([4, 20, 22], -1)]
)
def test_the_offset_is_the_greatest_distance_of_opening_lips_from_their_phoneme(
    ends: list[int], found: int
) -> None:
    assert offset([Mark("viseme", end - 1, end, "PP") for end in ends], EDGES) == found
