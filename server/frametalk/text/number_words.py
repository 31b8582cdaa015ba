"""Numbers in words, in many languages: the only module that imports num2words.

Source: num2words (LGPL-2.1, used as it is published); see docs/decisions/0008-number-words.md.
"""

from __future__ import annotations

import re
from functools import lru_cache

from frametalk.text.reading_rules import NumberForm, decimal_word, load_languages

MAX_DIGITS = 15  # longer numbers are not read as one amount
# num2words 0.5.14 never returns for some millions in Amharic. Its other languages returned for 3,700
# random numbers of up to 15 digits, each as an amount, an ordinal and a year.
UNUSABLE = frozenset({"am"})


def load() -> None:
    """Import the library and read the languages' files, which takes tens of milliseconds.

    Otherwise the first number and the first session in a language do it.
    """
    from num2words import num2words  # noqa: F401, PLC0415

    load_languages()


# A character says the same few amounts again and again.
@lru_cache(maxsize=2048)
def number_words(value: str, form: NumberForm, language: str) -> str:
    """`value` ("25", "-3.5") in words: "twenty-five", "twenty-fifth", or as a year.

    Empty if the language or form is not known, if `value` is not a number, or if it has more than
    `MAX_DIGITS` characters.
    """
    word = decimal_word(language)
    if word and "." in value and form == "cardinal":
        return _with_decimals(value, word, language)
    # Imported late: it takes as long as a whole quick command.
    from num2words import CONVERTER_CLASSES, num2words  # noqa: PLC0415

    known = _language(language, frozenset(CONVERTER_CLASSES) - UNUSABLE)
    if not known or len(value) > MAX_DIGITS:
        return ""
    try:
        words = str(num2words(value, to=form, lang=known))
    except (NotImplementedError, ArithmeticError, ValueError, TypeError, LookupError):
        return ""
    except AttributeError:  # some of its languages lack a form
        return ""
    return words.replace(",", "")


def _with_decimals(value: str, word: str, language: str) -> str:
    """The words of a number with decimals: num2words drops Italian ones."""
    whole, _, fraction = value.partition(".")
    if not re.fullmatch(r"\d+|-[1-9]\d*", whole) or not re.fullmatch(r"\d+", fraction, re.ASCII):
        return ""
    pair = len(fraction) <= 2 and not fraction.startswith("0")  # noqa: PLR2004
    digits = [
        number_words(part, "cardinal", language) for part in ([fraction] if pair else fraction)
    ]
    return " ".join([number_words(whole, "cardinal", language), word, *digits])


def _language(tag: str, known: frozenset[str]) -> str:
    """The library's name for a language tag ("pt-BR" -> "pt_BR", "en-US" -> "en"); empty if unknown."""
    base, _, region = tag.replace("-", "_").partition("_")
    for name in (f"{base.lower()}_{region.upper()}", base.lower()):
        if name in known:
            return name
    return ""
