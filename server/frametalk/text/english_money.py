"""Rules for reading English aloud: money and telephone numbers."""

from __future__ import annotations

import re

from frametalk.text.english_times import END, START
from frametalk.text.reading_rules import POINT_NUMBER, Rule, Spell, after_article, digits

_TO = r"\s?[-\u2013]\s?"

# ---- money ---------------------------------------------------------------------------------------

_CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "\u20ac": ("euro", "euros", "cent", "cents"),
    "\u00a3": ("pound", "pounds", "penny", "pence"),
    "\u00a5": ("yen", "yen", "", ""),
    "\u20b9": ("rupee", "rupees", "paisa", "paise"),
}
_SIGNS = "$\u20ac\u00a3\u00a5\u20b9"
_MAGNITUDES = {
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "bn": "billion", "B": "billion",
    **{word: word for word in ("hundred", "thousand", "million", "billion", "trillion")},
}  # fmt: skip
_MAGNITUDE = (
    r"(?:\s(?P<magnitude>hundred|thousand|million|billion|trillion)\b|(?P<letter>k|K|m|M|bn|B)\b)?"
)
_PERS = {
    "lb": "pound", "kg": "kilogram", "km": "kilometre", "hr": "hour", "wk": "week", "mo": "month",
    "yr": "year",
}  # fmt: skip
_PER = rf"(?:/(?P<per>{'|'.join(_PERS)}|[a-z]{{3,15}})\b)?(?!-\w)"


def _amount(amount: str, currency: str, spell: Spell) -> str:
    one, many, cent, cents = _CURRENCIES[currency]
    whole, _, part = amount.replace(",", "").partition(".")
    words = f"{spell(whole, 'cardinal')} {one if whole == '1' else many}"
    part = part.ljust(2, "0")[:2]
    if not int(part) or not cent:
        return words
    part = str(int(part))
    small = f"{spell(part, 'cardinal')} {cent if part == '1' else cents}"
    return small if not int(whole or "0") else f"{words} and {small}"


def _per(match: re.Match[str]) -> str:
    per = match.groupdict().get("per")
    return f" per {_PERS.get(per, per)}" if per else ""


def _money(match: re.Match[str], spell: Spell) -> str:
    groups = match.groupdict()
    magnitude = _MAGNITUDES.get(groups.get("magnitude") or groups.get("letter") or "", "")
    currency, amount = match["currency"], match["amount"]
    if magnitude:
        words = f"{spell(amount, 'cardinal')} {magnitude} {_CURRENCIES[currency][1]}"
    else:
        words = _amount(amount, currency, spell)
        if after_article(match) and "." not in amount:
            words = f"{spell(amount, 'cardinal')} {_CURRENCIES[currency][0]}"
    sign = "minus " if groups.get("sign") else ""
    return f"{sign}{words}{_per(match)}"


def _money_range(match: re.Match[str], spell: Spell) -> str:
    groups = match.groupdict()
    magnitude = _MAGNITUDES.get(groups.get("magnitude") or groups.get("letter") or "", "")
    first, last, currency = match["first"], match["last"], match["currency"]
    if "." in first + last and not magnitude:
        return f"{_amount(first, currency, spell)} to {_amount(last, currency, spell)}"
    amounts = f"{spell(first, 'cardinal')} to {spell(last, 'cardinal')}"
    unit = _CURRENCIES[currency][0 if after_article(match) else 1]
    words = " ".join(filter(None, (amounts, magnitude, unit)))
    return f"{words}{_per(match)}"


MONEY: tuple[Rule, ...] = (
    Rule(
        re.compile(
            rf"(?<![\w{_SIGNS}])(?P<currency>[{_SIGNS}])(?P<first>{POINT_NUMBER}){_TO}(?P=currency)?"
            rf"(?P<last>{POINT_NUMBER}){_MAGNITUDE}{_PER}{END}"
        ),
        _money_range,
    ),
    Rule(
        re.compile(
            rf"{START}(?P<first>{POINT_NUMBER}){_TO}(?P<last>{POINT_NUMBER})\s?(?P<currency>[{_SIGNS}])(?!\w)"
        ),
        _money_range,
    ),
    Rule(
        re.compile(
            rf"(?<![\w{_SIGNS}])(?P<sign>[-\u2212])?(?P<currency>[{_SIGNS}])\s?(?P<amount>{POINT_NUMBER})"
            rf"{_MAGNITUDE}{_PER}{END}"
        ),
        _money,
    ),
    Rule(re.compile(rf"{START}(?P<amount>{POINT_NUMBER})\s?(?P<currency>[{_SIGNS}])(?!\w)"), _money),
)  # fmt: skip

# ---- telephone numbers ---------------------------------------------------------------------------

MIN_PHONE_DIGITS = 7


def _phone(match: re.Match[str], spell: Spell) -> str:
    text = match.group()
    if sum(character.isdigit() for character in text) < MIN_PHONE_DIGITS:
        return ""
    groups = re.findall(r"\d+", text)
    words = " ".join(digits(group, spell) for group in groups)
    return f"plus {words}" if text.startswith("+") else words


_NUMBER_BEFORE = r"(?<![\w.,/:$\u20ac\u00a3+-])"
_NUMBER_AFTER = r"(?![\w-]|[.,:/]\d)"

PHONES: tuple[Rule, ...] = (
    *(
        Rule(re.compile(rf"{_NUMBER_BEFORE}{pattern}{_NUMBER_AFTER}"), _phone)
        for pattern in (
            r"\+\d{1,3}(?:[ .-]?\(?\d{1,4}\)?){2,6}",
            r"(?:1[-. ])?\(\d{3}\)\s?\d{3}[-. ]\d{4}",
            r"(?:1[-. ])?\d{3}(?P<separator>[-. ])\d{3}(?P=separator)\d{4}",
            r"0\d{1,4}(?:[ -]\d{2,8}){1,5}",
            r"\d{3}-\d{4}",
            r"(?!\d{4}-\d\d-\d\d(?!\d))\d{2,5}(?:-\d{2,5}){2,4}",
        )
    ),
    Rule(
        re.compile(r"(?<=\b(?:[Cc]all|[Dd]ial) )\d{3}(?![\w-]|[.,:/]\d)"),
        lambda match, spell: digits(match.group(), spell),
    ),
)
