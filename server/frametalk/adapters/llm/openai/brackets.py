"""Finds where a bracket closes, in text that arrives in pieces."""

from __future__ import annotations

import re

_TOKENS = re.compile(r"""\\.?|["'(){}\[\]]""", re.DOTALL)
_OPENING, _CLOSING = "({[", ")}]"


class Brackets:
    """Follows text from an opening bracket on. Brackets in quotation marks do not count."""

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""
        self._escaped = False  # the text so far ends with a backslash

    def feed(self, text: str) -> int | None:
        """Take more text; the index after the bracket that closes the first one, or None."""
        begin = 1 if self._escaped and text else 0
        self._escaped = self._escaped and not text
        for found in _TOKENS.finditer(text, begin):
            mark = found.group()
            if mark[0] == "\\":
                self._escaped = len(mark) == 1
            elif self._quote:
                self._quote = "" if mark == self._quote else self._quote
            elif mark in "\"'":
                self._quote = mark if self._depth else ""
            elif mark in _OPENING:
                self._depth += 1
            else:
                self._depth -= 1
                if self._depth <= 0:
                    return found.end()
        return None
