"""What the players say, and with which frame the server can know that they have finished."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from frametalk.adapters.base import Vad
from frametalk.bench.load.plan import ALIGNED, FRAME_SAMPLES
from frametalk.config import TurnSettings
from frametalk.core.audio import RECOGNITION_RATE_HZ, Samples
from frametalk.core.endpointing import Endpointer
from frametalk.core.events import SpeechEnded
from frametalk.errors import Fault, FrametalkError, Stage

BEFORE_WINDOWS = 100  # of silence: enough for the state of a VAD
AFTER_WINDOWS = 60


class Utterance(NamedTuple):
    """The sound, the last sample of its speech, and the frame that ends the turn (from its first)."""

    sound: Samples
    ends: int
    decides: int


def utterance(sound: Samples, ends: int, vad: Vad, settings: TurnSettings) -> Utterance:
    """Find the frame that ends the turn, by the server's own rule and VAD.

    The sound has to begin together with a frame and a window. Raises FrametalkError if the VAD does not
    hear one turn in it.
    """
    window = vad.window_samples
    before = BEFORE_WINDOWS * ALIGNED * FRAME_SAMPLES // window * window
    before -= before % (ALIGNED * FRAME_SAMPLES)
    silence = np.random.default_rng(1).normal(0, 20, before + AFTER_WINDOWS * window)
    padded = np.concatenate(
        (silence[:before].astype(np.int16), sound, silence[before:].astype(np.int16))
    )
    stream, endpointer = vad.open(), Endpointer(settings, RECOGNITION_RATE_HZ)
    ended: list[int] = []
    for at in range(0, len(padded) - window + 1, window):
        probability = stream.process(padded[at : at + window])
        events = endpointer.push(at, window, probability, None)
        ended += [at + window for event in events if isinstance(event, SpeechEnded)]
    if len(ended) != 1:
        raise FrametalkError(
            "bench_load",
            f"the voice activity detector hears {len(ended)} turns in what the players say",
            stage=Stage.CONFIG,
            fault=Fault.SERVER,
            remedy="use the default turn settings",
            fatal=True,
        )
    return Utterance(sound, ends, (ended[0] - before - 1) // FRAME_SAMPLES)
