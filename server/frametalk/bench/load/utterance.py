"""What the players say, and with which sample the server can know that they have finished."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from frametalk.adapters.base import Vad
from frametalk.bench.load.plan import ALIGNED_SAMPLES
from frametalk.config import TurnSettings
from frametalk.core.audio import RECOGNITION_RATE_HZ, Samples
from frametalk.core.endpointing import Endpointer
from frametalk.core.events import SpeechEnded
from frametalk.errors import Fault, FrametalkError, Stage

BEFORE_WINDOWS = 100  # of silence: enough for the state of a VAD
AFTER_WINDOWS = 60


STEP_SAMPLES = 64  # by which the end of the sound is tried earlier


class Utterance(NamedTuple):
    """The sound, the last sample of its speech, and the sample that ends the turn."""

    sound: Samples
    ends: int
    decides: int


def utterance(sound: Samples, ends: int, vad: Vad, settings: TurnSettings) -> Utterance:
    """Find the sample that ends the turn, by the server's own rule and VAD.

    The sound has to begin together with a frame and a window. Up to two windows of its speech are left out
    where the VAD is then surer in which window it ends: at the threshold, what was heard before would
    decide. Raises FrametalkError if the VAD does not hear one turn in it.
    """
    window = vad.window_samples
    before = BEFORE_WINDOWS * ALIGNED_SAMPLES // window * window
    before -= before % ALIGNED_SAMPLES
    cuts = range(ends, ends - 2 * window, -STEP_SAMPLES)
    said = {end: _judged(sound[:end], before, vad) for end in cuts}
    ends = max(cuts, key=lambda end: _distance(said[end][before // window :], settings))
    endpointer = Endpointer(settings, RECOGNITION_RATE_HZ)
    ended: list[int] = []
    for number, probability in enumerate(said[ends]):
        events = endpointer.push(number * window, window, probability, None)
        ended += [(number + 1) * window for event in events if isinstance(event, SpeechEnded)]
    if len(ended) != 1:
        raise FrametalkError(
            "bench_load",
            f"the voice activity detector hears {len(ended)} turns in what the players say",
            stage=Stage.CONFIG,
            fault=Fault.SERVER,
            remedy="use the default turn settings",
            fatal=True,
        )
    return Utterance(sound[:ends], ends, ended[0] - before - 1)


def _judged(sound: Samples, before: int, vad: Vad) -> list[float]:
    """How likely each window is speech, with `before` samples of silence and some after the sound."""
    window = vad.window_samples
    silence = np.random.default_rng(1).normal(0, 20, before + AFTER_WINDOWS * window)
    padded = np.concatenate(
        (silence[:before].astype(np.int16), sound, silence[before:].astype(np.int16))
    )
    stream = vad.open()
    return [
        stream.process(padded[at : at + window])
        for at in range(0, len(padded) - window + 1, window)
    ]


def _distance(probabilities: list[float], settings: TurnSettings) -> float:
    """How far the windows around the end of the speech are from the probability that decides."""
    last = max(
        (n for n, each in enumerate(probabilities) if each >= settings.silence_probability),
        default=0,
    )
    return min(abs(each - settings.silence_probability) for each in probabilities[last : last + 2])
