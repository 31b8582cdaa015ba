"""Plain numbers in any language, and what the rules of a language are made of."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Spell = Callable[[str, Literal["cardinal", "ordinal", "year"]], str]
"""Number words in the session's language; empty when they are not known."""

# Languages that write 1,000.5; others write 1.000,5.
_POINT = frozenset("en he hi ja kn ko ms sw te th zh".split())
_GROUPED = re.compile(r"\d{1,3}(?:([.,\u00a0\u202f'])\d{3})(?:\1\d{3})*")


@dataclass(frozen=True, slots=True)
class Rule:
    """What matches `pattern` is said as `say` says; empty leaves it to later rules.

    `digits`: it can match only where there is a digit. `part`: the group that is said otherwise.
    """

    pattern: re.Pattern[str]
    say: Callable[[re.Match[str], Spell], str]
    digits: bool = True
    part: int | str = 0


def plain(value: str, language: str) -> str:
    """A written number as a program writes it: "1.000,5" of a German is "1000.5"."""
    value = value.replace("\u2212", "-")
    sign, digits = ("-", value[1:]) if value.startswith("-") else ("", value)
    point = _has_point(language)
    decimal = "." if point else ","
    whole, found, fraction = digits.partition(decimal)
    if not point and not found and "." in digits and not _GROUPED.fullmatch(digits):
        whole, found, fraction = digits.partition(".")  # many write 3.5 all the same
    whole = re.sub(r"\D", "", whole)
    return f"{sign}{whole}.{fraction}" if found else f"{sign}{whole}"


def _has_point(language: str) -> bool:
    return re.split("[-_]", language)[0].lower() in _POINT


def number(match: re.Match[str], spell: Spell) -> str:
    """An amount; with a leading zero it is told digit by digit."""
    text = match.group()
    if re.match(r"0\d", text):
        return digits(text, spell)
    return spell(text, "cardinal")


def digits(text: str, spell: Spell) -> str:
    """The digits of a text, one by one; nothing else of it is said."""
    return " ".join(spell(digit, "cardinal") for digit in text if digit.isdecimal()).strip()


_ENDS = r"(?![\w]|[.,]\d)"
_BEGINS = r"(?<![\w.,])[-\u2212]?"
POINT_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.\d{1,8})?"
_COMMA_NUMBER = r"(?:\d{1,3}(?:\.\d{3})+|\d{1,15})(?:,\d{1,8})?|\d{1,15}\.\d{1,2}"

POINT_RULE = Rule(re.compile(rf"{_BEGINS}(?:{POINT_NUMBER}){_ENDS}"), number)
_COMMA_RULE = Rule(re.compile(rf"{_BEGINS}(?:{_COMMA_NUMBER}){_ENDS}"), number)


def rules_of(language: str) -> tuple[Rule, ...]:
    """The rules of a language of which only the numbers are known."""
    return (POINT_RULE if _has_point(language) else _COMMA_RULE,)
