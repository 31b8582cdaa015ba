"""How certain a reading of the scene is beside one of general English."""

from __future__ import annotations

import math
from typing import Any

import pytest

from frametalk.adapters.asr.pocketsphinx.certainty import (
    FRAME_SAMPLES,
    SURE_MARGIN,
    SURE_MARGIN_OF_TWINS,
    certainty,
    margin,
)


def reading(text: str, margin_of_score: float = 0.0) -> dict[str, Any]:
    """A reading of 100 frames whose score is this much a frame above 0."""
    words = [[text, 0, 100 * FRAME_SAMPLES]] if text else []
    return {"text": text, "words": words, "score": 100 * margin_of_score}


OTHER = reading("bell canada are")
TWIN = reading("opened the door")


def test_the_margin_is_counted_for_each_frame_of_the_words() -> None:
    assert margin(reading("open the door", 7.0), OTHER) == pytest.approx(7.0)
    assert margin(reading(""), OTHER) == -math.inf


def test_a_reading_is_sure_when_it_explains_the_sound_much_better() -> None:
    command = "open the door"
    assert certainty(reading(command, SURE_MARGIN + 1), 1.0, OTHER) > 0.5
    assert certainty(reading(command, SURE_MARGIN - 1), 1.0, OTHER) < 0.5
    assert certainty(reading(command, 1e6), 1.0, OTHER) <= 1.0
    assert certainty(reading(command, -1e6), 1.0, OTHER) >= 0.0


def test_general_english_that_differs_in_one_word_needs_a_larger_margin() -> None:
    assert certainty(reading("open the door", SURE_MARGIN + 1), 1.0, TWIN) < 0.5
    assert certainty(reading("open the door", SURE_MARGIN_OF_TWINS + 1), 1.0, TWIN) > 0.5
    assert certainty(reading("open the door now", SURE_MARGIN + 1), 1.0, TWIN) > 0.5


def test_the_same_words_in_both_readings_are_sure_and_no_general_reading_is_not() -> None:
    assert certainty(reading("yes", -30.0), 1.0, reading("yes")) > 0.5
    assert certainty(reading("yes", 30.0), 1.0, None) < 0.5
    assert certainty(reading(""), 1.0, reading("")) < 0.5


def test_decoders_of_the_scene_that_disagree_are_not_sure() -> None:
    assert certainty(reading("open the door", 50.0), 0.4, OTHER) == 0.4
