"""What can be placed on a reply's sample clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MarkKind = Literal["word", "viseme", "gesture", "emotion", "gaze"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing on a reply's clock, from sample `at` up to but without sample `end`.

    `name` is the word as written, the viseme's name, or the gesture, emotion or gaze target;
    `value` is a viseme's weight or an emotion's strength, 0 to 1.
    """

    kind: MarkKind
    at: int
    end: int
    name: str
    value: float = 1.0
