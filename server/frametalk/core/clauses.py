"""Text as it is made -> clauses worth speaking."""

from __future__ import annotations

import re

MIN_COMMA_CHARS = 40  # a comma ends a clause only after this much: shorter bits sound chopped
MAX_CHARS = 240  # an endless sentence is spoken in pieces of at most this

_ABBREVIATIONS = frozenset(
    {
        "mr",
        "mrs",
        "ms",
        "dr",
        "st",
        "sr",
        "jr",
        "prof",
        "capt",
        "lt",
        "sgt",
        "no",
        "vs",
        "etc",
        "e.g",
        "i.e",
    }
)
# An end counts only when space follows: "3.5", "..." and "e.g." inside a token are not known to be
# ends before the next character is there.
_END = re.compile(r"[.!?;:\u2026\u3002\uff01\uff1f]+[\"'\u201d\u2019)\]]*(?=\s)|,(?=\s)|\n+")
# Minds that speak in whole words say a sentence's end before the space that proves it: one token's
# time is won by believing it. Bare letters prove nothing, so text in small pieces is waited for.
_LAST_WORD = re.compile(r"\s[^\W\d_]{2,}[.!?]")
_WORD = re.compile(r"\s[^\W\d_]{2,}")
_SPEAKABLE = re.compile(r"\w")


class Clauses:
    """Cuts a stream of tokens into clauses at sentence ends, and at commas once they are long enough.

    Each clause is stripped, has something to speak, and is at most `MAX_CHARS` long. Together the
    clauses are the text, white space aside.
    """

    def __init__(self) -> None:
        self._text = ""
        self._scanned = 0
        self._token = ""  # the newest

    def feed(self, token: str) -> list[str]:
        """Take more text; return the clauses that it completes."""
        believed = self._ends_sentence(token)
        self._text += token
        self._token = token
        clauses = self._cut()
        if believed and _SPEAKABLE.search(self._text):
            clauses.append(self._text.strip())
            self._text, self._scanned = "", 0
        return clauses

    def _ends_sentence(self, token: str) -> bool:
        whole = _LAST_WORD.fullmatch(token) or (
            token in {".", "!", "?"} and _WORD.fullmatch(self._token)
        )
        word = (self._text + token).rsplit(None, 1)[-1] if whole else ""
        return bool(whole) and word.rstrip(".").lower() not in _ABBREVIATIONS

    def _cut(self) -> list[str]:
        clauses: list[str] = []
        while (cut := self._find_end()) is not None:
            clause, self._text, self._scanned = self._text[:cut].strip(), self._text[cut:], 0
            if _SPEAKABLE.search(clause):
                clauses.append(clause)
        return clauses

    def flush(self) -> list[str]:
        """The text is complete; return what is left."""
        self._text += "\n"
        clauses = self._cut()
        self._text, self._scanned, self._token = "", 0, ""
        return clauses

    def _find_end(self) -> int | None:
        for match in _END.finditer(self._text, self._scanned):
            if match.end() > MAX_CHARS:
                break
            if not self._is_end(match):
                self._scanned = match.end()
                continue
            return match.end()
        if len(self._text) > MAX_CHARS:
            space = self._text.rfind(" ", 0, MAX_CHARS)
            return space + 1 if space > 0 else MAX_CHARS
        return None

    def _is_end(self, match: re.Match[str]) -> bool:
        before = self._text[: match.start()]
        if not _SPEAKABLE.search(before):
            return "\n" in match.group()
        if match.group() == ",":
            return len(before.strip()) >= MIN_COMMA_CHARS
        if match.group() == ".":
            return before.rsplit(None, 1)[-1].lower().lstrip("(\"'") not in _ABBREVIATIONS
        return True
