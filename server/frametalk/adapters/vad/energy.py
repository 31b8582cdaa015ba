"""Voice activity by level alone, for tests, benches and quiet rooms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from frametalk.core.audio import FULL_SCALE, RECOGNITION_RATE_HZ, Samples


class EnergyVad:
    """A window is speech when its level reaches `threshold_db`, relative to full scale."""

    rate_hz = RECOGNITION_RATE_HZ
    window_samples = 512

    def __init__(self, threshold_db: float = -45.0) -> None:
        self._threshold = float(FULL_SCALE) * 10.0 ** (threshold_db / 20)

    async def start(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to free."""

    def open(self) -> EnergyVad:
        """A stream; without state, so all share this object."""
        return self

    def process(self, window: Samples) -> float:
        """1 for speech, 0 for silence."""
        level = float(np.sqrt(np.mean(np.square(window.astype(np.float32)))))
        return 1.0 if level >= self._threshold else 0.0

    def submit(self, window: Samples, judged: Callable[[float], None]) -> None:
        """Judge it at once."""
        judged(self.process(window))

    def settle(self) -> None:
        """Nothing waits."""

    def reset(self) -> None:
        """Nothing to clear."""
