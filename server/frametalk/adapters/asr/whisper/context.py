"""How much silence follows the sound that Whisper encodes.

The model is trained on 30 s. It costs a fifth as much to encode 12 s, but what is too short it reads again
and again.
"""

from __future__ import annotations

import math

FRAMES_PER_S = 100
FULL_FRAMES = 30 * FRAMES_PER_S
# In 12 s both tiny.en and base read as in 30 s. In 10 s a few words more are wrong, in 8 s tiny.en repeats
# itself, and in 5 s half of the texts.
SHORTEST_FRAMES = 12 * FRAMES_PER_S
# After longer sound this much silence is enough.
SILENCE_FRAMES = 3 * FRAMES_PER_S


def encoded_frames(sound_frames: int, *, full: bool, multiple_of: int) -> int:
    """How many frames to encode for a sound, a multiple of `multiple_of` up to 30 s."""
    if full:
        return FULL_FRAMES
    needed = max(SHORTEST_FRAMES, sound_frames + SILENCE_FRAMES)
    return min(FULL_FRAMES, math.ceil(needed / multiple_of) * multiple_of)
