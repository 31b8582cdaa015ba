"""Replaces parts of a text by words, so that every written token is known whole or left as it is.

"3:45xyz" must not become "three:45xyz": a token of which a number's words cover only a part that cannot
stand alone is left to the voice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Replacement:
    """The words for `begin .. end` of a text. `number`: they stand for something with digits."""

    begin: int
    end: int
    words: str
    number: bool


@dataclass(frozen=True, slots=True)
class Token:
    """`begin .. end` of a text, between white space, with the replacements inside it."""

    begin: int
    end: int
    parts: tuple[Replacement, ...]


_WORD = re.compile(r"\S+")
# Marks that belong to the number beside them, so the number alone is not the whole.
_TIED_BEFORE = re.compile(r"[\w$\u20ac\u00a3\u00a5\u20b9\u00a2@#\u00b0/\u2044:_^\\]$")
_TIED_AFTER = re.compile(
    r"[\w%\u2030\u00b0\u00a2\u2044$\u20ac\u00a3\u00a5\u20b9\u2032\u2033_^\\@\u00b7]|[/:'\u2019]\w|[-\u2013][A-Z]{2}|\.[\u00aa\u00ba]|,[-\u2013]"
)
_ONLY_JOINS = re.compile(r"[-*\u2013\u2212:/.,'\u2019\u00d7\u00b7~]+")
_QUOTES = "'\"\u2019\u201d"
_SINGLE_QUOTE = re.compile(r"(?:^|[\s(])['\u2018](?=\w)")
MAX_QUOTATION_CHARS = 240
_LETTER_AND_HYPHEN = re.compile(r"[^\W\d_]-$")
_HYPHEN_AND_LETTER = re.compile(r"-[^\W\d_]")


def whole_tokens(text: str, replacements: Sequence[Replacement]) -> Iterator[Token]:
    """The tokens of `text` that are replaced, in order, without those that would be replaced by half.

    `replacements` are in order and do not overlap. Takes time linear in the length of the text.
    """
    for token in _tokens(text, replacements):
        parts = token.parts
        if any(part.number for part in parts) and not _is_whole(text, token):
            parts = tuple(part for part in parts if not part.number)
        if parts:
            yield Token(token.begin, token.end, parts)


def _tokens(text: str, replacements: Sequence[Replacement]) -> Iterator[Token]:
    words = _WORD.finditer(text)
    begin = end = 0
    parts: list[Replacement] = []
    for part in replacements:
        if parts and part.begin >= end:
            yield Token(begin, end, tuple(parts))
            parts = []
        while part.end > end:
            word = next(words)
            if not parts and word.start() <= part.begin:
                begin = word.start()
            end = word.end()
        parts.append(part)
    if parts:
        yield Token(begin, end, tuple(parts))


def _is_whole(text: str, token: Token) -> bool:
    """Whether what the words do not cover can be read beside them."""
    at = token.begin
    for index, part in enumerate(token.parts):
        between = text[at : part.begin]
        if any(character.isnumeric() for character in between):
            return False
        if index and _ONLY_JOINS.fullmatch(between):
            return False
        at = part.end
    if any(character.isnumeric() for character in text[at : token.end]):
        return False
    begins = [token.begin, *(part.end for part in token.parts)]
    ends = [*(part.begin for part in token.parts[1:]), token.end]
    limits = zip(begins, ends, strict=False)
    return all(
        _is_free(text, part, *limit)
        for part, limit in zip(token.parts, limits, strict=True)
        if part.number
    )


def _is_free(text: str, part: Replacement, begin: int, end: int) -> bool:
    """Whether nothing in `begin .. end` of the text, around `part`, belongs to it."""
    before = text[max(begin, part.begin - 2) : part.begin]
    after = text[part.end : min(end, part.end + 3)]
    if _TIED_BEFORE.search(before) or _TIED_AFTER.match(after):
        return False
    if after[:1] and after[0] in _QUOTES and not _closes(text, part.end):
        return False  # feet or inches
    return not (_LETTER_AND_HYPHEN.search(before) and _HYPHEN_AND_LETTER.match(after))


def _closes(text: str, at: int) -> bool:
    """Whether the mark at `at` closes a quotation."""
    before = text[max(0, at - MAX_QUOTATION_CHARS) : at]
    if text[at] in '"\u201d':
        return before.count('"') % 2 == 1 or before.count("\u201c") > before.count("\u201d")
    return _SINGLE_QUOTE.search(before) is not None
