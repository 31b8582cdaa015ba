"""One answer from two models: the second continues where the first ended, without repeating words."""

from __future__ import annotations

import re

_WORD = re.compile(r"\S+")
_RESTART = 3  # this many words equal to the beginning are a repetition
_NO_SPACES = 0x2E80  # scripts from here on have no spaces between words


class Continuation:
    """Joins more text to what was `said`.

    Leaves out words at its beginning that repeat `said`, regardless of case and punctuation: its last
    words, all of it, or its beginning. Text is buffered only while it may be such a repetition.
    """

    def __init__(self, said: str) -> None:
        self._said = said
        self._before = [plain for word in said.split() if (plain := _plain(word))]
        self._alive = list(range(len(self._before)))  # where in `said` a repetition may have begun
        self._text = ""
        self._at = 0  # end of the compared text
        self._words = 0  # number of compared words
        self._same_until = 0  # end of what may be a repetition
        self._repeated = 0  # end of what is one
        self._joined = not self._before

    def feed(self, text: str) -> str:
        """Take more text; return the new text that can be said."""
        if self._joined:
            return text
        self._text += text
        while self._alive and (match := _WORD.search(self._text, self._at)):
            if match.end() == len(self._text):  # the word may go on
                return ""
            self._compare(match)
        return "" if self._alive else self._join()

    def flush(self) -> str:
        """End the text; return the rest of it."""
        while not self._joined and self._alive and (match := _WORD.search(self._text, self._at)):
            self._compare(match)
        if self._alive and self._words:  # a repetition and nothing else
            self._repeated = len(self._text)
        return "" if self._joined else self._join()

    def _compare(self, match: re.Match[str]) -> None:
        word, self._at = _plain(match.group()), match.end()
        if not word:
            return
        if self._words == 0 and self._completes_word(match.group()):
            self._repeated = match.start() + len(self._said.strip())
            self._alive = []
            return
        fits = [begin for begin in self._alive if self._before[begin + self._words] == word]
        if not fits and not self._repeated and self._alive[0] == 0 and self._words >= _RESTART:
            self._repeated = self._same_until
        self._words += 1
        self._same_until = match.end()
        self._alive = [begin for begin in fits if begin + self._words < len(self._before)]
        if len(self._alive) < len(fits) and self._is_repetition(match.group()):
            self._repeated = match.end()

    def _completes_word(self, word: str) -> bool:
        """Whether `said` is only the first part of this word."""
        said = self._said.strip()
        return len(self._before) == 1 and len(word) > len(said) and word.startswith(said)

    def _is_repetition(self, word: str) -> bool:
        """Whether equal words are a repetition; a single word after a sentence is not ("for you. You")."""
        return self._words > 1 or word[-1:] in ".!?" or self._said.rstrip()[-1:] not in ".!?"

    def _join(self) -> str:
        self._joined = True
        new = self._text[self._repeated :]
        if self._repeated:
            new = self._punctuation() + new
            return new if self._said[-1:].strip() or new[:1].strip() else new.lstrip()
        new = new.lstrip()
        return f" {new}" if new and _space_between(self._said, new) else new

    def _punctuation(self) -> str:
        """Punctuation after the last repeated word that was not said with it."""
        word = self._text[: self._repeated].split()[-1]
        closing = word[len(word.rstrip(".,;:!?")) :]
        return closing if self._said[-1:].isalnum() else ""


def _plain(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter.isalnum())


def _space_between(before: str, after: str) -> bool:
    words = before[-1:].strip() and (after[0].isalnum() or after[0] in "\"'(*[\u201c\u2018")
    return bool(words) and ord(before[-1]) < _NO_SPACES and ord(after[0]) < _NO_SPACES
