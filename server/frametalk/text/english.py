"""How English is read aloud: times, money, units, years, fractions; words are in english_words.py.

The rules stand in the order in which they are tried; what none knows is left to the voice.
"""

from __future__ import annotations

import re

from frametalk.text import english_words
from frametalk.text.figures import POINT_NUMBER, POINT_RULE, Rule, Spell, digits

_N = rf"[-\u2212]?{POINT_NUMBER}"
_FREE = r"(?<![\w.,/:$\u20ac\u00a3])"  # nothing that belongs to a number stands before
_DONE = r"(?![\w]|[.,:/]\d)"


def speaks(language: str) -> bool:
    """Whether a language tag is of English."""
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
_COINS = {
    "$": ("dollar", "cent"),
    "\u20ac": ("euro", "cent"),
    "\u00a3": ("pound", "penny"),
}
_MAGNITUDES = "hundred|thousand|million|billion|trillion"
_FRACTIONS = {"\u00bd": "one half", "\u00bc": "one quarter", "\u00be": "three quarters"}
MAX_DENOMINATOR = 20


def _plural(word: str, amount: str) -> str:
    if amount == "1":
        return word
    return "pence" if word == "penny" else f"{word}s"


def _time(match: re.Match[str], spell: Spell) -> str:
    hour, minute, half = match["hour"], match["minute"], match["half"]
    if int(hour) > 24 or int(minute) > 59:  # noqa: PLR2004  (the clock's)
        return ""
    parts = [spell(str(int(hour)), "cardinal")]
    if minute != "00":
        parts += ["oh"] if minute.startswith("0") else []
        parts.append(spell(str(int(minute)), "cardinal"))
    elif not half:
        parts.append("o'clock")
    if half:
        parts += [half[0].lower(), "m"]
    return " ".join(parts)


def _hour(match: re.Match[str], spell: Spell) -> str:
    return f"{spell(match['hour'], 'cardinal')} {match['half'][0].lower()} m"


def _money(match: re.Match[str], spell: Spell) -> str:
    coin, change = _COINS[match["coin"]]
    whole, _, cents = match["amount"].replace(",", "").partition(".")
    if match["magnitude"]:
        return f"{spell(match['amount'], 'cardinal')} {match['magnitude']} {coin}s"
    said = f"{spell(whole, 'cardinal')} {_plural(coin, whole)}"
    cents = cents.ljust(2, "0")[:2]
    if int(cents):
        few = str(int(cents))
        said += f" and {spell(few, 'cardinal')} {_plural(change, few)}"
    return said


def _unit(match: re.Match[str], spell: Spell) -> str:
    one, many = _UNITS[match["unit"]]
    unit = one if match["amount"] in {"1", "-1"} else many
    return f"{spell(match['amount'], 'cardinal')} {unit}"


def _range(match: re.Match[str], spell: Spell) -> str:
    first, last = match["first"], match["last"]
    to_call = len(first) == 3 and len(last) == 4  # noqa: PLR2004  (555-1234)
    if to_call or first.startswith("0") or float(first) >= float(last):
        return f"{digits(first, spell)} {digits(last, spell)}"
    unit = f" {_UNITS[match['unit']][1]}" if match["unit"] else ""
    return f"{spell(first, 'cardinal')} to {spell(last, 'cardinal')}{unit}"


def _fraction(match: re.Match[str], spell: Spell) -> str:
    over, under = match["over"], match["under"]
    if not int(under):
        return ""
    if int(under) > MAX_DENOMINATOR or int(under) == 1 or int(over) >= int(under):
        return f"{spell(over, 'cardinal')} over {spell(under, 'cardinal')}"
    names = {"2": "half", "4": "quarter"}
    name = names.get(under) or spell(under, "ordinal")
    many = "halves" if name == "half" else f"{name}s"
    return f"{spell(over, 'cardinal')} {name if over == '1' else many}"


def _decade(match: re.Match[str], spell: Spell) -> str:
    year = spell(match["year"], "year")
    return f"{year[:-1]}ies" if year.endswith("y") else f"{year}s"


