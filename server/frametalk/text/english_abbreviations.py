"""Rules for reading English aloud: abbreviations, Roman numerals, symbols and addresses."""

from __future__ import annotations

import re

from frametalk.text.reading_rules import Rule, Spell

_WORDS = {
    "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Prof": "Professor", "Capt": "Captain",
    "Lt": "Lieutenant", "Sgt": "Sergeant", "Gen": "General", "Col": "Colonel", "Rev": "Reverend",
    "Jr": "Junior", "Sr": "Senior", "vs": "versus", "etc": "et cetera", "e.g": "for example",
    "i.e": "that is", "approx": "approximately", "Mt": "Mount",
}  # fmt: skip
_SYMBOLS = {"&": "and", "+": "plus", "=": "equals", "@": "at", "\u00d7": "times", "*": "times"}
# num2words has no Roman numerals, and reads none of the words and symbols above.
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}
_RANKS = "King|Queen|Pope|Emperor|Empress|Prince|Princess|Tsar|Duke|Sultan|Saint"
_COUNTED = frozenset(
    "War Chapter Part Act Volume Book Level Phase Type Mark Episode Season Scene Class Tier".split()
)


def _word(match: re.Match[str], _spell: Spell) -> str:
    written = match["word"]
    word = _WORDS.get(written) or _WORDS.get(written.lower()) or _WORDS[written.capitalize()]
    ends = match.end() == len(match.string) and written.lower() in {"etc", "jr", "sr"}
    return f"{word}." if ends else word


def _title(match: re.Match[str], _spell: Spell) -> str:
    """Before a name."""
    return {"Dr": "Doctor", "St": "Saint"}[match["word"]]


def _street(match: re.Match[str], _spell: Spell) -> str:
    """After a name."""
    word = {"Dr": "Drive", "St": "Street"}[match["word"]]
    return f"{word}." if match.end() == len(match.string) else word


def _roman(match: re.Match[str], spell: Spell) -> str:
    value = _roman_value(match["roman"])
    if not value:
        return ""
    if match["name"] in _COUNTED:
        return spell(str(value), "cardinal")
    return f"the {spell(str(value), 'ordinal')}"


def _roman_value(numeral: str) -> int:
    """The value of a Roman numeral below 50; 0 for other letters."""
    if not re.fullmatch("X{0,3}(?:IX|IV|V?I{0,3})", numeral):
        return 0
    values = [_ROMAN[letter] for letter in numeral]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < after else value for value, after in pairs)


def _address(match: re.Match[str], _spell: Spell) -> str:
    """A web address is read as its host alone."""
    return match["host"].removeprefix("www.").replace(".", " dot ").replace("-", " dash ")


def _mail(match: re.Match[str], _spell: Spell) -> str:
    return match.group().replace("@", " at ").replace(".", " dot ").replace("_", " underscore ")


def _words_pattern(words: str, after: str = "") -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.])(?P<word>{words})\.(?!\w){after}")


ADDRESSES: tuple[Rule, ...] = (
    Rule(
        re.compile(r"\bhttps?://(?P<host>[\w.-]{1,100}\w)(?:[:/?#][^\s]{0,400}?)?(?=[.,;:!?)]*(?:\s|$))"),
        _address, needs_digit=False,
    ),
    Rule(re.compile(r"(?<!\w)[\w.]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"), _mail, needs_digit=False),
)  # fmt: skip

RULES: tuple[Rule, ...] = (
    Rule(
        re.compile(
            rf"\b(?:{_RANKS}) (?P<name>[A-Z][a-z]+) (?P<roman>[IVX]+)\b(?! [a-z]*ing\b|[-'\u2019]\w)"
        ),
        _roman,
        needs_digit=False,
        part="roman",
    ),
    Rule(
        re.compile(r"\b(?P<name>[A-Z][a-z]+) (?P<roman>[IVX]{2,})\b"),
        _roman,
        needs_digit=False,
        part="roman",
    ),
    Rule(_words_pattern("Dr|St", r"(?=\s?[A-Z])"), _title, needs_digit=False),
    Rule(_words_pattern("Dr|St"), _street, needs_digit=False),
    Rule(
        re.compile(_words_pattern("|".join(map(re.escape, _WORDS))).pattern, re.IGNORECASE),
        _word, needs_digit=False,
    ),
    Rule(re.compile(r"(?<=\d)[*\u00d7](?=\d)"), lambda _match, _spell: " times "),
    Rule(
        re.compile(r"(?<=\s)[&+=@\u00d7*](?=\s)"),
        lambda match, _: _SYMBOLS[match.group()],
        needs_digit=False,
    ),
)  # fmt: skip
