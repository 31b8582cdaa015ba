"""Rules for reading English aloud: all of them in `RULES`.

The rules are tried in order; the voice reads what no rule matches. num2words gives the words of cardinals,
ordinals and years. The rest is here because num2words lacks it (times, dates, units, fractions, decades,
digits one by one) or has other words: its money is "zero euro", "one dollar and zero cents", "two pounds
sterling".
"""

from __future__ import annotations

import re

from frametalk.core.languages import base_of
from frametalk.text import english_abbreviations, english_money, english_numbers, english_times
from frametalk.text.english_times import START
from frametalk.text.reading_rules import POINT_RULE, Rule


def is_english(language: str) -> bool:
    """Whether a language tag stands for English."""
    return base_of(language) == "en"


RULES: tuple[Rule, ...] = (
    *english_abbreviations.ADDRESSES,
    *english_times.DATES,
    *english_money.PHONES,
    *english_numbers.DURATIONS,
    *english_times.TIMES,
    *english_money.MONEY,
    *english_numbers.FEET,
    *english_times.YEARS,
    *english_numbers.RANGES,
    *english_numbers.UNITS,
    *english_numbers.FRACTIONS,
    Rule(
        re.compile(rf"{START}(?P<number>(?:\d{{1,3}},)*\d{{1,15}})(?:st|nd|rd|th)\b"),
        lambda match, spell: spell(match["number"], "ordinal"),
    ),
    Rule(  # "1.000.000" is one number in other languages: unclear
        re.compile(
            rf"{START}(?!\d{{1,3}}(?:\.\d{{3}})+(?![\w.]))\d{{1,4}}(?:\.\d{{1,4}}){{2,5}}(?![\w.]{{0,40}}\d)"
        ),
        lambda match, spell: " point ".join(
            spell(part, "cardinal") for part in match.group().split(".")
        ),
    ),
    Rule(
        re.compile(r"(?<!\w)(?:No\.\s?|#)(?P<number>\d{1,9})(?!\w)"),
        lambda match, spell: f"number {spell(match['number'], 'cardinal')}",
    ),
    *english_abbreviations.RULES,
    POINT_RULE,
)
