"""Spelling to phonemes for names that are not in the dictionary: rough, but never empty.

The phonemes are ARPAbet, as in the CMU dictionary. English spelling is not regular, but fantasy names
mostly are, and the recogniser needs only an approximation.
"""

from __future__ import annotations

from collections.abc import Callable

# Longer ones match first; the next letter decides in a few cases below.
_GRAPHEMES: dict[str, str] = {
    "tch": "CH", "igh": "AY", "eau": "OW", "sch": "SH",
    "ch": "CH", "sh": "SH", "th": "TH", "ph": "F", "wh": "W", "ck": "K", "gh": "G", "ng": "NG",
    "qu": "K W", "kn": "N", "wr": "R", "dg": "JH", "zh": "ZH", "kh": "K", "rh": "R",
    "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW", "ow": "OW", "ai": "EY", "ay": "EY", "ei": "EY",
    "ey": "IY", "oa": "OW", "oi": "OY", "oy": "OY", "au": "AO", "aw": "AO", "ie": "IY", "ue": "UW",
    "ae": "EY", "ia": "IY AH", "io": "IY OW", "eo": "IY OW", "ua": "UW AH",
    "ar": "AA R", "er": "ER", "ir": "ER", "or": "AO R", "ur": "ER", "yr": "ER",
    "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH",
    "j": "JH", "k": "K", "l": "L", "m": "M", "n": "N", "o": "AO", "p": "P", "q": "K", "r": "R",
    "s": "S", "t": "T", "u": "AH", "v": "V", "w": "W", "x": "K S", "y": "IH", "z": "Z",
}  # fmt: skip
_LONG = {"a": "EY", "e": "IY", "i": "AY", "o": "OW", "u": "UW", "y": "AY"}
_FINAL = {"a": "AH", "e": "", "i": "IY", "o": "OW", "u": "UW", "y": "IY"}
_SOFT = frozenset("eiy")
_VOWELS = frozenset("aeiouy")
_MAX_LETTERS = 3
MIN_PART = 3  # parts of a joined name that are shorter match by chance


def pronounce(word: str, lookup: Callable[[str], str | None]) -> str:
    """Phonemes of a word of the letters a to z and apostrophes, separated by spaces.

    `lookup` has some words. A name made of two of them ("ironhold") gets their phonemes.
    """
    letters = word.replace("'", "")
    for cut in range(len(letters) - MIN_PART, MIN_PART - 1, -1):
        first, second = lookup(letters[:cut]), lookup(letters[cut:])
        if first and second:
            return f"{first} {second}"
    return " ".join(_spell(letters)) or "AH"


def _spell(letters: str) -> list[str]:
    phonemes: list[str] = []
    at = 0
    while at < len(letters):
        if at and letters[at] == letters[at - 1] and letters[at] not in _VOWELS:
            at += 1  # a doubled consonant sounds once
            continue
        size, sounds = _grapheme(letters, at)
        phonemes.extend(sounds.split())
        at += size
    return phonemes


def _grapheme(letters: str, at: int) -> tuple[int, str]:
    """How many letters make the next sounds, and their phonemes."""
    letter, rest = letters[at], letters[at + 1 :]
    for size in range(_MAX_LETTERS, 1, -1):
        sound = _GRAPHEMES.get(letters[at : at + size])
        if sound is not None and at + size <= len(letters):
            return size, sound
    if not rest and at and letter in _FINAL:
        return 1, _FINAL[letter]
    if letter in "cg" and rest[:1] and rest[0] in _SOFT:
        return 1, "S" if letter == "c" else "JH"
    silent_e = len(rest) == len("xe") and rest[1] == "e" and rest[0] not in _VOWELS
    if letter in _LONG and silent_e:
        return 1, _LONG[letter]
    if letter == "y" and (not at or (rest[:1] and rest[0] in _VOWELS)):
        return 1, "Y"
    return 1, _GRAPHEMES.get(letter, "")
