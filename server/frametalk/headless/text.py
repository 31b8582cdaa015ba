"""Comparing what was said with what was expected."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def plain(text: str) -> str:
    """Words only: no case, no punctuation, single spaces."""
    return " ".join(_WORD.findall(text.casefold().replace("’", "'")))


def holds(text: str, wanted: str) -> bool:
    """Whether `text` holds the words of `wanted` in order and together; `/.../` is a regular expression."""
    if is_pattern(wanted):
        return re.search(wanted[1:-1], text, re.IGNORECASE) is not None
    return f" {plain(wanted)} " in f" {plain(text)} "


def same(text: str, wanted: str) -> bool:
    """Whether both are the same words; `/.../` is a regular expression for all of the text."""
    if is_pattern(wanted):
        return re.fullmatch(wanted[1:-1], text, re.IGNORECASE) is not None
    return plain(text) == plain(wanted)


def is_pattern(wanted: str) -> bool:
    """Whether `wanted` is written as `/.../`."""
    return len(wanted) > 1 and wanted[0] == wanted[-1] == "/"
