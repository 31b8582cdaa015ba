"""An utterance as words that can be compared: without case, contractions and punctuation."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# A spoken command is short; the end of a long text is what matters.
MAX_WORDS = 48
MAX_CHARACTERS = 2_000

ARTICLES = frozenset("the a an my your his her our their some this that these those".split())
_SHORT = {
    "can't": "can not", "won't": "will not", "gonna": "going to", "wanna": "want to",
    "gimme": "give me", "lemme": "let me", "let's": "let us", "whats": "what is",
    "whos": "who is", "wheres": "where is", "dont": "do not",
}  # fmt: skip
_ENDINGS = {
    "n't": " not",
    "'re": " are",
    "'m": " am",
    "'ll": " will",
    "'ve": " have",
    "'d": " would",
}
_IS = frozenset("what who where when how that it he she there here".split())
_TOKEN = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+(?:'[^\W\d_]+)*|[.,;:!?\n]")
_PAUSE = frozenset(".,;:!?\n")


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance's words; `pauses` are indexes of words after punctuation."""

    words: tuple[str, ...]
    pauses: frozenset[int] = frozenset()


def read(text: str) -> Said:
    """The last words of a text, without case, accents, contractions and punctuation."""
    words: list[str] = []
    pauses: set[int] = set()
    for token in _TOKEN.findall(_plain(text[-MAX_CHARACTERS:])):
        if token in _PAUSE:
            pauses.add(len(words))
        else:
            words.extend(_spelt_out(token))
    skipped = max(0, len(words) - MAX_WORDS)
    kept = frozenset(at - skipped for at in pauses if 0 < at - skipped < len(words) - skipped)
    return Said(tuple(words[skipped:]), kept)


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.replace("\u2019", "'").replace("&", " and "))
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()


def _spelt_out(token: str) -> list[str]:
    if token in _SHORT:
        return _SHORT[token].split()
    for ending, full in _ENDINGS.items():
        if token.endswith(ending) and len(token) > len(ending):
            return (token.removesuffix(ending) + full).split()
    if token.endswith("'s"):
        stem = token.removesuffix("'s")
        return [stem, "is"] if stem in _IS else [stem]
    return [token.replace("'", "")]
