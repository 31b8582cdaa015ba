"""The words of directions in other languages than English, from data/languages/."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from frametalk.core.languages import base_of, language_of

_UNSPACED_LANGUAGES = frozenset({"zh", "ja"})
# Scripts without spaces between words; their languages are known in every session.
_KANA = re.compile("[\u3040-\u30ff]")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


@lru_cache(maxsize=64)
def _forms_in(language: str) -> re.Pattern[str] | None:
    """A pattern of all known directions in a language; None if there are none."""
    known = language_of(language)
    forms = sorted({*known.gestures, *known.emotions}, key=len, reverse=True)
    if not forms:
        return None
    pattern = "|".join(map(re.escape, forms))
    return re.compile(pattern if _UNSPACED.search(pattern) else rf"(?<!\w)(?:{pattern})(?!\w)")


def found_in(
    direction: str, language: str
) -> Iterator[tuple[int, Literal["gesture", "emotion"], str]]:
    """(place, kind, name) of each known direction in the session's language."""
    base = base_of(language)
    if base not in _UNSPACED_LANGUAGES and _UNSPACED.search(direction):
        base = "ja" if _KANA.search(direction) else "zh"
    known, forms = language_of(base), _forms_in(base)
    for match in forms.finditer(direction.lower()) if forms else ():
        gesture = known.gestures.get(match.group())
        name = gesture or known.emotions[match.group()]
        yield match.start(), "gesture" if gesture else "emotion", name
