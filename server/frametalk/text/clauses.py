"""Cuts text, token by token, into clauses that a voice can speak."""

from __future__ import annotations

import re
import unicodedata

from frametalk.core.languages import language_of
from frametalk.text.markup import PICTURE, SPAN, open_at
from frametalk.text.sentence_ends import (
    END,
    MIN_COMMA_CHARS,
    end_of,
    in_quotes,
    may_be_abbreviated,
)

MAX_CHARS = 240  # longer sentences are spoken in pieces of at most this
SOON_COMMA_CHARS = 12  # for a first clause that should be heard soon, although it sounds chopped
MAX_JOINED = 16  # characters that one picture or accented letter may consist of
_WINDOW = MAX_CHARS + 8  # characters searched for one end, with what follows it

# Minds that write whole words send a sentence's end one token before the space that proves it. To assume
# the end saves that token's time. Text that comes in smaller pieces is not a whole word, so it waits.
_LAST_WORD = re.compile(r"\s[^\W\d_]{2,}[.!?]")
_WORD = re.compile(r"\s[^\W\d_]{2,}")
_SCRIPTS_OF_WIDE_MARKS = "\u0600"  # characters from here on may end a sentence without white space
_MARKED = re.compile(r"[*_`~\[({<\\!（【［〔]")  # markup has at least one of these
_SPEAKABLE = re.compile(rf"\w|{PICTURE.pattern}")


class Clauses:
    """Cuts a stream of tokens into clauses: at sentence ends, and at commas after enough text.

    Each clause is stripped, contains something to speak or to show, and has at most `MAX_CHARS`
    characters. Together the clauses are the text, except for white space. There are no cuts inside a
    direction, a link or other markup (see `markup.SPAN`), inside a number or after an abbreviation. Open
    markup delays a cut for as long as it may still be closed. `language` is a BCP 47 tag: abbreviations
    and ordinals are known by language. With `begin_soon` the first clause ends at an early comma.
    """

    def __init__(self, language: str = "en", *, begin_soon: bool = False) -> None:
        self._language = language_of(language)
        self._text = ""
        self._token = ""  # the newest
        self._min_comma_chars = SOON_COMMA_CHARS if begin_soon else MIN_COMMA_CHARS

    def feed(self, token: str) -> list[str]:
        """Take more text; return the clauses that it completes."""
        assumed = self._ends_sentence(token)
        # Most ends need white space after them, which most tokens of a model do not contain.
        may_end = len(self._text) + len(token) > MAX_CHARS or any(
            c.isspace() or c >= _SCRIPTS_OF_WIDE_MARKS for c in self._text[-1:] + token
        )
        self._text += token
        self._token = token
        clauses = self._cut(complete=False) if may_end else []
        if assumed and _SPEAKABLE.search(self._text) and open_at(self._text) is None:
            clauses.append(self._text.strip())
            self._text = ""
            self._min_comma_chars = MIN_COMMA_CHARS
        return clauses

    def drop(self, end: str) -> None:
        """Drop `end`, the end of the text so far, except for what clauses already contain."""
        self._text = "" if end.endswith(self._text) else self._text.removesuffix(end)
        self._token = ""

    def flush(self) -> list[str]:
        """The text is complete; return the clauses that remain."""
        self._text += "\n"
        clauses = self._cut(complete=True)
        self._text, self._token = "", ""
        return clauses

    def _ends_sentence(self, token: str) -> bool:
        whole = _LAST_WORD.fullmatch(token) or (
            token in {".", "!", "?"} and _WORD.fullmatch(self._token)
        )
        if not whole or in_quotes(self._text):
            return False
        word = (self._text + token).rsplit(None, 1)[-1]
        return not may_be_abbreviated(word.rstrip(".!?"), self._language)

    def _cut(self, *, complete: bool) -> list[str]:
        clauses: list[str] = []
        at = 0
        while (end := self._find_end(self._text[at : at + _WINDOW], complete=complete)) is not None:
            clause = self._text[at : at + end].strip()
            at += end
            if _SPEAKABLE.search(clause):
                clauses.append(clause)
                self._min_comma_chars = MIN_COMMA_CHARS
        self._text = self._text[at:]
        return clauses

    def _find_end(self, text: str, *, complete: bool) -> int | None:
        """Where the first clause of `text` ends; None if only more text can show it."""
        if len(text) <= MAX_CHARS and not END.search(text):
            return None
        marked = _MARKED.search(text) is not None
        spans = [match.span() for match in SPAN.finditer(text)] if marked else []
        opened = open_at(text) if marked and not complete else None
        for match in END.finditer(text):
            if match.end() > MAX_CHARS or (opened is not None and match.start() >= opened):
                break
            if any(begin < match.end() < end for begin, end in spans):
                continue
            if not _SPEAKABLE.search(text, 0, match.start()):
                end = match.end() if "\n" in match.group() else 0
            else:
                found = end_of(
                    match,
                    self._language,
                    complete=complete,
                    min_comma_chars=self._min_comma_chars,
                )
                if found is None:
                    break
                end = found
            if 0 < end <= MAX_CHARS:
                return end
        return _cut_long(text, spans, opened) if len(text) > MAX_CHARS else None


def _cut_long(text: str, spans: list[tuple[int, int]], opened: int | None) -> int:
    """Where to cut a sentence that is too long: at a space, before markup that the cut would split."""
    space = text.rfind(" ", 0, MAX_CHARS)
    cut = space + 1 if space > 0 else _before_joined(text, MAX_CHARS)
    markup = [begin for begin, end in spans if begin < cut < end]
    if opened is not None and opened < cut:
        markup.append(opened)
    return min(markup, default=0) or cut


def _before_joined(text: str, cut: int) -> int:
    """The nearest place at or before `cut` that does not split a letter from its accents and joiners."""
    for place in range(cut, cut - MAX_JOINED, -1):
        joins = (
            unicodedata.category(text[place])[0] == "M" or "\u200d" in text[place - 1 : place + 1]
        )
        if not joins:
            return place
    return cut
