"""Rules for reading English aloud: times, money, units, fractions, years; all of them in `RULES`.

The rules are tried in order; the voice reads what no rule matches. Abbreviations and the like are in
english_abbreviations.py. num2words gives the words of cardinals, ordinals and years. The rest is here
because num2words lacks it (times, units, fractions, decades, digits one by one) or has other words: its
money is "zero euro", "one dollar and zero cents", "two pounds sterling".
"""

from __future__ import annotations

import re
import unicodedata

from frametalk.text import english_abbreviations
from frametalk.text.reading_rules import POINT_NUMBER, POINT_RULE, Rule, Spell, digits

_N = rf"[-\u2212]?{POINT_NUMBER}"
_START = r"(?<![\w.,/:$\u20ac\u00a3])"  # no part of a number stands before
_END = r"(?![\w]|[.,:/]\d)"


def is_english(language: str) -> bool:
    """Whether a language tag stands for English."""
    return re.split("[-_]", language)[0].lower() == "en"


# ---- numbers -------------------------------------------------------------------------------------

_UNITS = {
    "%": ("percent", "percent"), "\u2030": ("per mille", "per mille"),
    "\u00b0C": ("degree Celsius", "degrees Celsius"),
    "\u00b0F": ("degree Fahrenheit", "degrees Fahrenheit"), "\u00b0": ("degree", "degrees"),
    "km/h": ("kilometre per hour", "kilometres per hour"),
    "m/s": ("metre per second", "metres per second"), "mph": ("mile per hour", "miles per hour"),
    "km": ("kilometre", "kilometres"), "cm": ("centimetre", "centimetres"),
    "mm": ("millimetre", "millimetres"), "m": ("metre", "metres"),
    "kg": ("kilogram", "kilograms"), "mg": ("milligram", "milligrams"), "g": ("gram", "grams"),
    "ml": ("millilitre", "millilitres"), "l": ("litre", "litres"), "L": ("litre", "litres"),
    "lbs": ("pound", "pounds"), "lb": ("pound", "pounds"), "oz": ("ounce", "ounces"),
    "ft": ("foot", "feet"), "ms": ("millisecond", "milliseconds"),
    "kW": ("kilowatt", "kilowatts"), "W": ("watt", "watts"), "V": ("volt", "volts"),
    "Hz": ("hertz", "hertz"), "GB": ("gigabyte", "gigabytes"), "MB": ("megabyte", "megabytes"),
}  # fmt: skip
_CURRENCIES = {
    "$": ("dollar", "cent"),
    "\u20ac": ("euro", "cent"),
    "\u00a3": ("pound", "penny"),
}
_MAGNITUDES = "hundred|thousand|million|billion|trillion"
MAX_DENOMINATOR = 20


def _plural(word: str, amount: str) -> str:
    if amount == "1":
        return word
    return "pence" if word == "penny" else f"{word}s"


def _time(match: re.Match[str], spell: Spell) -> str:
    hour, minute, meridiem = match["hour"], match["minute"], match["meridiem"]
    if int(hour) > 24 or int(minute) > 59:  # noqa: PLR2004  (a clock's)
        return ""
    parts = [spell(str(int(hour)), "cardinal")]
    if minute != "00":
        parts += ["oh"] if minute.startswith("0") else []
        parts.append(spell(str(int(minute)), "cardinal"))
    elif not meridiem:
        parts.append("o'clock")
    if meridiem:
        parts += [meridiem[0].lower(), "m"]
    return " ".join(parts)


def _hour(match: re.Match[str], spell: Spell) -> str:
    return f"{spell(match['hour'], 'cardinal')} {match['meridiem'][0].lower()} m"


def _money(match: re.Match[str], spell: Spell) -> str:
    unit, subunit = _CURRENCIES[match["currency"]]
    whole, _, cents = match["amount"].replace(",", "").partition(".")
    if match["magnitude"]:
        return f"{spell(match['amount'], 'cardinal')} {match['magnitude']} {unit}s"
    words = f"{spell(whole, 'cardinal')} {_plural(unit, whole)}"
    cents = cents.ljust(2, "0")[:2]
    if int(cents):
        cents = str(int(cents))
        words += f" and {spell(cents, 'cardinal')} {_plural(subunit, cents)}"
    return words


def _unit(match: re.Match[str], spell: Spell) -> str:
    singular, plural = _UNITS[match["unit"]]
    unit = singular if match["amount"] in {"1", "-1"} else plural
    return f"{spell(match['amount'], 'cardinal')} {unit}"


