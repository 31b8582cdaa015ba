"""Rules for reading text aloud: what a rule is, and those for plain numbers in every language."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

NumberForm = Literal["cardinal", "ordinal", "year"]
Spell = Callable[[str, NumberForm], str]
"""(number as written, form) -> its words in the session's language, or empty if they are not known."""

# Languages that write 1,000.5; others write 1.000,5.
_POINT = frozenset("en he hi ja kn ko ms sw te th zh".split())
_GROUPED = re.compile(r"\d{1,3}(?:([.,\u00a0\u202f'])\d{3})(?:\1\d{3})*")


@dataclass(frozen=True, slots=True)
class Rule:
    """Replaces what `pattern` matches by the words that `say` returns; empty leaves it to later rules.

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
    point = _has_point(language)
    decimal = "." if point else ","
    whole, found, fraction = digits.partition(decimal)
    if not point and not found and "." in digits and not _GROUPED.fullmatch(digits):
        whole, found, fraction = digits.partition(".")  # "3.5" is common there too
    whole = re.sub(r"\D", "", whole)
    return f"{sign}{whole}.{fraction}" if found else f"{sign}{whole}"


def _has_point(language: str) -> bool:
    return re.split("[-_]", language)[0].lower() in _POINT


def number(match: re.Match[str], spell: Spell) -> str:
    """The words of an amount; of its digits, one by one, if it starts with a zero."""
    text = match.group()
    if re.match(r"0\d", text):
        return digits(text, spell)
    return spell(text, "cardinal")


def digits(text: str, spell: Spell) -> str:
    """The words of the digits in a text, one by one."""
    return " ".join(spell(digit, "cardinal") for digit in text if digit.isdecimal()).strip()


_ENDS = r"(?![\w]|[.,]\d)"
_BEGINS = r"(?<![\w.,])[-\u2212]?"
POINT_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.\d{1,8})?"
_COMMA_NUMBER = r"(?:\d{1,3}(?:\.\d{3})+|\d{1,15})(?:,\d{1,8})?|\d{1,15}\.\d{1,2}"

POINT_RULE = Rule(re.compile(rf"{_BEGINS}(?:{POINT_NUMBER}){_ENDS}"), number)
_COMMA_RULE = Rule(re.compile(rf"{_BEGINS}(?:{_COMMA_NUMBER}){_ENDS}"), number)


def rules_of(language: str) -> tuple[Rule, ...]:
    """The rules of a language for which only plain numbers are known."""
    return (POINT_RULE if _has_point(language) else _COMMA_RULE,)
