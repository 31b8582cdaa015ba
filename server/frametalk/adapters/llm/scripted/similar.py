"""How alike words look and sound. The only user of rapidfuzz."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from rapidfuzz import fuzz, process

# Words that sound alike are a recogniser's most usual error, but they are still not the same word.
_SOUND_WORTH = 0.9
_MIN_SOUND_CHARACTERS = 3

_GROUPS = (
    (re.compile(r"^(?:kn|gn)"), "n"),
    (re.compile(r"^wr"), "r"),
    (re.compile(r"gh(?=t|$)"), ""),
    (re.compile(r"wh"), "w"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"t?ch|j|dge?"), "C"),
    (re.compile(r"sh"), "S"),
    (re.compile(r"th"), "t"),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"e$"), ""),
)
_MERGED = str.maketrans("bdgvzcqaouiy", "ptkfskkoooee")
_RUNS = re.compile(r"([eo])[eo]+|(.)\2+")


def likeness(words: Sequence[str], choices: Sequence[str]) -> list[list[float]]:
    """For each of `words`, how like it is to each of `choices`: 0 nothing in common, 1 the same."""
    if not words or not choices:
        return [[] for _ in words]
    looks = process.cdist(words, choices, scorer=fuzz.ratio, dtype=np.float32)
    sounds = process.cdist(
        [_sound(word) for word in words],
        [_sound(choice) for choice in choices],
        scorer=fuzz.ratio,
        dtype=np.float32,
    )
    alike: list[list[float]] = (np.maximum(looks, _SOUND_WORTH * sounds) / 100).tolist()
    return alike


@lru_cache(maxsize=8192)
def _sound(text: str) -> str:
    """A rough spelling by sound: voiced like unvoiced consonants, two vowels, no doubles."""
    return " ".join(map(_word_sound, text.split()))


def _word_sound(word: str) -> str:
    if len(word) < _MIN_SOUND_CHARACTERS:
        return word
    for group, sound in _GROUPS:
        word = group.sub(sound, word)
    return _RUNS.sub(lambda run: run.group(1) or run.group(2), word.translate(_MERGED))
