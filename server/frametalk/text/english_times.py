"""Rules for reading English aloud: times of day, dates, years and decades."""

from __future__ import annotations

import re

from frametalk.text.reading_rules import Rule, Spell

START = r"(?<![\w.,/:$\u20ac\u00a3])"  # no part of a number stands before
END = r"(?![\w]|[.,:/]\d|[-\u2013]\d)"

# ---- times ---------------------------------------------------------------------------------------

_MERIDIEM = r"[aApP](?:\.[mM]\b\.?|[mM]\b)"
MAX_DAY_HOUR = 24


def _clock(suffix: str) -> str:
    """A pattern of a time; its minutes and what follows are optional."""
    return (
        rf"(?P<hour{suffix}>[01]?\d|2[0-4])(?::(?P<minute{suffix}>[0-5]\d)(?::(?P<second{suffix}>[0-5]\d))?)?"
        rf"(?:\s?(?P<meridiem{suffix}>{_MERIDIEM}))?"
    )


def _time(match: re.Match[str], spell: Spell, suffix: str = "") -> str:
    hour, minute, second, meridiem = (
        match[f"{name}{suffix}"] for name in ("hour", "minute", "second", "meridiem")
    )
    minute = minute or "00"
    exact = minute == "00" and second in {None, "00"}
    if exact and not meridiem and int(hour) in {0, MAX_DAY_HOUR}:
        return "midnight"
    parts = [spell(str(int(hour)), "cardinal")]
    if minute != "00":
        parts += ["oh"] if minute.startswith("0") else []
        parts.append(spell(str(int(minute)), "cardinal"))
    elif not meridiem and (match[f"minute{suffix}"] or second):
        parts.append("o'clock")
    if second and second != "00":
        count = spell(str(int(second)), "cardinal")
        parts += ["and", count, "second" if int(second) == 1 else "seconds"]
    if meridiem:
        parts += [meridiem[0].lower(), "m"]
    return " ".join(parts)


def _one_time(match: re.Match[str], spell: Spell) -> str:
    if match["meridiem"] and not 1 <= int(match["hour"]) <= MAX_DAY_HOUR:
        return ""
    return _time(match, spell) if match["minute"] or match["meridiem"] else ""


def _times(match: re.Match[str], spell: Spell) -> str:
    """A range, if either side shows that it is one of times."""
    if not any(match[name] for name in ("minute1", "meridiem1", "minute2", "meridiem2")):
        return ""
    return f"{_time(match, spell, '1')} to {_time(match, spell, '2')}"


def _dotted_time(match: re.Match[str], spell: Spell) -> str:
    minute = match["minute"]
    words = spell(match["hour"], "cardinal")
    if minute != "00":
        words += " oh" if minute.startswith("0") else ""
        words += f" {spell(str(int(minute)), 'cardinal')}"
    return f"{words} {match['meridiem'][0].lower()} m"


TIMES: tuple[Rule, ...] = (
    Rule(re.compile(rf"{START}{_clock('1')}\s?[-\u2013]\s?{_clock('2')}{END}"), _times),
    Rule(re.compile(rf"{START}{_clock('')}{END}"), _one_time),
    Rule(
        re.compile(rf"{START}(?P<hour>1[0-2]|[1-9])\.(?P<minute>[0-5]\d)\s?(?P<meridiem>{_MERIDIEM}){END}"),
        _dotted_time,
    ),
)  # fmt: skip

# ---- dates ---------------------------------------------------------------------------------------

_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_YEAR = r"(?:1\d{3}|20\d\d)"
# A noun that follows shows that the number counts it: "March 5 miles", "in 1984 gold".
_NO_NOUN = (
    r"(?!\s(?!(?:and|or|but|nor|at|in|on|to|until|till|through|from|is|was|were|are|will|would|had|has|have|he"
    r"|she|it|we|they|you|i|when|where|which|who|that|because|so|by|for|with|without|before|after|if|as|than"
    r"|then|there|the|this|a|an|while|since|not|did|came|during|about|near|under|my|his|her|our|their)\b)"
    r"[a-z])"
)
MONTHS_IN_YEAR, MAX_MONTH_DAY = 12, 31


def _month(written: str) -> str:
    return next(name for name in _NAMES if name.startswith(written[:3]))


def _ordinal(day: str, spell: Spell) -> str:
    return spell(str(int(day)), "ordinal")


def _month_first(match: re.Match[str], spell: Spell) -> str:
    words = f"{_month(match['month'])} {_ordinal(match['day'], spell)}"
    if match["last"]:
        words += f" to {_ordinal(match['last'], spell)}"
    return f"{words}, {spell(match['year'], 'year')}" if match["year"] else words


def _day_first(match: re.Match[str], spell: Spell) -> str:
    words = f"the {_ordinal(match['day'], spell)} of {_month(match['month'])}"
    return f"{words} {spell(match['year'], 'year')}" if match["year"] else words


def _month_and_year(match: re.Match[str], spell: Spell) -> str:
    return f"{_month(match['month'])} {spell(match['year'], 'year')}"


def _numeric_date(match: re.Match[str], spell: Spell) -> str:
    """A date in digits; as written if it cannot be told which number is the month."""
    first, second, year = int(match["first"]), int(match["second"]), match["year"]
    day_first = match["separator"] == "." or first > MONTHS_IN_YEAR
    day, month = (first, second) if day_first else (second, first)
    unclear = not day_first and second <= MONTHS_IN_YEAR and first != second
    if unclear or not (1 <= month <= MONTHS_IN_YEAR and 1 <= day <= MAX_MONTH_DAY):
        return match.group()
    said = spell(year, "year" if len(year) > 2 else "cardinal")  # noqa: PLR2004  (digits)
    return f"{_NAMES[month - 1]} {spell(str(day), 'ordinal')}, {said}"


