"""Text that does harm, by intent or not: nothing raises, and the work is linear in its length."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.core.languages import languages
from frametalk.text.clauses import MAX_CHARS, Clauses
from frametalk.text.number_words import load, number_words
from frametalk.text.spoken_text import reword
from growth import assert_linear

SMALL, LARGE = 6_000, 60_000

UNITS = [
    "a. ",
    "1-",
    "$1",
    "½",
    "*a",
    "**",
    "[a",
    "（",
    "U.S. ",
    "。」",
    "(555) ",
    "5'",
    "a@b.",
    "3:45",
]
PIECES = (
    *("1 a A . , : ; ! ? - / ' \" * ** _ ( ) [ ] { } < > $ € % ° ½ 10 000 a.m. U.S. No. 3. Mai".split()),
    *("。 、 」 「 （ ） 【 】 ؟ । « » “ ” … 😀 笑".split()),
    *("Jan 1984 3:45 5'11\" +1 e.g. I X \u200d \u0301 \n \\".split()),
    " ",
)  # fmt: skip
TEXT = st.one_of(
    st.text(max_size=400), st.lists(st.sampled_from(PIECES), max_size=120).map("".join)
)


def cut(text: str, language: str, size: int) -> list[str]:
    cutter = Clauses(language)
    clauses = [c for at in range(0, len(text), size) for c in cutter.feed(text[at : at + size])]
    return clauses + cutter.flush()


@given(TEXT, st.sampled_from([*languages(), "ar", "hi", "tlh", ""]), st.integers(1, 50))
def test_any_text_is_cut_into_itself_and_spoken(text: str, language: str, size: int) -> None:
    clauses = cut(text, language, size)
    at = 0
    for clause in clauses:
        found = text.find(clause, at)
        assert found >= 0
        assert not re.search(r"[^\W_]", text[at:found])
        at = found + len(clause)
        assert len(clause) <= MAX_CHARS
        wording = reword(clause, language, number_words)
        assert [piece.shown[0] for piece in wording.pieces] == sorted(
            piece.shown[0] for piece in wording.pieces
        )
    assert not re.search(r"[^\W_]", text[at:])


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("unit", UNITS)
def test_the_time_for_60_kb_of_hostile_text_grows_with_its_length(unit: str, whole: bool) -> None:
    load()

    def work(length: int) -> None:
        text = (unit * (length // len(unit) + 1))[:length]
        for clause in [text] if whole else cut(text, "en", 64):
            reword(clause, "en", number_words)

    assert_linear(work, SMALL, LARGE)
