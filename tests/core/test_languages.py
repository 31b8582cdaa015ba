"""The data of each language."""

from __future__ import annotations

import re
import tomllib

import pytest

from conftest import ROOT
from frametalk.core.languages import Language, base_of, language_of, languages, lines_in

FOLDER = ROOT / "server" / "frametalk" / "data" / "languages"
KEYS = {
    "turns": "trailing trailing_phrases openings backchannels interruptions",
    "sentences": "ordinal_dot abbreviations may_end before_numbers starters",
    "numbers": "decimal decimal_word range ordinal_after spaced_groups point_regions inflected years_left",
    "directions": "gestures emotions",
    "lines": "disclosure deflecting caring parting",
}


@pytest.mark.parametrize("tag", languages())
def test_a_file_has_only_keys_that_are_read_and_words_in_lower_case(tag: str) -> None:
    data = tomllib.loads((FOLDER / f"{tag}.toml").read_text(encoding="utf-8"))
    assert set(data) <= set(KEYS)
    for section, values in data.items():
        assert set(values) <= set(KEYS[section].split())
    language = language_of(tag)
    assert language.known
    re.compile(language.inflected)
    words = language.trailing | language.backchannels | language.interruptions | language.may_end
    words |= language.abbreviations | language.before_numbers | language.starters
    assert all(word == word.lower() for word in words)
    assert not language.backchannels & language.interruptions
    assert not language.abbreviations & (language.may_end | language.before_numbers)


@pytest.mark.parametrize("tag", ["de", "de-AT", "DE_ch", "de-Latn-DE"])
def test_a_tag_is_looked_up_by_its_language(tag: str) -> None:
    assert "und" in language_of(tag).trailing


def test_other_tags_for_chinese_are_known() -> None:
    assert base_of("cmn-Hans") == "zh"
    assert language_of("cmn") == language_of("zh")


@pytest.mark.parametrize("tag", ["tlh", "", "../models", "en/../de", "x" * 1_000])
def test_a_language_without_a_file_has_empty_lists(tag: str) -> None:
    assert language_of(tag) == Language()


@pytest.mark.parametrize("tag", languages())
def test_every_language_has_all_set_lines(tag: str) -> None:
    lines = lines_in(tag)
    assert lines.disclosure
    assert all((*lines.deflecting, *lines.caring, *lines.parting))
    assert min(len(lines.deflecting), len(lines.caring), len(lines.parting)) > 0


def test_a_language_without_a_file_has_the_set_lines_of_english() -> None:
    assert lines_in("sw") == lines_in("en-GB") != lines_in("de")
