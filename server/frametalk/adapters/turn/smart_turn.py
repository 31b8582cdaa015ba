"""End of turn with smart-turn v3.2: its ONNX file is pulled, or ships inside the pipecat-ai wheel.

The wheel is only located, never imported, so `pip install --no-deps` is enough.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from frametalk import models
from frametalk.adapters import onnx_model
from frametalk.adapters.turn import log_mel
from frametalk.core.audio import FULL_SCALE, RECOGNITION_RATE_HZ, Samples
from frametalk.errors import AdapterError, Stage

MODEL_FILE = Path("audio", "turn", "smart_turn", "data", "smart-turn-v3.2-cpu.onnx")
MODEL = "smart-turn"
FILE_REMEDY = f"frametalk models pull {MODEL}, or set the option `file` to the model's path"
WINDOW_SAMPLES = 8 * RECOGNITION_RATE_HZ
MIN_VARIANCE = 1e-7  # avoids a division by 0 for silence
# Each takes about 50 ms, one after another: behind more than these, the result comes too late.
MAX_WAITING = 8


class SmartTurnDetector:
    """Probability that a turn has ended, from its sound. One model and one thread for all sessions.

    `file` is the path of the ONNX file, or the name of a pulled model; empty: the pulled smart-turn, else
    the one in the wheel.
    """

    rate_hz = RECOGNITION_RATE_HZ

    def __init__(self, file: str = "") -> None:
        self._file = file
        self._session: Any = None
        self._thread: ThreadPoolExecutor | None = None
        self._waiting = 0

    async def start(self) -> None:
        """Load the model. Raises AdapterError `engine_missing` or `engine_failed`; safe twice."""
        if self._thread is None:
            path = existing_file(self._file) if self._file else default_file()
            self._session = await asyncio.to_thread(load, path)
            self._thread = ThreadPoolExecutor(1, "smart-turn")

    async def close(self) -> None:
        """Release the model once the requests under way have ended."""
        thread, self._thread, self._session = self._thread, None, None
        if thread is not None:
            await asyncio.to_thread(thread.shutdown)

    async def end_probability(self, samples: Samples) -> float:
        """Probability 0..1 that the turn has ended; the last 8 s of `samples` count.

        Raises AdapterError before `start`, and when too many requests wait. A cancelled request leaves
        the queue.
        """
        if self._thread is None:
            raise AdapterError("hear_failed", "smart-turn is not started", stage=Stage.HEAR)
        if self._waiting >= MAX_WAITING:
            raise AdapterError(
                "hear_failed", f"{MAX_WAITING} turns wait for smart-turn", stage=Stage.HEAR
            )
        # A copy: the caller reuses its buffer.
        window = samples[-WINDOW_SAMPLES:].copy()
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, end_probability, self._session, window)
        finally:
            self._waiting -= 1


def end_probability(session: Any, samples: Samples) -> float:
    """The model's output for at most 8 s of sound. Raises AdapterError `engine_failed`."""
    try:
        return infer(session, samples)
    except Exception as error:  # noqa: BLE001  (onnxruntime's errors share no base class)
        raise AdapterError("engine_failed", f"smart-turn: {error}", stage=Stage.HEAR) from None


def infer(session: Any, samples: Samples) -> float:
    """As `end_probability`, with the errors of onnxruntime."""
    (probabilities,) = session.run(None, {"input_features": features(samples)[np.newaxis]})
    return float(probabilities.item())


def features(samples: Samples) -> log_mel.Floats:
    """The model's input `[80, 800]`: 8 s, with silence before shorter sound."""
    sound = np.zeros(WINDOW_SAMPLES, np.float32)
    sound[WINDOW_SAMPLES - len(samples) :] = samples / FULL_SCALE
    sound -= sound.mean()
    sound /= np.sqrt(sound.var() + MIN_VARIANCE)
    return log_mel.log_mel(sound)


def existing_file(file: str) -> Path:
    """The path of a file or of a pulled model's file. Raises AdapterError `engine_missing` without it."""
    path = Path(file)
    with suppress(AdapterError):
        path = models.locate(file)
    if not path.is_file():
        raise onnx_model.missing(f"{path} is not a file", FILE_REMEDY)
    return path


def default_file() -> Path:
    """The path of the pulled model, else of that in the wheel. Raises AdapterError `engine_missing`."""
    try:
        return models.locate(MODEL)
    except AdapterError:
        return packaged_model()


def packaged_model() -> Path:
    """The path of the model in the wheel. Raises AdapterError `engine_missing`."""
    return onnx_model.packaged_model("pipecat", "pipecat-ai", MODEL_FILE, "smart-turn", FILE_REMEDY)


def load(path: Path) -> Any:
    """An inference session on one thread that has run once. Raises AdapterError."""
    session = onnx_model.load_session(path, FILE_REMEDY)
    try:
        # The first run is slow, and fails if this is another model.
        infer(session, np.zeros(0, np.int16))
    except Exception as error:  # noqa: BLE001  (onnxruntime's errors share no base class)
        raise onnx_model.unusable(path, error, FILE_REMEDY) from None
    return session
