"""Voice activity by Silero v6, whose ONNX file ships inside the faster-whisper wheel.

The wheel is only looked up, never imported: importing it costs 0.8 s and loads CTranslate2.
"""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from frametalk.errors import AdapterError, Stage

if TYPE_CHECKING:
    from frametalk.adapters.base import Samples

MODEL_FILE = Path("assets", "silero_vad_v6.onnx")
REMEDY = 'pip install "frametalk[embedded]"'
RATE_HZ = 16_000
WINDOW_SAMPLES = 512
CONTEXT_SAMPLES = 64  # end of the window before, which the model wants in front of each window
STATE_SHAPE = (1, 1, 128)
FULL_SCALE = np.float32(32_768)


class SileroVad:
    """Speech probability of 32 ms windows. One model for all streams, each with its own state.

    `model` is the path of another file of the same model; empty is the one in the wheel.
    """

    rate_hz = RATE_HZ
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
        """Let the model go; streams that are open keep it until they are dropped."""
        self._session = None

    def open(self) -> SileroStream:
        """A stream with a state of its own. Raises AdapterError before `start`."""
        if self._session is None:
            raise AdapterError("hear_failed", "the VAD is not started", stage=Stage.HEAR)
        return SileroStream(self._session)


class SileroStream:
    """The model's memory of one microphone stream."""

    def __init__(self, session: Any) -> None:
        self._session = session
        # Context and window in one buffer that is fed again and again: nothing is allocated for it.
        self._input = np.zeros((1, CONTEXT_SAMPLES + WINDOW_SAMPLES), np.float32)
        self._hidden = np.zeros(STATE_SHAPE, np.float32)
        self._cell = np.zeros(STATE_SHAPE, np.float32)

    def process(self, window: Samples) -> float:
        """Probability that the window holds speech. Raises AdapterError for another length."""
        if window.shape != (WINDOW_SAMPLES,):
            raise AdapterError(
                "hear_failed",
                f"{window.shape} is not a window of {WINDOW_SAMPLES}",
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
        """Forget what was heard."""
        self._input.fill(0)
        self._hidden = np.zeros(STATE_SHAPE, np.float32)
        self._cell = np.zeros(STATE_SHAPE, np.float32)


def packaged_model() -> Path:
    """Where the wheel's model file is. Raises AdapterError `engine_missing`."""
    spec = find_spec("faster_whisper")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder, MODEL_FILE)
        if path.is_file():
            return path
    what = "the faster-whisper package" if spec is None else f"{MODEL_FILE} in faster-whisper"
    raise AdapterError(
        "engine_missing",
        f"{what} is missing; it carries the Silero VAD model",
        stage=Stage.HEAR,
        remedy=REMEDY,
        fatal=True,
    )


def load(path: Path) -> Any:
    """An inference session of one thread. Raises AdapterError."""
    try:
        import onnxruntime  # late: 40 MB and 100 ms that other VADs need not pay
    except ImportError:
        raise AdapterError(
            "engine_missing",
            "the onnxruntime package is missing",
            stage=Stage.HEAR,
            remedy=REMEDY,
            fatal=True,
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # Spinning threads would burn a core between windows.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  (onnxruntime's errors share no base class)
        raise AdapterError(
            "engine_failed", f"{path}: {error}", stage=Stage.HEAR, fatal=True
        ) from None
