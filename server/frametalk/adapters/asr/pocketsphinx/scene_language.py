"""From what is likely to be said in a scene to a trigram language model, without expanding it.

Sentences are patterns with slots. Counting walks a pattern once and spreads its weight over what the
slots may hold, so the cost grows with the number of things, not with its square or cube.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from frametalk.adapters.base import Bias

Words = tuple[str, ...]

START, END = "<s>", "</s>"

# What a player may say to anyone about anything; the mind's own phrases come on top.
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

UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
NUMBERS: tuple[Words, ...] = (
    ("zero",),
    *((word,) for word in (*UNITS, *TEENS, *TENS)),
    *((ten, unit) for ten in TENS for unit in UNITS),
    ("a", "hundred"),
    ("one", "hundred"),
)

MAX_CROSSINGS = 4_000  # slot fillings after as many different contexts: the older word is let go
# A pattern stands for as many sentences as its slots have fillings: without some weight each of them
# would be less likely than any fixed sentence ("tell the lever" instead of "pull the lever").
VERB_WEIGHT, THING_WEIGHT = 10.0, 3.0
DISCOUNT = 0.25  # share of each context's mass that is left for words not counted there


def speakable(text: str) -> Words:
    """The words of a name or sentence as a recogniser can spell them; empty if there are none.

    Lower case, accents taken off, digits as number words, joined names (`IronKey`, `iron_key`) split;
    what has no Latin letter in it (emoji, other scripts) is left out.
    """
    joined = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.replace("\u2019", "'"))
    plain = unicodedata.normalize("NFKD", joined).encode("ascii", "ignore").decode().lower()
    words: list[str] = []
    for token in re.findall(r"[a-z]+(?:'[a-z]+)*|\d+", plain):
        words.extend(number_words(token) if token.isdigit() else (token,))
    return tuple(words)


def number_words(digits: str) -> Words:
    """Number words for up to three digits without leading zeros; longer ones digit by digit."""
    if len(digits) > len("999") or (digits[0] == "0" and len(digits) > 1):
        return tuple(("zero", *UNITS)[int(digit)] for digit in digits)
    hundreds, rest = divmod(int(digits), 100)
    if hundreds:
        return (UNITS[hundreds - 1], "hundred", *(number_words(str(rest)) if rest else ()))
    below_twenty = ("zero", *UNITS, *TEENS)
    if rest < len(below_twenty):
        return (below_twenty[rest],)
    tens, ones = divmod(rest, 10)
    return (TENS[tens - 2], *((UNITS[ones - 1],) if ones else ()))


def scene_trigrams(bias: Bias) -> Trigrams:
    """Count what the bias makes likely. Never empty: the common patterns are always in it."""
    slots = {
        "thing": unique(map(speakable, bias.things)),
        "verb": unique(map(speakable, bias.verbs)),
        "number": NUMBERS,
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
    """Each part of a pattern as its alternatives. Empty if nothing can fill one of its slots."""
    pattern: list[Sequence[Words]] = []
    for part in re.split(r"(\{\w+\})", text):
        name = part.strip("{}")
        if part.startswith("{") and name in slots:
            pattern.append(slots[name])
        else:
            pattern.extend((word,) for word in zip(speakable(part), strict=True))
    return pattern if all(pattern) else []


class Trigrams:
    """Expected counts of one, two and three words in a row, and the back-off model they make."""

    def __init__(self) -> None:
        self._one: dict[str, float] = defaultdict(float)
        self._two: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        self._three: dict[tuple[str, str], dict[str, float]] = defaultdict(
            lambda: defaultdict(float)
        )

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that was counted, without the sentence ends."""
        return tuple(word for word in self._one if word not in {START, END})

    def add_pattern(self, pattern: Sequence[Sequence[Words]], weight: float = 1.0) -> None:
        """Count one sentence pattern; `weight` is shared evenly among its slots' alternatives."""
        if not pattern:
            return
        self._one[START] += weight
        contexts: dict[tuple[str, str], float] = {("", START): weight}
        for alternatives in (*pattern, [(END,)]):
            if len(contexts) * len(alternatives) > MAX_CROSSINGS:
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
        """log10 of each word's probability after the two before it, as the model has it."""
        total = sum(self._one.values()) - self._one[START]
        older, newer = "", START
        found = []
        for word in words:
            found.append(math.log10(max(self._probability(older, newer, word, total), 1e-9)))
            older, newer = newer, word
        return found

    def _probability(self, older: str, newer: str, word: str, total: float) -> float:
        """Discounted share of the longest context that has the word, times DISCOUNT a step back."""
        weight = 1.0
        for row in (self._three.get((older, newer)), self._two.get(newer)):
            if row and word in row:
                return weight * (1.0 - DISCOUNT) * row[word] / sum(row.values())
            if row:
                weight *= DISCOUNT
        return weight * self._one.get(word, 0.0) / total

    def arpa(self) -> str:
        """The model as an ARPA file: fixed discount, back-off to fewer words."""
        total = sum(self._one.values()) - self._one[START]
        keep = 1.0 - DISCOUNT
        one = {word: mass / total for word, mass in self._one.items()}
        one[START] = 1e-10  # never follows anything
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
    """What the discount left, spread over the words that the lower order has and this one lacks."""
    if not row:
        return 1.0
    covered = sum(lower.get(word, 0.0) for word in row)
    return (1.0 - sum(row.values())) / max(1.0 - covered, 1e-3)


def _log(probability: float) -> str:
    return f"{math.log10(probability):.4f}"