def _range(match: re.Match[str], spell: Spell) -> str:
    first, last = match["first"], match["last"]
    phone_number = len(first) == 3 and len(last) == 4  # noqa: PLR2004  (555-1234)
    if phone_number or first.startswith("0") or float(first) >= float(last):
        return f"{digits(first, spell)} {digits(last, spell)}"
    unit = f" {_UNITS[match['unit']][1]}" if match["unit"] else ""
    return f"{spell(first, 'cardinal')} to {spell(last, 'cardinal')}{unit}"


def _fraction(match: re.Match[str], spell: Spell) -> str:
    return _fraction_words(match["over"], match["under"], spell)


def _fraction_sign(match: re.Match[str], spell: Spell) -> str:
    over, under = unicodedata.normalize("NFKC", match.group()).split("\u2044")
    return _fraction_words(over, under, spell)


def _fraction_words(over: str, under: str, spell: Spell) -> str:
    if not int(under):
        return ""
    if int(under) > MAX_DENOMINATOR or int(under) == 1 or int(over) >= int(under):
        return f"{spell(over, 'cardinal')} over {spell(under, 'cardinal')}"
    singular = {"2": "half", "4": "quarter"}.get(under) or spell(under, "ordinal")
    plural = "halves" if singular == "half" else f"{singular}s"
    return f"{spell(over, 'cardinal')} {singular if over == '1' else plural}"


def _decade(match: re.Match[str], spell: Spell) -> str:
    year = spell(match["year"], "year")
    return f"{year[:-1]}ies" if year.endswith("y") else f"{year}s"


def _year(match: re.Match[str], spell: Spell) -> str:
    return spell(match["year"], "year")


def _units_pattern() -> str:
    return "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))


_AFTER_UNIT = r"(?![\w/\u00b0])"
_MERIDIEM = r"(?P<meridiem>[aApP]\.?[mM]\.?(?!\w))"

RULES: tuple[Rule, ...] = (
    *english_abbreviations.ADDRESSES,
    Rule(
        re.compile(rf"{_START}(?P<hour>\d{{1,2}}):(?P<minute>\d\d)(?![\w:]|[.,]\d)(?:\s?{_MERIDIEM})?"),
        _time,
    ),
    Rule(re.compile(rf"{_START}(?P<hour>1[0-2]|[1-9])\s?{_MERIDIEM}"), _hour),
    Rule(
        re.compile(
            rf"(?<!\w)(?P<currency>[$\u20ac\u00a3])\s?(?P<amount>{POINT_NUMBER})"
            rf"(?:\s(?P<magnitude>{_MAGNITUDES})\b)?{_END}"
        ),
        _money,
    ),
    Rule(
        re.compile(rf"(?<!\w)(?P<amount>{POINT_NUMBER})(?P<magnitude>)\s?(?P<currency>[\u20ac\u00a3])(?!\w)"),
        _money,
    ),
    Rule(
        re.compile(
            rf"{_START}(?P<first>\d{{1,4}}(?:\.\d{{1,3}})?)\s?[-\u2013]\s?(?P<last>\d{{1,4}}(?:\.\d{{1,3}})?)"
            rf"(?![\w./-]*\d)(?:\s?(?P<unit>{_units_pattern()}){_AFTER_UNIT})?(?!\w)"
        ),
        _range,
    ),
    Rule(re.compile(rf"{_START}(?P<amount>{_N})\s?(?P<unit>{_units_pattern()}){_AFTER_UNIT}"), _unit),
    Rule(re.compile(rf"{_START}(?P<over>\d{{1,3}})/(?P<under>\d{{1,3}}){_END}"), _fraction),
    Rule(re.compile("[\u00bd\u00bc\u00be]"), _fraction_sign, needs_digit=False),
    Rule(re.compile(rf"{_START}(?P<year>1[1-9]\d0|20\d0)'?s\b"), _decade),
    Rule(
        re.compile(
            r"(?<=\b[Ii]n )(?P<year>1[1-9]\d\d|20\d\d)"
            rf"(?!\s?(?:gold|coins?|men|steps|years|days)\b){_END}"
        ),
        _year,
        part="year",
    ),
    Rule(
        re.compile(
            r"\b(?:[Ss]ince|[Yy]ear|[Uu]ntil|[Cc]irca|January|February|March|April|May|June|July"
            r"|August|September|October|November|December|[Ss]ummer|[Ww]inter|[Ss]pring|[Aa]utumn)"
            rf"(?: of)?,? (?P<year>1[1-9]\d\d|20\d\d){_END}"
        ),
        _year,
        part="year",
    ),
    Rule(
        re.compile(rf"{_START}(?P<number>(?:\d{{1,3}},)*\d{{1,15}})(?:st|nd|rd|th)\b"),
        lambda match, spell: spell(match["number"], "ordinal"),
    ),
    Rule(
        re.compile(rf"{_START}\d{{1,4}}(?:\.\d{{1,4}}){{2,5}}(?![\w.]*\d)"),
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
)  # fmt: skip
