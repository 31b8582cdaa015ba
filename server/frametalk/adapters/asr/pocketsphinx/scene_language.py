"""A trigram language model of what is likely to be said in a scene.

Sentences are patterns with slots. Counting walks each pattern once and shares its weight among the
fillings of its slots, so the cost grows with the number of things, not with its square or cube.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from frametalk.adapters.base import Bias
from frametalk.text.number_words import number_words

Words = tuple[str, ...]

START, END = "<s>", "</s>"

# What players say to anyone about anything; the mind adds its own phrases.
COMMON_PATTERNS = (
    "{thing}",
    "the {thing}",
    "{verb}",
    "{verb} it",
    "{verb} that",
    "{verb} this",
    "{verb} them",
    "{verb} that there",
    "{verb} me",
    "{verb} the {thing}",
    "{verb} a {thing}",
    "{verb} me the {thing}",
    "{verb} the {thing} please",
    "{verb} the {thing} and {verb} the {thing}",
    "{verb} the {thing} and the {thing}",
    "{verb} the {thing} and {verb} me the {thing}",
    "{verb} the {thing} on the {thing}",
    "{verb} the {thing} with the {thing}",
    "please {verb} the {thing}",
    "can you {verb} the {thing}",
    "could you {verb} me the {thing}",
    "i want to {verb} the {thing}",
    "i want the {thing}",
    "i need a {thing}",
    "i need the {thing}",
    "where is the {thing}",
    "where are the {thing}",
    "what is the {thing}",
    "what about the {thing}",
    "who is the {thing}",
    "is the {thing} here",
    "do you have a {thing}",
    "do you have the {thing}",
    "tell me about the {thing}",
    "what do you know about the {thing}",
    "who are you",
    "what is your name",
    "what can you do",
    "hello",
    "hi",
    "yes",
    "no",
    "okay",
    "stop",
    "wait",
    "please",
    "thank you",
    "thanks",
    "goodbye",
    "never mind",
    "help me",
    "i do not know",
    "what is that",
    "{number}",
)

MAX_CONTEXTS = 4_000  # contexts times fillings; beyond it contexts lose their older word
# A pattern stands for as many sentences as its slots have fillings. Without extra weight each would be less
# likely than any fixed sentence ("tell the lever" instead of "pull the lever").
VERB_WEIGHT, THING_WEIGHT = 10.0, 3.0
DISCOUNT = 0.25  # share of each context's mass for words that were not counted in it


def speakable(text: str) -> Words:
    """The words of a name or sentence in the recogniser's spelling; may be empty.

    Lower case, without accents, digits as number words, joined names (`IronKey`, `iron_key`) split;
    emoji and other scripts are left out.
    """
    joined = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.replace("\u2019", "'"))
    plain = unicodedata.normalize("NFKD", joined).encode("ascii", "ignore").decode().lower()
    words: list[str] = []
    for token in re.findall(r"[a-z]+(?:'[a-z]+)*|\d+", plain):
        words.extend(spoken_number(token) if token.isdigit() else (token,))
    return tuple(words)


def spoken_number(digits: str) -> Words:
    """Words of up to three digits without leading zeros; of longer ones and others digit by digit."""
    if len(digits) > len("999") or (digits[0] == "0" and len(digits) > 1):
        return tuple(number_words(digit, "cardinal", "en") for digit in digits)
    words = number_words(digits, "cardinal", "en").replace("-", " ").split()
    return tuple(word for word in words if word != "and")


@cache
def spoken_numbers() -> tuple[Words, ...]:
    """What the slot `{number}` may contain."""
    return (*(spoken_number(str(n)) for n in range(101)), ("a", "hundred"))


def scene_trigrams(bias: Bias) -> Trigrams:
    """Counts of the common patterns and of what the bias makes likely; never empty."""
    slots = {
        "thing": unique(map(speakable, bias.things)),
        "verb": unique(map(speakable, bias.verbs)),
        "number": spoken_numbers(),
    }
    counts = Trigrams()
    for text in (*COMMON_PATTERNS, *bias.phrases):
        weight = VERB_WEIGHT if "{verb}" in text else 1.0
        weight *= THING_WEIGHT if "{thing}" in text else 1.0
        counts.add_pattern(pattern_of(text, slots), weight)
    return counts


def unique(options: Iterable[Words]) -> tuple[Words, ...]:
    return tuple(dict.fromkeys(words for words in options if words))


def pattern_of(text: str, slots: Mapping[str, Sequence[Words]]) -> list[Sequence[Words]]:
    """The alternatives of each part of a pattern; empty if a slot cannot be filled."""
    pattern: list[Sequence[Words]] = []
    for part in re.split(r"(\{\w+\})", text):
        name = part.strip("{}")
        if part.startswith("{") and name in slots:
            pattern.append(slots[name])
        else:
            pattern.extend((word,) for word in zip(speakable(part), strict=True))
    return pattern if all(pattern) else []


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

    def likelihoods(self, words: Sequence[str]) -> list[float]:
        """log10 of each word's probability after the two words before it."""
        total = sum(self._one.values()) - self._one[START]
        older, newer = "", START
        logs = []
        for word in words:
            logs.append(math.log10(max(self._probability(older, newer, word, total), 1e-9)))
            older, newer = newer, word
        return logs

    def _probability(self, older: str, newer: str, word: str, total: float) -> float:
        """Discounted share in the longest context that has the word; DISCOUNT for each step of back-off."""
        weight = 1.0
        for row in (self._three.get((older, newer)), self._two.get(newer)):
            if row and word in row:
                return weight * (1.0 - DISCOUNT) * row[word] / sum(row.values())
            if row:
                weight *= DISCOUNT
        return weight * self._one.get(word, 0.0) / total

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
