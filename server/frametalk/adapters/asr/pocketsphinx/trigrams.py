"""Expected counts of words in a row, and the ARPA file of the back-off model made of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

Words = tuple[str, ...]

START, END = "<s>", "</s>"
MAX_CONTEXTS = 4_000  # contexts times fillings; beyond it contexts lose their older word
DISCOUNT = 0.25  # share of each context's mass for words that were not counted in it


class Trigrams:
    """Expected counts of one, two and three words in a row, and the back-off model made of them."""

    def __init__(self) -> None:
        self._one: dict[str, float] = defaultdict(float)
        self._two: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        self._three: dict[tuple[str, str], dict[str, float]] = defaultdict(
            lambda: defaultdict(float)
        )

    @property
    def words(self) -> tuple[str, ...]:
        """Every counted word, without the sentence marks."""
        return tuple(word for word in self._one if word not in {START, END})

    def add_pattern(self, pattern: Sequence[Sequence[Words]], weight: float = 1.0) -> None:
        """Count one pattern; `weight` is shared evenly among the alternatives of its slots."""
        if not pattern:
            return
        self._one[START] += weight
        contexts: dict[tuple[str, str], float] = {("", START): weight}
        for alternatives in (*pattern, [(END,)]):
            if len(contexts) * len(alternatives) > MAX_CONTEXTS:
                contexts = _without_older_word(contexts)
            following: dict[tuple[str, str], float] = defaultdict(float)
            for (older, newer), mass in contexts.items():
                share = mass / len(alternatives)
                for words in alternatives:
                    following[self._count(older, newer, words, share)] += share
            contexts = following

    def _count(self, older: str, newer: str, words: Words, mass: float) -> tuple[str, str]:
        for word in words:
            self._one[word] += mass
            self._two[newer][word] += mass
            if older:
                self._three[older, newer][word] += mass
            older, newer = newer, word
        return older, newer

    def arpa(self) -> str:
        """The model as an ARPA file, with a fixed discount and back-off."""
        total = sum(self._one.values()) - self._one[START]
        keep = 1.0 - DISCOUNT
        one = {word: mass / total for word, mass in self._one.items()}
        one[START] = 1e-10  # follows no word
        two = {w1: _shares(row, keep) for w1, row in self._two.items()}
        three = {pair: _shares(row, keep) for pair, row in self._three.items()}
        lines = [
            "\\data\\",
            f"ngram 1={len(one)}",
            f"ngram 2={sum(map(len, two.values()))}",
            f"ngram 3={sum(map(len, three.values()))}",
            "\n\\1-grams:",
        ]
        for word in sorted(one):
            backoff = _backoff(two.get(word, {}), one)
            lines.append(f"{_log(one[word])} {word} {_log(backoff)}")
        lines.append("\n\\2-grams:")
        for w1 in sorted(two):
            for w2 in sorted(two[w1]):
                backoff = _backoff(three.get((w1, w2), {}), two.get(w2, {}))
                lines.append(f"{_log(two[w1][w2])} {w1} {w2} {_log(backoff)}")
        lines.append("\n\\3-grams:")
        for w1, w2 in sorted(three):
            row = three[w1, w2]
            lines.extend(f"{_log(row[w3])} {w1} {w2} {w3}" for w3 in sorted(row))
        return "\n".join((*lines, "\n\\end\\\n"))


def _without_older_word(
    contexts: Mapping[tuple[str, str], float],
) -> dict[tuple[str, str], float]:
    merged: dict[tuple[str, str], float] = defaultdict(float)
    for (_older, newer), mass in contexts.items():
        merged["", newer] += mass
    return merged


def _shares(row: Mapping[str, float], keep: float) -> dict[str, float]:
    total = sum(row.values())
    return {word: keep * mass / total for word, mass in row.items()}


def _backoff(row: Mapping[str, float], lower: Mapping[str, float]) -> float:
    """The discounted mass, for the words that only the lower order has."""
    if not row:
        return 1.0
    covered = sum(lower.get(word, 0.0) for word in row)
    return (1.0 - sum(row.values())) / max(1.0 - covered, 1e-3)


def _log(probability: float) -> str:
    return f"{math.log10(probability):.4f}"
