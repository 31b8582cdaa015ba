"""An utterance or a pattern in the form in which they are compared."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from frametalk.adapters.llm.scripted.numbers import number_at, ordinal_at
from frametalk.adapters.llm.scripted.words import ARTICLES, MAX_CHARACTERS, MAX_WORDS, read

DIRECTIONS = {
    "forward": "forward", "forwards": "forward", "ahead": "forward", "back": "back",
    "backwards": "back", "backward": "back", "left": "left", "right": "right",
}  # fmt: skip
POINTING = frozenset({"that", "there", "it", "this", "them"})
_HESITATIONS = frozenset({"um", "uh", "er", "erm"})
_FILLERS = frozenset({"please", "now", "just", "me"})
_OPENERS = frozenset({"well", "so", "hey", "okay", "please", "now", "just"})
_TAILS = frozenset({("for", "me"), ("right", "now")})
_SHOWING = frozenset({"that", "this", "these", "those"})  # an article before a noun, else a pronoun
MAX_DIGITS = 15
NEW_PATTERNS = 32  # that are read without a break: a millisecond or two
MAX_CACHED_CHARACTERS = 256
_PRONOUNS = frozenset({"one", "ones"})
_ZEROS = frozenset({"oh", "o"})
_SLOT = re.compile(r"\{(\w+)\}")
_JOINED_SLOT = re.compile(r"\w\{|\}\w")
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,6})?", re.ASCII)
_ORDINAL = re.compile(r"\d{1,15}th", re.ASCII)


@dataclass(frozen=True, slots=True)
class Phrase:
    """The words that matter: no articles and fillers, numbers as "2" or "2.5", places in a row as "2th".

    In a pattern, slots are words in braces. `articles` are indexes of words with an article before them.
    `whole`: nothing was left out because of length. `joined`: a slot of the pattern touches other words, as
    in languages without spaces.
    """

    words: tuple[str, ...]
    articles: frozenset[int] = frozenset()
    whole: bool = True
    joined: bool = False


def is_number(word: str) -> bool:
    """Whether a word of a phrase is an amount."""
    return _NUMBER.fullmatch(word) is not None


def is_ordinal(word: str) -> bool:
    """Whether a word of a phrase is a place in a row."""
    return _ORDINAL.fullmatch(word) is not None


@lru_cache(maxsize=4_096)
def pattern_of(text: str) -> Phrase:
    """The phrase of a pattern, with its slots."""
    joined = _JOINED_SLOT.search(text) is not None
    slots = list(dict.fromkeys(_SLOT.findall(text)))
    named = {f"xslot{chr(ord('a') + index)}x": f"{{{name}}}" for index, name in enumerate(slots)}
    for placeholder, slot in named.items():
        text = text.replace(slot, f" {placeholder} ")
    phrase = phrase_of(text)
    words = tuple(named.get(word, word) for word in phrase.words)
    return Phrase(words, phrase.articles, joined=joined)


async def read_patterns(texts: Iterable[str]) -> None:
    """Have these patterns read for `pattern_of`; others have their turn while new ones are."""
    new = pattern_of.cache_info().misses
    for text in texts:
        pattern_of(text)
        if (read := pattern_of.cache_info().misses) - new >= NEW_PATTERNS:
            new = read
            await asyncio.sleep(0)


def phrase_of(text: str) -> Phrase:
    """The phrase of a text; without words if the text has none."""
    return _cached(text) if len(text) <= MAX_CACHED_CHARACTERS else read_phrase(text)


# A character's patterns are the same turn after turn.
@lru_cache(maxsize=4_096)
def _cached(text: str) -> Phrase:
    return read_phrase(text)


def read_phrase(text: str) -> Phrase:
    """As `phrase_of`, for who keeps what comes of it."""
    words = read(text).words
    said = tuple(word for word in words if word not in _HESITATIONS) or words
    kept: list[str] = []
    articles: set[int] = set()
    at, after_article = 0, False
    while at < len(said):
        word, following = said[at], said[at + 1] if at + 1 < len(said) else ""
        ordinal, number = ordinal_at(said, at), number_at(said, at)
        if ordinal is None and number is None:
            if _is_article(word, following):
                at, after_article = at + 1, True
                continue
            if kept and (word, following) in _TAILS:
                at += 2
                continue
            ends_with_me = word == "me" and not following  # "bring me the key", not "the key me"
            if not after_article and not ends_with_me and word in (_FILLERS if kept else _OPENERS):
                at += 1
                continue
        if after_article:
            articles.add(len(kept))
        spelt = _in_figures(word, ordinal, number)
        if kept and not after_article and _continues(kept[-1], spelt):
            kept[-1] += "0" if spelt in _ZEROS else spelt
        else:
            kept.append(spelt)
        at = ordinal[1] if ordinal else number[1] if number else at + 1
        after_article = False
    whole = len(words) < MAX_WORDS and len(text) <= MAX_CHARACTERS
    return Phrase(tuple(kept or said), frozenset(articles), whole)


def _is_article(word: str, following: str) -> bool:
    """Whether the word stands before a noun; an article before anything else remains a word."""
    if word not in ARTICLES or not following or following in ARTICLES | _FILLERS:
        return False
    return word not in _SHOWING or following not in POINTING | _PRONOUNS


def _in_figures(
    word: str, ordinal: tuple[int, int] | None, number: tuple[float, int] | None
) -> str:
    if ordinal is not None:
        return f"{ordinal[0]}th"
    if number is None or (word.isdecimal() and word[0] == "0"):
        return word  # 007 is a name
    value = number[0]
    return str(int(value)) if value.is_integer() else f"{value:.6f}".rstrip("0")


def _continues(before: str, word: str) -> bool:
    """Whether the word is one more digit: "one oh one" is 101."""
    digit = word in _ZEROS or (len(word) == 1 and word.isdecimal())
    return digit and before.isdecimal() and len(before) < MAX_DIGITS
