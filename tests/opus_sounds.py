"""Sound for tests of Opus, and its packets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from frametalk.transports.opus import OpusEncoder
from frametalk.wire.opus import FRAME, RATE_HZ


def a_voice(seconds: float) -> npt.NDArray[np.int16]:
    """A sum of tones whose pitch and loudness move, so that it is like itself at one delay only."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    pitch = 2 * np.pi * np.cumsum(140 + 40 * np.sin(2 * np.pi * 1.7 * t)) / RATE_HZ
    loud = 1_500 * (1.2 + np.sin(2 * np.pi * 2.3 * t))
    return (loud * sum(np.sin(n * pitch) / n for n in range(1, 9))).astype(np.int16)


def packets(sound: npt.NDArray[np.int16]) -> list[bytes]:
    """The packets of all whole frames of a sound."""
    encoder = OpusEncoder()
    whole = len(sound) - len(sound) % FRAME
    return [encoder.encode(sound[at : at + FRAME].tobytes()) for at in range(0, whole, FRAME)]
