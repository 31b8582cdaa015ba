"""How alike texts are, from 0 to 100: the only module that imports rapidfuzz."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz, process


def likeness(one: str, other: str) -> float:
    """How alike two texts are; 100 if they are equal."""
    return float(fuzz.ratio(one, other))


def nearest(
    text: str, others: Sequence[str], at_least: float, limit: int
) -> list[tuple[float, int]]:
    """The texts that are most like this one, best first: their likeness and index."""
    found = process.extract(text, others, scorer=fuzz.ratio, score_cutoff=at_least, limit=limit)
    return [(float(score), int(index)) for _text, score, index in found]