def _year(match: re.Match[str], spell: Spell) -> str:
    return spell(match["year"], "year")


def _units_pattern() -> str:
    return "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))


_AFTER_UNIT = r"(?![\w/\u00b0])"
_HALF = r"(?P<half>[aApP]\.?[mM]\.?(?!\w))"

RULES: tuple[Rule, ...] = (
    *english_words.ADDRESSES,
    Rule(
        re.compile(rf"{_FREE}(?P<hour>\d{{1,2}}):(?P<minute>\d\d)(?![\w:]|[.,]\d)(?:\s?{_HALF})?"),
        _time,
    ),
    Rule(re.compile(rf"{_FREE}(?P<hour>1[0-2]|[1-9])\s?{_HALF}"), _hour),
    Rule(
        re.compile(
            rf"(?<!\w)(?P<coin>[$\u20ac\u00a3])\s?(?P<amount>{POINT_NUMBER})"
            rf"(?:\s(?P<magnitude>{_MAGNITUDES})\b)?{_DONE}"
        ),
        _money,
    ),
    Rule(
        re.compile(rf"(?<!\w)(?P<amount>{POINT_NUMBER})(?P<magnitude>)\s?(?P<coin>[\u20ac\u00a3])(?!\w)"),
        _money,
    ),
    Rule(
        re.compile(
            rf"{_FREE}(?P<first>\d{{1,4}}(?:\.\d{{1,3}})?)\s?[-\u2013]\s?(?P<last>\d{{1,4}}(?:\.\d{{1,3}})?)"
            rf"(?![\w./-]*\d)(?:\s?(?P<unit>{_units_pattern()}){_AFTER_UNIT})?(?!\w)"
        ),
        _range,
    ),
    Rule(re.compile(rf"{_FREE}(?P<amount>{_N})\s?(?P<unit>{_units_pattern()}){_AFTER_UNIT}"), _unit),
    Rule(re.compile(rf"{_FREE}(?P<over>\d{{1,3}})/(?P<under>\d{{1,3}}){_DONE}"), _fraction),
    Rule(re.compile("[\u00bd\u00bc\u00be]"), lambda match, _: _FRACTIONS[match.group()], digits=False),
    Rule(re.compile(rf"{_FREE}(?P<year>1[1-9]\d0|20\d0)'?s\b"), _decade),
    Rule(
        re.compile(
            r"(?<=\b[Ii]n )(?P<year>1[1-9]\d\d|20\d\d)"
            rf"(?!\s?(?:gold|coins?|men|steps|years|days)\b){_DONE}"
        ),
        _year,
        part="year",
    ),
    Rule(
        re.compile(
            r"\b(?:[Ss]ince|[Yy]ear|[Uu]ntil|[Cc]irca|January|February|March|April|May|June|July"
            r"|August|September|October|November|December|[Ss]ummer|[Ww]inter|[Ss]pring|[Aa]utumn)"
            rf"(?: of)?,? (?P<year>1[1-9]\d\d|20\d\d){_DONE}"
        ),
        _year,
        part="year",
    ),
    Rule(
        re.compile(rf"{_FREE}(?P<number>(?:\d{{1,3}},)*\d{{1,15}})(?:st|nd|rd|th)\b"),
        lambda match, spell: spell(match["number"], "ordinal"),
    ),
    Rule(
        re.compile(rf"{_FREE}\d{{1,4}}(?:\.\d{{1,4}}){{2,5}}(?![\w.]*\d)"),
        lambda match, spell: " point ".join(
            spell(part, "cardinal") for part in match.group().split(".")
        ),
    ),
    Rule(
        re.compile(r"(?<!\w)(?:No\.\s?|#)(?P<number>\d{1,9})(?!\w)"),
        lambda match, spell: f"number {spell(match['number'], 'cardinal')}",
    ),
    *english_words.RULES,
    POINT_RULE,
)  # fmt: skip
