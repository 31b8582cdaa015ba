"""What is understood of an utterance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

EXACT = 100.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a pattern means: the index of its intent, and the tool that this calls; empty for talk."""

    index: int
    tool: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """An intent's index with its slots and a score of 0 to 100.

    With `options`, which of these things stands in `open_slot` is not known, and nothing may be called.
    """

    meaning: int
    slots: Mapping[str, object] = field(default_factory=dict)
    score: float = EXACT
    options: tuple[str, ...] = ()
    open_slot: str = ""
