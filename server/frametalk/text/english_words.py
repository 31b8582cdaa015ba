"""Words of English that are said otherwise than they are written: abbreviations, Roman numerals, symbols,
addresses.
"""

from __future__ import annotations

import re

from frametalk.text.figures import Rule, Spell

_WORDS = {
    "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Prof": "Professor", "Capt": "Captain",
    "Lt": "Lieutenant", "Sgt": "Sergeant", "Gen": "General", "Col": "Colonel", "Rev": "Reverend",
    "Jr": "Junior", "Sr": "Senior", "vs": "versus", "etc": "et cetera", "e.g": "for example",
    "i.e": "that is", "approx": "approximately", "Mt": "Mount",
}  # fmt: skip
_SYMBOLS = {"&": "and", "+": "plus", "=": "equals", "@": "at", "\u00d7": "times", "*": "times"}
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}
_RANKS = "King|Queen|Pope|Emperor|Empress|Prince|Princess|Tsar|Duke|Sultan|Saint"
_COUNTED = frozenset(
    "War Chapter Part Act Volume Book Level Phase Type Mark Episode Season Scene Class Tier".split()
)


def _word(match: re.Match[str], _spell: Spell) -> str:
    word = match["word"]
    said = _WORDS.get(word) or _WORDS.get(word.lower()) or _WORDS[word.capitalize()]
    ends = match.end() == len(match.string) and word.lower() in {"etc", "jr", "sr"}
    return f"{said}." if ends else said


def _doctor(match: re.Match[str], _spell: Spell) -> str:
    """Before a name a title, behind one a street."""
    return {"Dr": "Doctor", "St": "Saint"}[match["word"]]


def _street(match: re.Match[str], _spell: Spell) -> str:
    said = {"Dr": "Drive", "St": "Street"}[match["word"]]
    return f"{said}." if match.end() == len(match.string) else said


def _roman(match: re.Match[str], spell: Spell) -> str:
    value = _roman_value(match["roman"])
    if not value:
        return ""
    if match["name"] in _COUNTED:
        return spell(str(value), "cardinal")
    return f"the {spell(str(value), 'ordinal')}"


def _roman_value(numeral: str) -> int:
    """What a Roman numeral below 50 is worth; 0 for letters that are none."""
    if not re.fullmatch("X{0,3}(?:IX|IV|V?I{0,3})", numeral):
        return 0
    values = [_ROMAN[letter] for letter in numeral]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < after else value for value, after in pairs)


def _address(match: re.Match[str], _spell: Spell) -> str:
    """Of an address in the web the host is enough."""
    return match["host"].removeprefix("www.").replace(".", " dot ").replace("-", " dash ")


def _mail(match: re.Match[str], _spell: Spell) -> str:
    return match.group().replace("@", " at ").replace(".", " dot ").replace("_", " underscore ")


def _words_rule(words: str, behind: str = "") -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.])(?P<word>{words})\.(?!\w){behind}")


ADDRESSES: tuple[Rule, ...] = (
    Rule(
        re.compile(r"\bhttps?://(?P<host>[\w.-]{1,100}\w)(?:[:/?#][^\s]{0,400}?)?(?=[.,;:!?)]*(?:\s|$))"),
        _address, digits=False,
    ),
    Rule(re.compile(r"(?<!\w)[\w.]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"), _mail, digits=False),
)  # fmt: skip

RULES: tuple[Rule, ...] = (
    Rule(
        re.compile(rf"\b(?:{_RANKS}) (?P<name>[A-Z][a-z]+) (?P<roman>[IVX]+)\b(?! [a-z]*ing\b)"),
        _roman,
        digits=False,
        part="roman",
    ),
    Rule(
        re.compile(r"\b(?P<name>[A-Z][a-z]+) (?P<roman>[IVX]{2,})\b"),
        _roman,
        digits=False,
        part="roman",
    ),
    Rule(_words_rule("Dr|St", r"(?=\s?[A-Z])"), _doctor, digits=False),
    Rule(_words_rule("Dr|St"), _street, digits=False),
    Rule(
        re.compile(_words_rule("|".join(map(re.escape, _WORDS))).pattern, re.IGNORECASE),
        _word, digits=False,
    ),
    Rule(
        re.compile(r"(?<=\s)[&+=@\u00d7*](?=\s)"),
        lambda match, _: _SYMBOLS[match.group()],
        digits=False,
    ),
)  # fmt: skip
