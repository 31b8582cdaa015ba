"""Number words in many languages: a leaf, as `schemas` is, around the library that knows them.

Source: num2words (LGPL-2.1, used as it is published); see docs/decisions.
"""

from __future__ import annotations

from functools import lru_cache

from frametalk.text.spoken_text import NumberForm

MAX_DIGITS = 15  # what is longer is no amount that anybody says as one number
# The library never comes back from some millions in Amharic (0.5.14). Of its other languages none did
# that in 3,700 random numbers of up to 15 digits, each as an amount, an ordinal and a year.
UNUSABLE = frozenset({"am"})


def load() -> None:
    """Import the library, which takes tens of milliseconds; otherwise the first number does."""
    from num2words import num2words  # noqa: F401, PLC0415


# A character says the same few amounts all day long.
@lru_cache(maxsize=2048)
def number_words(value: str, form: NumberForm, language: str) -> str:
    """`value` ("25", "-3.5") in words: "twenty-five", "twenty-fifth", or as a year is said.

    Empty for a language or form that is not known, for what is no number, and for more than
    `MAX_DIGITS` digits.
    """
    # Imported late: it costs as much as all that a quick command needs.
    from num2words import CONVERTER_CLASSES, num2words  # noqa: PLC0415

    known = _language(language, frozenset(CONVERTER_CLASSES) - UNUSABLE)
    if not known or len(value) > MAX_DIGITS:
        return ""
    try:
        words = str(num2words(value, to=form, lang=known))
    except (NotImplementedError, ArithmeticError, ValueError, TypeError, LookupError):
        return ""
    except AttributeError:  # what some of its languages lack
        return ""
    return words.replace(",", "")


def _language(tag: str, known: frozenset[str]) -> str:
    """The library's name of a language tag ("pt-BR" -> "pt_BR", "en-US" -> "en"); empty if none."""
    base, _, region = tag.replace("-", "_").partition("_")
    for name in (f"{base.lower()}_{region.upper()}", base.lower()):
        if name in known:
            return name
    return ""
