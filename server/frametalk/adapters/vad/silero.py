"""Silero VAD v6, from the model file inside the faster-whisper wheel, as a stream."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from frametalk.adapters.base import Samples
from frametalk.errors import AdapterError, Stage

if TYPE_CHECKING:
    import onnxruntime

WINDOW = 512
CONTEXT = 64  # samples of the window before, which the model wants in front
STATE = (1, 1, 128)
MODEL = "assets/silero_vad_v6.onnx"
REMEDY = 'pip install "frametalk[embedded]"'


class SileroVad:
    """Voice activity by Silero v6; about 0.1 ms a window of 32 ms. Sessions share the loaded model.

    `model`: path of the ONNX file; empty takes the one that faster-whisper carries.
    """

    rate_hz = 16_000
    window_samples = WINDOW

    def __init__(self, model: str = "") -> None:
        self._path = Path(model) if model else None
        self._session: onnxruntime.InferenceSession | None = None

    async def start(self) -> None:
        """Load the model. Raises AdapterError `hear_failed` when it or its runtime is not there."""
        self._session = await asyncio.to_thread(_load, self._path or bundled_model())

    async def close(self) -> None:
        """Free the model."""
        self._session = None

    def open(self) -> SileroStream:
        """A stream with a state of its own."""
        if self._session is None:
            raise AdapterError("hear_failed", "Silero VAD was not started", stage=Stage.HEAR)
        return SileroStream(self._session)


class SileroStream:
    """One microphone stream: keeps the model's memory from window to window."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._input: npt.NDArray[np.float32] = np.zeros((1, CONTEXT + WINDOW), np.float32)
        self._h: Any
        self._c: Any
        self.reset()

    def process(self, window: Samples) -> float:
        """Probability that the window's 512 samples hold speech."""
        sound = self._input
        sound[0, :CONTEXT] = sound[0, -CONTEXT:]
        np.divide(window, 32_768.0, out=sound[0, CONTEXT:], casting="same_kind")
        feed = {"input": sound, "h": self._h, "c": self._c}
        probability, self._h, self._c = self._session.run(None, feed)
        return float(probability[0])

    def reset(self) -> None:
        """Forget what was heard."""
        self._input.fill(0)
        self._h = np.zeros(STATE, np.float32)
        self._c = np.zeros(STATE, np.float32)


def bundled_model() -> Path:
    """The model file in the installed faster-whisper, which is not imported for it.

    Raises AdapterError `hear_failed` when the package or the file is not there.
    """
    package = find_spec("faster_whisper")
    for folder in (package.submodule_search_locations or ()) if package else ():
        path = Path(folder) / MODEL
        if path.is_file():
            return path
    raise AdapterError(
        "hear_failed",
        f"the Silero model was not found: no {MODEL} in an installed faster-whisper",
        stage=Stage.HEAR,
        remedy=REMEDY,
        fatal=True,
    )


def _load(path: Path) -> onnxruntime.InferenceSession:
    try:
        import onnxruntime as ort
    except ImportError:
        raise AdapterError(
            "hear_failed",
            "Silero VAD needs onnxruntime",
            stage=Stage.HEAR,
            remedy=REMEDY,
            fatal=True,
        ) from None
    options = ort.SessionOptions()
    # A window is a tenth of a millisecond of work: threads, and spinning for them, cost more.
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  (onnxruntime has no common base of its errors)
        raise AdapterError(
            "hear_failed",
            f"{path} could not be loaded: {error}",
            stage=Stage.HEAR,
            remedy="check the path in vad.options.model",
            fatal=True,
        ) from None
