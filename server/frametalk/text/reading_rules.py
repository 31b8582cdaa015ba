"""Rules for reading text aloud: what a rule is, and those for plain numbers in every language.

A rule that is unsure leaves the text to the voice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Literal

from frametalk.core.languages import Language, base_of, language_of, languages

NumberForm = Literal["cardinal", "ordinal", "year"]
Spell = Callable[[str, NumberForm], str]
"""(number as written, form) -> its words in the session's language, or empty if they are not known."""

# Languages without a file in data/languages/ that write 1,000.5; others write 1.000,5.
_POINT = frozenset("he hi ja kn ko ms sw te th zh".split())
_GROUPED = re.compile(r"\d{1,3}(?:([.,\u00a0\u202f'\u2019 ])\d{3})(?:\1\d{3})*")


@dataclass(frozen=True, slots=True)
class Rule:
    """Replaces what `pattern` matches by the words that `say` returns.

    Empty words leave it to later rules; the text itself leaves it to the voice, whatever later rules say.

    `needs_digit`: a text without a digit cannot match. `part`: the group of the match that is replaced.
    """

    pattern: re.Pattern[str]
    say: Callable[[re.Match[str], Spell], str]
    needs_digit: bool = True
    part: int | str = 0


def plain(value: str, language: str) -> str:
    """A written number as programs write it: "1.000,5" in German is "1000.5"."""
    value = value.replace("\u2212", "-")
    sign, digits = ("-", value[1:]) if value.startswith("-") else ("", value)
    point = has_point(language)
    decimal = "." if point else ","
    whole, found, fraction = digits.partition(decimal)
    if not point and not found and "." in digits and not _GROUPED.fullmatch(digits):
        whole, found, fraction = digits.partition(".")  # "3.5" is common there too
    whole = re.sub(r"\D", "", whole)
    return f"{sign}{whole}.{fraction}" if found else f"{sign}{whole}"


def has_point(language: str) -> bool:
    """Whether a language writes 1,000.5."""
    known = language_of(language)
    if known.known and base_of(language) not in _POINT:
        region = re.split("[-_]", language)[-1].upper()
        return known.decimal == "." or region in known.point_regions
    return base_of(language) in _POINT


def decimal_word(language: str) -> str:
    """The word for a language's decimal comma; empty if the number library knows it."""
    return "" if has_point(language) else language_of(language).decimal_word


def load_languages() -> None:
    """Read the files of all languages; otherwise the first session in a language does."""
    for tag in languages():
        language_of(tag)


def number(match: re.Match[str], spell: Spell) -> str:
    """The words of an amount; of its digits, one by one, if it starts with a zero."""
    text = match.group()
    if re.match(r"0\d", text):
        return digits(text, spell)
    return spell(text, "cardinal")


def after_article(match: re.Match[str]) -> bool:
    """Whether "a" stands before an amount, so that its unit is singular: "a 5 km walk"."""
    return match.string[: match.start()][-3:].lower().lstrip() == "a "


def digits(text: str, spell: Spell) -> str:
    """The words of the digits in a text, one by one."""
    return " ".join(spell(digit, "cardinal") for digit in text if digit.isdecimal()).strip()


_ENDS = r"(?![\w]|[.,]\d)"
_BEGINS = r"(?<![\w.,])[-\u2212]?"
POINT_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: 000)+|\d{1,15})(?:\.\d{1,8})?"
POINT_RULE = Rule(re.compile(rf"{_BEGINS}(?:{POINT_NUMBER}){_ENDS}"), number)

_SPACES = {True: r"\d{1,3}(?: \d{3})+", False: r"\d{1,3}(?: 000)+"}
# What follows or precedes a number and is read with it, by the voice.
_UNIT_AFTER = re.compile(
    r"\s?[%\u2030\u00b0\u20ac$\u00a3\u00a5]|\s(?:[kcm]?[mgl]|km/h|h|s|min|kg|Uhr|uur|PLN|EUR|USD)\b"
)
_UNIT_BEFORE = re.compile(r"(?:[\u20ac$\u00a3\u00a5]|\bh)\s?$")
_CONTEXT_CHARS = 4


def _comma_number(spaced: bool) -> str:
    """A pattern of numbers with a decimal comma; "1,000" and "7.30" may mean two things."""
    return (
        rf"(?:\d{{1,3}}(?:[.'\u2019]\d{{3}})+|{_SPACES[spaced]}|\d{{1,15}})(?:,(?!\d{{3}}(?!\d))\d{{1,8}})?"
        r"|\d{1,3}\.\d"
    )


@lru_cache(maxsize=64)
def rules_of(language: str) -> tuple[Rule, ...]:
    """The rules of a language for which only plain numbers are known."""
    if has_point(language):
        return (Rule(POINT_RULE.pattern, partial(_careful, language_of(language))),)
    known = language_of(language)
    ranges = [Rule(_RANGE, partial(_range, known))] if known.range else []
    pattern = rf"{_BEGINS}(?:{_comma_number(known.spaced_groups)}){_ENDS}"
    return (*ranges, Rule(re.compile(pattern), partial(_careful, known)))


_RANGE = re.compile(r"(?<![\w.,:/-])([1-9]\d{0,3})[-\u2013]([1-9]\d{0,3})(?=\s[^\W\d_])")


def _range(language: Language, match: re.Match[str], spell: Spell) -> str:
    """The words of a range of what the next word names; other pairs of numbers may be scores."""
    first, last = match[1], match[2]
    low, high = language.years_left
    inflected = any(re.search(language.inflected, number) for number in (first, last))
    year = any(low <= int(number) <= high for number in (first, last))
    unit = _UNIT_AFTER.match(match.string, match.end())
    phone = len(first) == 3 and len(last) == 4  # noqa: PLR2004  (555-1234)
    if int(first) >= int(last) or inflected or year or unit or phone:
        return ""
    return f"{spell(first, 'cardinal')} {language.range} {spell(last, 'cardinal')}"


def _careful(language: Language, match: re.Match[str], spell: Spell) -> str:
    """The words of an amount, unless they change with what stands beside it."""
    written, before = match.group(), match.string[: match.start()][-_CONTEXT_CHARS:]
    after = match.string[match.end() :]
    if _UNIT_AFTER.match(after) or _UNIT_BEFORE.search(before):
        return ""
    if re.match(r"[ /-]\d", after) or re.search(r"\d[ /-]$", before):
        return ""  # a telephone number or a date
    if language.ordinal_dot and after.startswith("."):
        words = match.string[: match.start()].rsplit(None, 1)
        if after[1:].strip() or (words and words[-1].lower() in language.ordinal_after):
            return ""
    first, last = language.years_left
    if written.isdigit() and len(written) == len("1984") and first <= int(written) <= last:
        return ""
    counts = re.match(r"\s[^\W\d_]", after)
    if counts and re.search(language.inflected, re.sub(r"\D", "", written)):
        return ""
    return number(match, spell)
