"""Voice activity with Silero v6, whose ONNX file ships inside the faster-whisper wheel.

The wheel is only located, never imported: its import takes 0.8 s and loads CTranslate2.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np

from frametalk.adapters import onnx_model
from frametalk.core.audio import FULL_SCALE, RECOGNITION_RATE_HZ, Samples
from frametalk.errors import AdapterError, Stage

MODEL_FILE = Path("assets", "silero_vad_v6.onnx")
REMEDY = 'pip install "frametalk[embedded]"'
WINDOW_SAMPLES = 512
CONTEXT_SAMPLES = 64  # the end of the previous window, which the model expects before each window
STATE_SHAPE = (1, 1, 128)


class SileroVad:
    """Speech probability of 32 ms windows. One model for all streams, each with its own state.

    `model` is the path of the model's file; empty is the one in the wheel.
    """

    rate_hz = RECOGNITION_RATE_HZ
    window_samples = WINDOW_SAMPLES

    def __init__(self, model: str = "") -> None:
        self._model = model
        self._session: Any = None

    async def start(self) -> None:
        """Load the model. Raises AdapterError `engine_missing` or `engine_failed`; safe twice."""
        if self._session is None:
            path = Path(self._model) if self._model else packaged_model()
            self._session = await asyncio.to_thread(load, path)

    async def close(self) -> None:
        """Release the model; open streams keep it until they end."""
        self._session = None

    def open(self) -> SileroStream:
        """A stream with a state of its own. Raises AdapterError before `start`."""
        if self._session is None:
            raise AdapterError("hear_failed", "the VAD is not started", stage=Stage.HEAR)
        return SileroStream(self._session)


class SileroStream:
    """The model's state for one microphone stream."""

    def __init__(self, session: Any) -> None:
        self._session = session
        # Context and window in one buffer, used again for every window: no allocations.
        self._input = np.zeros((1, CONTEXT_SAMPLES + WINDOW_SAMPLES), np.float32)
        self._hidden = np.zeros(STATE_SHAPE, np.float32)
        self._cell = np.zeros(STATE_SHAPE, np.float32)

    def process(self, window: Samples) -> float:
        """Probability that the window contains speech. Raises AdapterError for another length."""
        if window.shape != (WINDOW_SAMPLES,):
            raise AdapterError(
                "hear_failed",
                f"{window.shape} is not a window of {WINDOW_SAMPLES} samples",
                stage=Stage.HEAR,
            )
        np.divide(window, FULL_SCALE, out=self._input[0, CONTEXT_SAMPLES:])
        feed = {"input": self._input, "h": self._hidden, "c": self._cell}
        try:
            probabilities, self._hidden, self._cell = self._session.run(None, feed)
        except Exception as error:  # noqa: BLE001  (onnxruntime's errors share no base class)
            raise AdapterError("engine_failed", f"VAD: {error}", stage=Stage.HEAR) from None
        self._input[0, :CONTEXT_SAMPLES] = self._input[0, -CONTEXT_SAMPLES:]
        return float(probabilities.flat[0])

    def reset(self) -> None:
        """Clear the state."""
        self._input.fill(0)
        self._hidden = np.zeros(STATE_SHAPE, np.float32)
        self._cell = np.zeros(STATE_SHAPE, np.float32)


def packaged_model() -> Path:
    """The path of the model in the wheel. Raises AdapterError `engine_missing`."""
    return onnx_model.packaged_model(
        "faster_whisper", "faster-whisper", MODEL_FILE, "Silero VAD", REMEDY
    )


def load(path: Path) -> Any:
    """An inference session on one thread. Raises AdapterError."""
    return onnx_model.load_session(path)
