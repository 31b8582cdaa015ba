"""The scene's language model: its words, its counts and its file format."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.asr.pocketsphinx.scene_language import (
    scene_trigrams,
    speakable,
    spoken_number,
    spoken_numbers,
)

spoken_numbers()  # imports the number library here, not in an example that is timed


def test_names_become_words() -> None:
    assert speakable("Iron_Key 42") == ("iron", "key", "forty", "two")
    assert speakable("IronKey") == ("iron", "key")
    assert speakable("Th\u00f3rin's") == ("thorin's",)
    assert speakable("\u5263\U0001f5e1") == ()


def test_digits_become_number_words() -> None:
    assert spoken_number("110") == ("one", "hundred", "ten")
    assert spoken_number("007") == ("zero", "zero", "seven")
    assert spoken_number("21") == ("twenty", "one")
    assert spoken_number("1250") == ("one", "two", "five", "zero")


def sections(arpa: str) -> dict[int, list[str]]:
    """The lines of each order."""
    return {
        int(order): body.strip().splitlines()
        for order, body in re.findall(r"\\(\d)-grams:\n(.*?)(?=\n\\)", arpa, re.DOTALL)
    }


NAMES = st.text(max_size=12)


@given(st.lists(NAMES, max_size=6), st.lists(NAMES, max_size=4), st.lists(NAMES, max_size=4))
def test_the_counts_in_the_file_are_right_for_any_scene(
    things: list[str], verbs: list[str], phrases: list[str]
) -> None:
    arpa = scene_trigrams(things, verbs, phrases).arpa()
    orders = sections(arpa)
    for order, lines in orders.items():
        assert f"ngram {order}={len(lines)}" in arpa
        for line in lines:
            assert float(line.split()[0]) <= 0
            assert len(line.split()) >= order + 1


def test_things_and_verbs_of_the_scene_are_likely_together() -> None:
    arpa = scene_trigrams(["lever"], ["pull"], []).arpa()
    assert any(" pull the lever" in line for line in sections(arpa)[3])
