"""A model's tokens as whole words and characters, and its whole sentences."""

from __future__ import annotations

import re

MAX_WORD_CHARACTERS = 32
# A word at the end that may continue, with the space before it; not in scripts without spaces.
_OPEN_WORD = re.compile(r"(?:\s*(?:[^\W\u2e80-\U0010ffff]|['\u2019-])+|\s+|[\ud800-\udbff])\Z")
_SENTENCE_END = re.compile(
    r"(?:(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bSt)\.|[!?\u2026\u061f\u0964])"
    r"[.!?]*[\"'\u201d\u2019\u00bb)\]*_]*(?=\s|\Z)"
    r"|[\u3002\uff01\uff1f]+[\"'\u201d\u2019\u300d\u300f)*]*"
)
_HALF_CHARACTER = re.compile(r"[\ud800-\udbff]\Z")


class WholeWords:
    """Passes text on word by word, so that a failed answer does not end within a word.

    The first piece passes at once, because the player waits for it. Half a surrogate pair is joined with
    what follows, or replaced.
    """

    def __init__(self) -> None:
        self._buffer = ""
        self._begun = False

    @property
    def is_pending(self) -> bool:
        """Whether some text waits."""
        return bool(self._buffer)

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


def unfinished(text: str) -> str:
    """The end of a text that is not a whole sentence."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    return text[ends[-1] if ends else 0 :]


def _characters(text: str) -> str:
    """Surrogate pairs joined, single ones replaced: JSON allows them, UTF-8 does not."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
