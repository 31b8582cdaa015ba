"""Answers that repeat themselves, as those of small models do. Pure."""

from __future__ import annotations

import re

MIN_WORDS = 3  # of a sentence; shorter ones may be said twice: "No. No."
_SENTENCE = re.compile(r"[^.!?\u2026\u3002\uff01\uff1f\n]+[.!?\u2026\u3002\uff01\uff1f\n]")


def loop_in(text: str) -> int | None:
    """Where the first sentence begins that the text has said before; None without one."""
    said: set[tuple[str, ...]] = set()
    for sentence in _SENTENCE.finditer(text):
        words = tuple(re.findall(r"\w+", sentence.group().casefold()))
        if len(words) >= MIN_WORDS and words in said:
            return sentence.start()
        said.add(words)
    return None
