"""Between a model's tokens and a character's mouth: no thoughts, no half words, no half characters."""

from __future__ import annotations

import re

_OPEN, _CLOSE = "<think>", "</think>"
LONGEST_WORD = 32
# A word at the end that may go on, with the space before it. Scripts that write no spaces are let through.
_OPEN_WORD = re.compile(r"(?:\s*(?:[^\W\u2e80-\U0010ffff]|['\u2019-])+|[\ud800-\udbff])\Z")
_HALF_CHARACTER = re.compile(r"[\ud800-\udbff]\Z")


class Thoughts:
    """Leaves out what a model thinks aloud in <think> tags before it answers."""

    def __init__(self) -> None:
        self._held = ""
        self._inside = False
        self._answering = False

    def feed(self, text: str) -> str:
        """Take more text; return what of it belongs to the answer."""
        if self._answering:
            return text
        self._held += text
        if not self._inside:
            begun = self._held.lstrip()
            if not begun.startswith(_OPEN):
                return "" if _OPEN.startswith(begun) else self.flush()
            self._inside, self._held = True, begun[len(_OPEN) :]
        _thought, closed, answer = self._held.partition(_CLOSE)
        if not closed:
            self._held = self._held[-len(_CLOSE) :]
            return ""
        self._held, self._answering = "", True
        return answer.lstrip()

    def flush(self) -> str:
        """The text is complete: what was held back, if it was no thought."""
        held, self._held, self._answering = self._held, "", True
        return "" if self._inside else held


class WholeWords:
    """Lets text out word by word, so that an answer that breaks off does not end within one.

    The first piece goes out at once: it is what the player waits for. What is no character on its own
    is joined to what follows, or replaced.
    """

    def __init__(self) -> None:
        self._held = ""
        self._begun = False

    def feed(self, text: str) -> list[str]:
        """Take more text; return what can be said, cut as it came: a word is not joined to the next."""
        whole = []
        if text[:1].isspace() and self._begun:
            whole, self._held = [self._held], ""
        whole.append(self._whole(text))
        return [_characters(part) for part in whole if part]

    def _whole(self, text: str) -> str:
        self._held += text
        pattern = _OPEN_WORD if self._begun else _HALF_CHARACTER
        found = pattern.search(self._held)
        cut = len(self._held)
        if found and len(found.group()) <= LONGEST_WORD:
            cut = found.start()
        whole, self._held = self._held[:cut], self._held[cut:]
        self._begun = self._begun or bool(whole.strip())
        return whole

    def flush(self) -> list[str]:
        """The text is complete: the last word of it."""
        held, self._held = self._held, ""
        return [_characters(held)] if held else []


def _characters(text: str) -> str:
    """Pairs of surrogates joined, single ones replaced: JSON can hold them, UTF-8 cannot."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
