"""Says, from the microphone's own samples, which frame let the server decide.

It applies the server's rule for speech and silence a second time, beside the microphone, so that the cost
of a decision can be told apart from the silence that the rule asks for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from frametalk.config import TurnSettings
from frametalk.core.audio import RECOGNITION_RATE_HZ, Rechunker, Samples
from frametalk.core.endpointing import Endpointer
from frametalk.core.events import SpeechEnded, SpeechStarted

WINDOW_SAMPLES = 512
THRESHOLD_DB = -45.0  # the `energy` VAD of the server is set to the same


@dataclass(frozen=True, slots=True)
class Decision:
    """Speech began, or a turn ended, by the window that ends at `sample` (microphone clock).

    The frame that completed the window ends at `frame_end` and was sent at `sent_s`. `at` is where the
    speech began or ended by the rule.
    """

    sample: int
    frame_end: int
    sent_s: float
    at: int


class Referee:
    """Follows one 16 kHz microphone stream from its first sample."""

    def __init__(self, thresholds: TurnSettings, barge_in_ms: float) -> None:
        self._endpointer = Endpointer(thresholds, RECOGNITION_RATE_HZ)
        self._windows = Rechunker(WINDOW_SAMPLES)
        self._barge_in_ms = barge_in_ms
        self._threshold = 32_768.0 * 10 ** (THRESHOLD_DB / 20)
        self.reply_active = False  # speech over a reply must last longer
        self.started: list[Decision] = []
        self.ended: list[Decision] = []

    def feed(self, sample: int, samples: Samples, sent_s: float) -> None:
        """Take the frame that begins at `sample` and was sent at `sent_s`."""
        frame_end = sample + len(samples)
        start_ms = self._barge_in_ms if self.reply_active else None
        for at, window in self._windows.feed(samples):
            level = float(np.sqrt(np.mean(np.square(window.astype(np.float32)))))
            probability = 1.0 if level >= self._threshold else 0.0
            for event in self._endpointer.push(at, len(window), probability, start_ms):
                decision = Decision(at + len(window), frame_end, sent_s, getattr(event, "at", 0))
                if isinstance(event, SpeechStarted):
                    self.started.append(decision)
                elif isinstance(event, SpeechEnded):
                    self.ended.append(decision)
