"""Rules for reading English aloud: units, ranges, fractions, feet and inches."""

from __future__ import annotations

import re
import unicodedata

from frametalk.text.english_times import END, START
from frametalk.text.reading_rules import POINT_NUMBER, Rule, Spell, after_article, digits

_N = rf"[-\u2212]?{POINT_NUMBER}"
_TO = r"\s?[-\u2013]\s?"

# ---- units ---------------------------------------------------------------------------------------

_SYMBOLS = {
    "%": ("percent", "percent"), "\u00a2": ("cent", "cents"), "\u2030": ("per mille", "per mille"),
    "\u00b0C": ("degree Celsius", "degrees Celsius"),
    "\u00b0F": ("degree Fahrenheit", "degrees Fahrenheit"), "\u00b0": ("degree", "degrees"),
}  # fmt: skip
_LETTERS = {
    "km/h": ("kilometre per hour", "kilometres per hour"),
    "m/s": ("metre per second", "metres per second"), "mph": ("mile per hour", "miles per hour"),
    "km": ("kilometre", "kilometres"), "cm": ("centimetre", "centimetres"),
    "mm": ("millimetre", "millimetres"), "m": ("metre", "metres"),
    "kg": ("kilogram", "kilograms"), "mg": ("milligram", "milligrams"), "g": ("gram", "grams"),
    "ml": ("millilitre", "millilitres"), "l": ("litre", "litres"), "L": ("litre", "litres"),
    "lbs": ("pound", "pounds"), "lb": ("pound", "pounds"), "oz": ("ounce", "ounces"),
    "ft": ("foot", "feet"), "ms": ("millisecond", "milliseconds"), "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"), "hrs": ("hour", "hours"), "hr": ("hour", "hours"),
    "secs": ("second", "seconds"), "sec": ("second", "seconds"),
    "kW": ("kilowatt", "kilowatts"), "W": ("watt", "watts"), "V": ("volt", "volts"),
    "Hz": ("hertz", "hertz"), "GB": ("gigabyte", "gigabytes"), "MB": ("megabyte", "megabytes"),
}  # fmt: skip
_UNITS = {**_SYMBOLS, **_LETTERS}


def _one_of(units: dict[str, tuple[str, str]]) -> str:
    return "|".join(re.escape(unit) for unit in sorted(units, key=len, reverse=True))


# Not before a letter or a stutter: "5 m-my friends".
_UNIT = (
    rf"(?P<unit>(?:{_one_of(_SYMBOLS)})(?![\w\u00b0])"
    rf"|(?:{_one_of(_LETTERS)})(?![\w/\u00b0]|[-'\u2019]\w))"
)


def _unit(match: re.Match[str], spell: Spell) -> str:
    singular, plural = _UNITS[match["unit"]]
    unit = singular if match["amount"] in {"1", "-1"} or after_article(match) else plural
    return f"{spell(match['amount'], 'cardinal')} {unit}"


UNITS: tuple[Rule, ...] = (Rule(re.compile(rf"{START}(?P<amount>{_N})\s?{_UNIT}"), _unit),)

# ---- durations -----------------------------------------------------------------------------------


def _duration(match: re.Match[str], spell: Spell) -> str:
    counts = ((match[name], name) for name in ("hour", "minute", "second"))
    return " ".join(
        f"{spell(count, 'cardinal')} {name if count == '1' else f'{name}s'}"
        for count, name in counts
        if count
    )


DURATIONS: tuple[Rule, ...] = (
    Rule(
        re.compile(
            rf"{START}(?=\d+(?:h\s?\d|m(?:in)?\s?\d+s))(?:(?P<hour>\d{{1,3}})h\s?)?"
            rf"(?:(?P<minute>\d{{1,3}})(?:m|min)\b\s?)?(?:(?P<second>\d{{1,3}})s)?(?<!\s){END}"
        ),
        _duration,
    ),
)

# ---- ranges --------------------------------------------------------------------------------------

MAX_SCORE_DIGITS = 2


def _range(match: re.Match[str], spell: Spell) -> str:
    first, last = match["first"], match["last"]
    if match["first_unit"] and match["first_unit"] != match["unit"]:
        return ""
    if first.startswith("0") and first != "0":
        return f"{digits(first, spell)} {digits(last, spell)}"
    if float(first.replace(",", "")) >= float(last.replace(",", "")):
        if max(len(first), len(last)) > MAX_SCORE_DIGITS:
            return f"{digits(first, spell)} {digits(last, spell)}"
        return f"{spell(first, 'cardinal')} {spell(last, 'cardinal')}"
    unit = f" {_UNITS[match['unit']][1]}" if match["unit"] else ""
    return f"{spell(first, 'cardinal')} to {spell(last, 'cardinal')}{unit}"


def _ordinal_range(match: re.Match[str], spell: Spell) -> str:
    return f"{spell(match['first'], 'ordinal')} to {spell(match['last'], 'ordinal')}"


RANGES: tuple[Rule, ...] = (
    Rule(
        re.compile(
            rf"{START}(?P<first>{POINT_NUMBER})(?P<first_unit>{_one_of(_UNITS)})?{_TO}(?P<last>{POINT_NUMBER})"
            rf"(?![\w./-]{{0,40}}\d)(?:\s?{_UNIT})?(?!\w|-[A-Z])"
        ),
        _range,
    ),
    Rule(
        re.compile(rf"{START}(?P<first>\d{{1,4}})(?:st|nd|rd|th){_TO}(?P<last>\d{{1,4}})(?:st|nd|rd|th)\b"),
        _ordinal_range,
    ),
)  # fmt: skip

