"""A trigram language model of what is likely to be said in a scene.

Sentences are patterns with slots. Counting walks each pattern once and shares its weight among the
fillings of its slots, so the cost grows with the number of things, not with its square or cube.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from frametalk.adapters.asr.pocketsphinx.trigrams import Trigrams, Words
from frametalk.text.number_words import number_words

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

# A pattern stands for as many sentences as its slots have fillings. Without extra weight each would be less
# likely than any fixed sentence ("tell the lever" instead of "pull the lever").
VERB_WEIGHT, THING_WEIGHT = 10.0, 3.0


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


def scene_trigrams(things: Iterable[str], verbs: Iterable[str], phrases: Iterable[str]) -> Trigrams:
    """Counts of the common patterns and of what the parts of a bias make likely; never empty."""
    slots = {
        "thing": unique(map(speakable, things)),
        "verb": unique(map(speakable, verbs)),
        "number": spoken_numbers(),
    }
    counts = Trigrams()
    for text in (*COMMON_PATTERNS, *phrases):
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
