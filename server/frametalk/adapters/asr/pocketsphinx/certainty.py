"""How certain a scene's reading is, beside a general decoder's reading of the same sound.

A scene's decoder reads any speech as the scene's words. What tells commands from other speech is how much
better its reading explains the sound than general English does: +7 to +17 a frame for most commands, -17 to
-2 for people who read aloud (docs/decisions/0025).
"""

from __future__ import annotations

import math
from typing import Any

FRAME_SAMPLES = 160  # 10 ms
SURE_MARGIN = (
    6.0  # of the scores, in their unit, for each frame between the first and the last word
)
# General English that differs in one word ("opened the door") may be what was said.
SURE_MARGIN_OF_TWINS = 12.0
STEEPNESS = 1.5  # margin over which the certainty rises from 0.5 to 0.73
# A reading of the scene that is further below general English makes a command of other speech.
POSSIBLE_MARGIN = -4.0
SAME = 0.95  # both decoders read the same words
UNKNOWN = 0.4  # there is no general reading


def certainty(scene: dict[str, Any], agreed: float, general: dict[str, Any] | None) -> float:
    """Certainty 0..1 that the scene's reading is what was said; above 0.5 it is more likely than not.

    `agreed` is the share of the scene's decoders that have this reading.
    """
    if general is None or not scene["words"]:
        return UNKNOWN
    if scene["text"] == general["text"]:
        return SAME
    twins = _edits(scene["text"].split(), general["text"].split()) <= 1
    needed = SURE_MARGIN_OF_TWINS if twins else SURE_MARGIN
    exponent = max(-50.0, min(50.0, (margin(scene, general) - needed) / STEEPNESS))
    sure: float = 1 / (1 + math.exp(-exponent))
    return min(agreed, sure)


def margin(scene: dict[str, Any], general: dict[str, Any]) -> float:
    """How much better the scene's reading explains each frame of its words than general English does."""
    if not scene["words"]:
        return -math.inf
    (_first, at, _), (_last, _, end) = scene["words"][0], scene["words"][-1]
    better: float = scene["score"] - general["score"]
    frames: int = max(1, (end - at) // FRAME_SAMPLES)
    return better / frames


def _edits(first: list[str], second: list[str]) -> int:
    """Words to change, insert or remove to make one text of the other."""
    row = list(range(len(second) + 1))
    for count, word in enumerate(first, 1):
        above, row = row, [count]
        for index, other in enumerate(second):
            row.append(min(above[index + 1] + 1, row[-1] + 1, above[index] + (word != other)))
    return row[-1]