# ---- fractions -----------------------------------------------------------------------------------

MAX_DENOMINATOR = 20
WHOLE = 100  # shares that add up to it: 50/50, 80/20
_VULGAR = "\u00bc-\u00be\u2150-\u215e"
_SET_PHRASES = {"24/7": ("24", "7"), "9/11": ("9", "11"), "20/20": ("20", "20")}


def _fraction(match: re.Match[str], spell: Spell) -> str:
    over, under = int(match["over"]), int(match["under"])
    pair = _SET_PHRASES.get(match.group())
    if pair is None and over + under == WHOLE:
        pair = (match["over"], match["under"])
    if pair:
        return " ".join(spell(part, "cardinal") for part in pair)
    if over and over == under:
        return f"{spell(match['over'], 'cardinal')} out of {spell(match['under'], 'cardinal')}"
    if over <= 12 and MAX_DENOMINATOR < under <= 31:  # noqa: PLR2004  (10/31 may be a date)
        return match.group()
    return _fraction_words(match["over"], match["under"], spell)


def _fraction_sign(match: re.Match[str], spell: Spell) -> str:
    over, under = unicodedata.normalize("NFKC", match["sign"]).split("\u2044")
    unit = match["unit"]
    part = _fraction_words(over, under, spell)
    if not match["whole"]:
        return f"{part} {_UNITS[unit][0]}" if unit else part
    return " ".join([_mixed(match["whole"], part, spell), *([_UNITS[unit][1]] if unit else [])])


def _mixed_fraction(match: re.Match[str], spell: Spell) -> str:
    if int(match["over"]) >= int(match["under"]) or int(match["under"]) > MAX_DENOMINATOR:
        return ""
    part = _fraction_words(match["over"], match["under"], spell)
    return _mixed(match["whole"], part, spell)


def _mixed(whole: str, part: str, spell: Spell) -> str:
    part = "a half" if part == "one half" else part
    part = "a quarter" if part == "one quarter" else part
    return f"{spell(whole, 'cardinal')} and {part}"


def _fraction_words(over: str, under: str, spell: Spell) -> str:
    if not int(under):
        return ""
    if int(under) > MAX_DENOMINATOR or int(under) == 1 or int(over) >= int(under):
        return f"{spell(over, 'cardinal')} over {spell(under, 'cardinal')}"
    singular = {"2": "half", "4": "quarter"}.get(under) or spell(under, "ordinal")
    plural = "halves" if singular == "half" else f"{singular}s"
    return f"{spell(over, 'cardinal')} {singular if over == '1' else plural}"


FRACTIONS: tuple[Rule, ...] = (
    Rule(
        re.compile(rf"{START}(?P<whole>\d{{1,4}})\s(?P<over>\d{{1,2}})[/\u2044](?P<under>\d{{1,2}}){END}"),
        _mixed_fraction,
    ),
    Rule(re.compile(rf"{START}(?P<over>\d{{1,3}})[/\u2044](?P<under>\d{{1,3}})(?!/){END}"), _fraction),
    Rule(
        re.compile(rf"{START}(?:(?P<whole>\d{{1,4}})\s?)?(?P<sign>[{_VULGAR}])(?:\s?{_UNIT}|(?!\w))"),
        _fraction_sign, needs_digit=False,
    ),
)  # fmt: skip

# ---- feet and inches -----------------------------------------------------------------------------

_SIZES = r"(?=[\s-](?:tall|long|wide|high|deep|thick|across|in\s(?:length|height|width))\b)"


def _feet(match: re.Match[str], spell: Spell) -> str:
    groups = match.groupdict()
    feet, inches = spell(match["feet"], "cardinal"), groups.get("inches")
    if inches is None:
        return f"{feet} {'foot' if match['feet'] == '1' else 'feet'}"
    unit = (" inch" if inches == "1" else " inches") if groups.get("unit") else ""
    return f"{feet} foot {spell(inches, 'cardinal')}{unit}"


def _inches(match: re.Match[str], spell: Spell) -> str:
    return f"{spell(match['inches'], 'cardinal')} {'inch' if match['inches'] == '1' else 'inches'}"


FEET: tuple[Rule, ...] = (
    Rule(
        re.compile(
            rf"{START}(?P<feet>\d{{1,2}})\s?['\u2019\u2032]\s?(?P<inches>1[01]|\d)"
            r"(?:\"|\u201d|\u2033|''|\u2032\u2032|(?!\w))(?!\w|[.,]\d)"
        ),
        _feet,
    ),
    Rule(
        re.compile(
            rf"{START}(?P<feet>\d{{1,3}})\s?(?:ft\.?|feet|foot),?\s?(?P<inches>1[01]|\d)\s?(?P<unit>in|ins|inch|inches)\b"
        ),
        _feet,
    ),
    Rule(
        re.compile(rf"{START}(?P<feet>\d{{1,4}})['\u2019\u2032]{_SIZES}"), _feet
    ),
    Rule(re.compile(rf"{START}(?P<inches>\d{{1,4}})[\"\u201d\u2033]{_SIZES}"), _inches),
)  # fmt: skip
