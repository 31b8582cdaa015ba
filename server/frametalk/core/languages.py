"""What is known of each language: its words for turns, sentences, numbers, stage directions and set lines.

One file per language in data/languages/; docs/languages.md lists them. A language without a file has
empty lists.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

# Tags that mean a language whose file has another name.
_SAME = {"cmn": "zh", "yue": "zh"}


@dataclass(frozen=True, slots=True)
class SetLines:
    """What a character says whatever its mind thinks. Of several lines each is used in turn.

    `disclosure`: that a machine speaks. `deflecting`: instead of what the guard stopped. `caring`: to a
    player who thinks of self-harm. `parting`: the last line of a session that has used what it may.
    """

    disclosure: str = ""
    deflecting: tuple[str, ...] = ()
    caring: tuple[str, ...] = ()
    parting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Language:
    """The data of one language. All words are in lower case."""

    known: bool = False
    # Turns, as players speak.
    trailing: frozenset[str] = frozenset()
    """Words that a sentence rarely ends with: conjunctions, articles, auxiliaries, fillers."""
    trailing_phrases: tuple[str, ...] = ()
    openings: frozenset[str] = frozenset()
    """Words that open a subordinate clause: a short text of only that clause needs more."""
    backchannels: frozenset[str] = frozenset()
    """Words that show attention and do not interrupt."""
    interruptions: frozenset[str] = frozenset()
    """Words that interrupt by themselves."""
    # Sentences, as minds write them. All are written without their last dot.
    abbreviations: frozenset[str] = frozenset()
    """Never the end of a sentence."""
    may_end: frozenset[str] = frozenset()
    """The end of a sentence only before one of the `starters`; "-str" is any word that ends so."""
    before_numbers: frozenset[str] = frozenset()
    """The end of a sentence unless a digit follows: "No. 5"."""
    starters: frozenset[str] = frozenset()
    """Words that begin many sentences and are not names."""
    ordinal_dot: bool = False
    """Whether a dot makes a number an ordinal: "3. Mai"."""
    # Numbers.
    decimal: str = "."
    decimal_word: str = ""
    """The word for the decimal comma, where the number library has another or none."""
    range: str = ""
    """The word between the numbers of a range, where it leaves them as they are."""
    ordinal_after: frozenset[str] = frozenset()
    """Words before an ordinal, where a dot makes one: "am 3."."""
    spaced_groups: bool = False
    """Whether "10 000" is one number."""
    point_regions: frozenset[str] = frozenset()
    """Regions that write 1,000.5 where the language has a decimal comma."""
    inflected: str = "$^"
    """A pattern of numbers whose words change with the noun that follows: "una espada"."""
    years_left: tuple[int, int] = (0, -1)
    """Numbers from .. to that are read otherwise if they are years."""
    # Directions: words in brackets -> the name of a gesture or an emotion.
    gestures: Mapping[str, str] = field(default_factory=dict)
    emotions: Mapping[str, str] = field(default_factory=dict)
    lines: SetLines = SetLines()


_UNKNOWN = Language()


def base_of(tag: str) -> str:
    """The language of a tag without its region and script: "pt-BR" -> "pt"."""
    base = re.split("[-_]", tag, maxsplit=1)[0].lower()
    return _SAME.get(base, base)


def language_of(tag: str) -> Language:
    """The data for a BCP 47 tag; empty lists if there is no file for its language."""
    base = base_of(tag)
    return _of_file(base) if base in languages() else _UNKNOWN


def lines_in(tag: str) -> SetLines:
    """The set lines of a language; in English if it has none."""
    return (language_of(tag) if language_of(tag).known else language_of("en")).lines


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a file."""
    names = (file.name for file in files("frametalk").joinpath("data/languages").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def _of_file(name: str) -> Language:
    file = files("frametalk").joinpath(f"data/languages/{name}.toml")
    return _read(tomllib.loads(file.read_text(encoding="utf-8")))


def _read(data: Mapping[str, Any]) -> Language:
    turns, sentences = data.get("turns", {}), data.get("sentences", {})
    numbers, directions = data.get("numbers", {}), data.get("directions", {})
    return Language(
        known=True,
        trailing=_words(turns, "trailing"),
        trailing_phrases=tuple(turns.get("trailing_phrases", ())),
        openings=_words(turns, "openings"),
        backchannels=_words(turns, "backchannels"),
        interruptions=_words(turns, "interruptions"),
        abbreviations=_words(sentences, "abbreviations"),
        may_end=_words(sentences, "may_end"),
        before_numbers=_words(sentences, "before_numbers"),
        starters=_words(sentences, "starters"),
        ordinal_dot=sentences.get("ordinal_dot", False),
        decimal=numbers.get("decimal", "."),
        decimal_word=numbers.get("decimal_word", ""),
        range=numbers.get("range", ""),
        ordinal_after=_words(numbers, "ordinal_after"),
        spaced_groups=numbers.get("spaced_groups", False),
        point_regions=frozenset(numbers.get("point_regions", ())),
        inflected=numbers.get("inflected", "$^"),
        years_left=tuple(numbers.get("years_left", (0, -1))),
        gestures=_names(directions.get("gestures", {})),
        emotions=_names(directions.get("emotions", {})),
        lines=_lines(data.get("lines", {})),
    )


def _words(table: Mapping[str, str], key: str) -> frozenset[str]:
    return frozenset(table.get(key, "").split())


def _lines(table: Mapping[str, Any]) -> SetLines:
    several = {key: tuple(value) for key, value in table.items() if key != "disclosure"}
    return SetLines(table.get("disclosure", ""), **several)


def _names(table: Mapping[str, list[str]]) -> dict[str, str]:
    return {form.lower(): name for name, forms in table.items() for form in forms}
