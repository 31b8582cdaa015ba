"""Texts with a name in them."""

from __future__ import annotations

import math
from types import SimpleNamespace

from frametalk.adapters.asr.whisper.names import Likeness
from frametalk.adapters.asr.whisper.spellings import log_probability, other_spellings, with_name
from frametalk.core.agreement import TimedWord


class Letters:
    """A token for each letter."""

    def encode(self, text: str) -> list[int]:
        return [ord(letter) for letter in text]


def spelled(
    text: str, known: str = "", names: tuple[str, ...] = ("Bram",), sure: float = 0.5
) -> list[str]:
    first, *rest = text.split(" ")
    words = [*([first] if first else []), *(f" {word}" for word in rest)]
    timed = [TimedWord(word, n, n + 1, sure) for n, word in enumerate(words)]
    others = other_spellings(Letters(), Letters().encode(known), timed, names)
    return ["".join(map(chr, other.tokens)) for other in others]


def test_a_name_replaces_the_words_that_sound_like_it() -> None:
    assert spelled(" give it to Brem!")[0] == " give it to Bram!"


def test_the_known_beginning_stays() -> None:
    assert spelled(" to Brem", known=" ask Brem")[0] == " ask Brem to Bram"
    assert spelled("em to Brem", known=" ask Br") == [], "it ends within a word"


def test_without_names_nothing_is_tried() -> None:
    assert spelled(" give it to Brem", names=()) == []


def test_words_of_high_probability_are_not_tried() -> None:
    assert spelled(" give it to Brem", sure=0.99) == []


def test_several_words_become_one_name() -> None:
    likeness = Likeness(2, 4, "Excalibur", 0.1)
    assert with_name(["I", "seek", "X", "caliber."], likeness) == "I seek Excalibur."


def test_the_probability_is_that_of_all_tokens() -> None:
    assert math.isclose(
        log_probability(SimpleNamespace(text_token_probs=[0.5, 0.25])), math.log(0.125)
    )
    assert log_probability(SimpleNamespace(text_token_probs=[0.0])) < -20