def _iso_date(match: re.Match[str], spell: Spell) -> str:
    month = _NAMES[int(match["month"]) - 1]
    return f"{month} {_ordinal(match['day'], spell)}, {spell(match['year'], 'year')}"


DATES: tuple[Rule, ...] = (
    Rule(
        re.compile(
            rf"{START}(?P<year>\d{{4}})(?P<s>[-/.])(?P<month>0[1-9]|1[0-2])(?P=s)(?P<day>0[1-9]|[12]\d|3[01])"
            rf"{END}"
        ),
        _iso_date,
    ),
    Rule(
        re.compile(
            rf"{START}(?P<first>\d{{1,2}})(?P<separator>[-/.])(?P<second>\d{{1,2}})(?P=separator)"
            rf"(?P<year>1\d{{3}}|20\d\d|(?<=/)\d\d){END}"
        ),
        _numeric_date,
    ),
    Rule(
        re.compile(
            rf"(?<!\w){_MONTH}\s(?P<day>{_DAY})(?:st|nd|rd|th)?"
            rf"(?:\s?[-\u2013]\s?(?P<last>{_DAY})(?:st|nd|rd|th)?)?"
            rf"(?:,?\s(?P<year>{_YEAR}){END}{_NO_NOUN}|(?!\w|:\d){END}{_NO_NOUN})"
        ),
        _month_first,
    ),
    Rule(
        re.compile(
            rf"{START}(?:[Tt]he\s)?(?P<day>{_DAY})(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}"
            rf"(?:,?\s(?P<year>{_YEAR}){END}{_NO_NOUN}|(?!\w|\s\d))"
        ),
        _day_first,
    ),
    Rule(re.compile(rf"(?<!\w){_MONTH},?\s(?:of\s)?(?P<year>{_YEAR}){END}{_NO_NOUN}"), _month_and_year),
)  # fmt: skip

# ---- years ---------------------------------------------------------------------------------------


def _year(match: re.Match[str], spell: Spell) -> str:
    return spell(match["year"], "year")


def _years(match: re.Match[str], spell: Spell) -> str:
    first, last = match["first"], match["last"]
    if last.isalpha():
        return f"{spell(first, 'year')} to {last}"
    if int(first[-len(last) :]) >= int(last) or (len(last) == 2 and first[2:] == "00"):  # noqa: PLR2004
        return ""
    said = spell(last, "year") if len(last) == len(first) else spell(last, "cardinal")
    return f"{spell(first, 'year')} to {said}"


def _decade(match: re.Match[str], spell: Spell) -> str:
    year = spell(match["year"], "year" if len(match["year"]) > 2 else "cardinal")  # noqa: PLR2004
    return f"{year[:-1]}ies" if year.endswith("y") else f"{year}s"


YEARS: tuple[Rule, ...] = (
    Rule(
        re.compile(
            rf"{START}(?P<first>{_YEAR})\s?[-\u2013]\s?(?P<last>{_YEAR}|\d\d|present|now|today)"
            rf"(?![\w/-]|[.,:]\d){_NO_NOUN}"
        ),
        _years,
    ),
    Rule(re.compile(rf"{START}(?P<year>1[1-9]\d0|20\d0)['\u2019]?s\b"), _decade),
    Rule(  # "30s" may be seconds
        re.compile(r"(?:(?<=\bthe |\bmid-)|(?<=\blate )|(?<!\w)['\u2019])(?P<year>[2-9]0)['\u2019]?s\b"),
        _decade,
    ),
    Rule(
        re.compile(r"(?<![\w'\u2019])['\u2019](?P<year>\d\d)(?![\w'\u2019]|[.,:/-]\d)"),
        lambda match, spell: spell(match["year"], "cardinal"),
    ),
    Rule(
        re.compile(
            r"(?<=\b[Ii]n )(?P<year>1\d{3}|20\d\d)"
            rf"(?!\s?(?:gold|coins?|men|steps|years|days)\b){END}"
        ),
        _year,
        part="year",
    ),
    Rule(
        re.compile(
            r"\b(?:[Ss]ince|[Yy]ear|[Uu]ntil|[Cc]irca|[Bb]orn|[Dd]ied|January|February|March|April|May|June|July"
            r"|August|September|October|November|December|[Ss]ummer|[Ww]inter|[Ss]pring|[Aa]utumn)"
            rf"(?: of)?,? (?P<year>1[1-9]\d\d|20\d\d){END}"
        ),
        _year,
        part="year",
    ),
    Rule(
        re.compile(
            rf"\b(?:[Ff]rom|[Bb]etween) (?P<year>{_YEAR})"
            rf"(?= (?:to|and|until|till|through) {_YEAR}{END}{_NO_NOUN})"
        ),
        _year,
        part="year",
    ),
    Rule(
        re.compile(
            rf"(?:(?<=\b[12]\d\d\d to )|(?<=\b[12]\d\d\d and ))(?P<year>{_YEAR}){END}{_NO_NOUN}"
        ),
        _year,
        part="year",
    ),
    Rule(
        re.compile(rf"{START}(?P<year>{_YEAR})(?=\s(?:AD|BC|CE|BCE|A\.D|B\.C)\b)"), _year
    ),
)  # fmt: skip
