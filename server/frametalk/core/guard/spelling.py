"""Words of the guard's rules that are written wrongly: in two pieces, with two letters swapped, with stars.

Only the words of the rules are known here, so a repaired view counts where a rule finds its phrase in it.
"""

from __future__ import annotations

import re

MIN_JOINED = 7  # letters of a word in two pieces; fewer make too many words of two real ones
MIN_SWAPPED = 6
MAX_ENDING = 2  # letters that a star of the rules stands for
MAX_CANDIDATES = 5  # words that one word with stars may be
_WORD = re.compile(r"[^\W\d_]+\*?")


class Vocabulary:
    """All words of the rules, and the ways to find one of them in what is written."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._stems: set[str] = set()
        self._swapped: dict[str, str] = {}

    def add(self, phrase: str) -> None:
        """Add the words of a phrase, which has no accents."""
        for word in _WORD.findall(phrase):
            stem = word.removesuffix("*")
            self._words.add(stem)
            if stem != word:
                self._stems.add(stem)
            if len(stem) >= MIN_SWAPPED:
                self._swapped |= dict.fromkeys(_swapped(stem), stem)

    def add_real(self, word: str) -> None:
        """Add a word that must stay as it is, though its letters are those of another one."""
        self._words.add(word)

    def repaired(self, view: str) -> str:
        """A view with known words joined that are in two pieces, and swapped letters set right."""
        out: list[str] = []
        words = view.split(" ")
        joined = False
        for word, following in zip(words, (*words[1:], ""), strict=True):
            if joined:
                joined = False
            elif self._has(word + following, len(word)) and word.isalpha() and following.isalpha():
                out.append(word + following)
                joined = True
            elif len(word) >= MIN_SWAPPED and word not in self._words:
                out.append(self._swapped.get(word, word))
            else:
                out.append(word)
        return " ".join(out)

    def candidates(self, pattern: str) -> tuple[str, ...]:
        """Known words that a word with stars may be, whose pattern this is."""
        found = re.compile(pattern)
        alike = (word for word in self._words if word.startswith(pattern[0]))
        return tuple(sorted(filter(found.fullmatch, alike))[:MAX_CANDIDATES])

    def _has(self, word: str, first: int) -> bool:
        if len(word) < MIN_JOINED:
            return False
        ends = range(max(first + 1, len(word) - MAX_ENDING), len(word) + 1)
        return word in self._words or any(word[:end] in self._stems for end in ends)


def _swapped(word: str) -> set[str]:
    """The word with two neighbouring letters swapped, but not its first and its last letter."""
    return {
        word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 2)
    } - {word}
