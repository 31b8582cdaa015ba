"""Finds words that sound like a name of the scene: "and lock the chest" for "unlock the chest".

The spelling stands for the sound, roughly as English reads it. What is found here is only possible:
whether it was said, the recogniser judges by the sound itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from frametalk.core.agreement import bare

# Spellings and the sound they stand for, applied in this order. "0" is th, "S" sh, "C" ch.
SPELLINGS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("^kn|^gn", "n"),
        ("^wr", "r"),
        ("^wh", "w"),
        ("tch|ch", "C"),
        ("sh|sch|tio|cio", "S"),
        ("th", "0"),
        ("ph", "f"),
        ("gh(?=t|$|s)", ""),
        ("gh", "g"),
        ("dg(?=[eiy])", "j"),
        ("ck|q", "k"),
        ("c(?=[eiy])", "s"),
        ("c", "k"),
        ("x", "ks"),
        ("z", "s"),
        ("mb$", "m"),
        ("(?<=[a-z0SC])e$", ""),
        ("[aeiouy]+[wr]?(?![aeiouy])|[aeiouy]+", "a"),
        ("h", ""),
        (r"(.)\1+", r"\1"),
    )
)
# Sounds that are mistaken for each other more easily than others.
ALIKE = tuple(
    map(frozenset, ("td", "pb", "kg", "fv", "sS", "CjS", "mn", "0ftsd", "lrw", "tkp", "dgb"))
)
HALF = 0.5  # of the cost of another sound
MOST_CHANGE = 0.34  # of the longer of the two
SHORTEST = 3  # sounds; shorter names are like everything
MOST_FOUND = 2
# How much less probable than the words that were read (natural logarithm) a name may be that sounds the
# same, and what each change of its sound costs. Said names lost 3 at most, other words 5.9 at least.
LEAST_GAIN = -4.0
COST_OF_CHANGE = 12.0


@dataclass(frozen=True, slots=True)
class Likeness:
    """`name` may be what was said instead of the words from `first` up to `end`."""

    first: int
    end: int
    name: str
    change: float  # how much of the sound is other, 0 to 1


def names_like(
    words: Sequence[str], names: Iterable[str], sure: Collection[int] = ()
) -> list[Likeness]:
    """The likenesses of `words` to names that they do not contain, likest first; at most two.

    Words from `sure` are left alone: they are the indexes of words that were read without doubt.
    """
    said = [bare(word) for word in words]
    known = {bare(part) for name in names for part in name.split()}
    found: list[Likeness] = []
    for name in names:
        parts = [bare(part) for part in name.split()]
        sound = sounds("".join(parts))
        if len(sound) < SHORTEST:
            continue
        for length in range(max(1, len(parts) - 1), len(parts) + 2):
            for first in range(len(said) - length + 1):
                span = said[first : first + length]
                if all(at in sure for at in range(first, first + length)):
                    continue
                if _contains(span, parts) or all(word in known for word in span):
                    continue
                change = difference(sounds("".join(span)), sound)
                if change <= MOST_CHANGE:
                    found.append(Likeness(first, first + length, name, change))
    return sorted(found, key=lambda one: one.change)[:MOST_FOUND]


def was_said(likeness: Likeness, gain: float) -> bool:
    """Whether to believe in the name, which makes the text more probable by `gain`."""
    return gain - COST_OF_CHANGE * likeness.change > LEAST_GAIN


@lru_cache(4096)
def sounds(word: str) -> str:
    """The sounds of a word without spaces, a character each; all vowels are one."""
    for pattern, sound in SPELLINGS:
        word = pattern.sub(sound, word)
    return word


def difference(one: str, other: str) -> float:
    """How much of the longer text's sounds is other: 0 for the same, 1 for nothing in common."""
    row = [float(n) for n in range(len(other) + 1)]
    for n, first in enumerate(one, 1):
        before, row[0] = row[0], float(n)
        for m, second in enumerate(other, 1):
            best = min(before + _cost(first, second), row[m] + 1, row[m - 1] + 1)
            before, row[m] = row[m], best
    return row[-1] / max(len(one), len(other), 1)


def _cost(first: str, second: str) -> float:
    if first == second:
        return 0.0
    return HALF if any({first, second} <= group for group in ALIKE) else 1.0


def _contains(span: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether the words have the name's words in a row."""
    return any(
        list(span[at : at + len(parts)]) == list(parts) for at in range(len(span) - len(parts) + 1)
    )
