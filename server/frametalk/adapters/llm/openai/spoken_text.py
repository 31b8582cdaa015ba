"""Filters of a model's tokens: no thoughts, no partial words, no partial characters."""

from __future__ import annotations

import re

_OPEN, _CLOSE = "<think>", "</think>"
MAX_WORD_CHARACTERS = 32
# A word at the end that may continue, with the space before it; not in scripts without spaces.
_OPEN_WORD = re.compile(r"(?:\s*(?:[^\W\u2e80-\U0010ffff]|['\u2019-])+|[\ud800-\udbff])\Z")
_HALF_CHARACTER = re.compile(r"[\ud800-\udbff]\Z")


class Thoughts:
    """Removes a model's thoughts in <think> tags before its answer."""

    def __init__(self) -> None:
        self._buffer = ""
        self._inside = False
        self._answering = False

    def feed(self, text: str) -> str:
        """Take more text; return the part that belongs to the answer."""
        if self._answering:
            return text
        self._buffer += text
        if not self._inside:
            begun = self._buffer.lstrip()
            if not begun.startswith(_OPEN):
                return "" if _OPEN.startswith(begun) else self.flush()
            self._inside, self._buffer = True, begun[len(_OPEN) :]
        _thought, closed, answer = self._buffer.partition(_CLOSE)
        if not closed:
            self._buffer = self._buffer[-len(_CLOSE) :]
            return ""
        self._buffer, self._answering = "", True
        return answer.lstrip()

    def flush(self) -> str:
        """End the text; return the buffered rest unless it is a thought."""
        rest, self._buffer, self._answering = self._buffer, "", True
        return "" if self._inside else rest


class WholeWords:
    """Passes text on word by word, so that a failed answer does not end within a word.

    The first piece passes at once, because the player waits for it. Half a surrogate pair is joined with
    what follows, or replaced.
    """

    def __init__(self) -> None:
        self._buffer = ""
        self._begun = False

    def feed(self, text: str) -> list[str]:
        """Take more text; return what can be said, in pieces that do not join two tokens' words."""
        whole = []
        if text[:1].isspace() and self._begun:
            whole, self._buffer = [self._buffer], ""
        whole.append(self._whole(text))
        return [_characters(part) for part in whole if part]

    def _whole(self, text: str) -> str:
        self._buffer += text
        pattern = _OPEN_WORD if self._begun else _HALF_CHARACTER
        found = pattern.search(self._buffer)
        cut = len(self._buffer)
        if found and len(found.group()) <= MAX_WORD_CHARACTERS:
            cut = found.start()
        whole, self._buffer = self._buffer[:cut], self._buffer[cut:]
        self._begun = self._begun or bool(whole.strip())
        return whole

    def flush(self) -> list[str]:
        """End the text; return its last word."""
        rest, self._buffer = self._buffer, ""
        return [_characters(rest)] if rest else []


def _characters(text: str) -> str:
    """Surrogate pairs joined, single ones replaced: JSON allows them, UTF-8 does not."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
