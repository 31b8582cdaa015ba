"""Compares what was said with what was expected."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def plain(text: str) -> str:
    """Words only: no case, no punctuation, single spaces."""
    return " ".join(_WORD.findall(text.casefold().replace("’", "'")))


def contains(text: str, expected: str) -> bool:
    """Whether `text` contains the words of `expected` in a row; `/.../` is a regular expression."""
    if is_pattern(expected):
        return re.search(expected[1:-1], text, re.IGNORECASE) is not None
    return f" {plain(expected)} " in f" {plain(text)} "


def same(text: str, expected: str) -> bool:
    """Whether both have the same words; `/.../` is a regular expression for the whole text."""
    if is_pattern(expected):
        return re.fullmatch(expected[1:-1], text, re.IGNORECASE) is not None
    return plain(text) == plain(expected)


def is_pattern(expected: str) -> bool:
    """Whether `expected` is written as `/.../`."""
    return len(expected) > 1 and expected[0] == expected[-1] == "/"
