"""Where sentences end in each language and script; tests/text/spoken/ has whole texts."""

from __future__ import annotations

import pytest

from frametalk.core.languages import language_of
from frametalk.text.clauses import Clauses
from frametalk.text.sentence_ends import in_quotes, may_be_abbreviated


def cut(text: str, language: str) -> list[str]:
    cutter = Clauses(language)
    return [*cutter.feed(text), *cutter.flush()]


@pytest.mark.parametrize(
    ("language", "clauses"),
    [
        ("en", ["At 9 a.m. and at 5 p.m. on Fri. and Sat."]),
        ("en", ["He came at 9 a.m.", "She came later."]),
        ("en", ["The U.S.A. and the U.K. agreed."]),
        ("en", ["W.E.B. Du Bois and J. R. Smith."]),
        ("en", ["Mr. and Mrs. Hale, Esq. of the Dept. of War."]),
        ("en", ["Turn into Blvd. of Kings."]),
        ("en", ["I met J. Doe.", "Bram did too."]),
        ("es", ["P. ej. la puerta de la Sra. Ruiz."]),
        ("en", ["It was I.", "Then he left."]),
        ("en", ["Take vitamin C.", "It is good."]),
        ("en", ["He has a Ph.D. in magic.", "It is old."]),
        ("en", ['He said "I live in the U.S."', "Then he left."]),
        ("en", ["S-St. George and M-Mr. Bean."]),
        ("en", ["Hmm.", "what is it?"]),
        ("en", ["I am Max.", "Ask Ed."]),
        ("de", ["Am 3. Mai, i. d. R. im 2. Stock."]),
        ("de", ["Am 24.12. mit Dr. Huber bzw. Frau Weiß."]),
        ("fr", ["M. Roux vient.", "« Halte ! »", "dit-il."]),
        ("es", ["El Sr. D. Juan vive en EE. UU. con la Dra. Ruiz."]),
        ("pl", ["W 1990 r. Kraków był mały.", "Potem urósł."]),
        ("fr", ["Il mesure 2 m.", "Il part avec M. Roux."]),
        ("pl", ["W XIX w. i w 1990 r. było m.in. tak."]),
        ("cmn", ["你好。", "我是铁匠！", "“谁？”", "他问。"]),
        ("ja", ["はい。", "「どうぞ！」", "では。"]),
        ("ar", ["من أنت؟", "أنا حداد."]),
        ("hi", ["मैं लोहार हूँ।", "तुम कौन हो?"]),
        ("ur", ["یہ تلوار ہے۔", "آپ کون ہیں؟"]),
    ],
)
def test_sentences_end_where_the_language_ends_them(language: str, clauses: list[str]) -> None:
    joined = ("" if language in {"cmn", "ja"} else " ").join(clauses)
    assert cut(joined, language) == clauses


def test_an_end_without_white_space_is_found_one_token_later() -> None:
    cutter = Clauses("ja")
    assert [cutter.feed(token) for token in ("はい", "。", "では")] == [[], [], ["はい。"]]


def test_a_long_sentence_without_white_space_is_cut_at_its_commas() -> None:
    text = "这把剑是三百年前在北方的山里打造的，它非常古老，但是仍然很锋利。"
    assert cut(text, "zh")[0] == "这把剑是三百年前在北方的山里打造的，"


def test_a_date_and_a_list_of_numbers_are_not_cut_at_a_comma() -> None:
    text = "I have been the blacksmith of this town since Jan 1, 1980, they say."
    assert cut(text, "en")[0] == "I have been the blacksmith of this town since Jan 1, 1980,"


@pytest.mark.parametrize(
    ("tokens", "ready"),
    [
        ([" Bldg", "."], []),
        ([" Inc", "."], []),
        ([" dept", "."], []),
        (['"Halt', "!", '"'], []),
        ([" door", "."], ["door."]),
    ],
)
def test_an_end_is_assumed_only_after_a_plain_word(tokens: list[str], ready: list[str]) -> None:
    cutter = Clauses()
    assert [clause for token in tokens for clause in cutter.feed(token)] == ready


def test_short_words_of_an_unknown_language_may_be_abbreviated() -> None:
    assert not may_be_abbreviated("t.ex", language_of("en"))  # a word with dots: seen by its form
    assert may_be_abbreviated("bl", language_of("sv"))
    assert not may_be_abbreviated("svenska", language_of("sv"))


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ('"Halt', True),
        ('"Halt" he', False),
        ("„Halt", True),
        ("„Halt“ rief", False),
        ("« Ha", True),
    ],
)
def test_an_open_quotation_is_seen(text: str, inside: bool) -> None:
    assert in_quotes(text) is inside
