"""End of turn by smart-turn v3.2, whose ONNX file ships inside the pipecat-ai wheel.

The wheel is only looked up, never imported: the file is all that is wanted, so that `pip install --no-deps`
is enough.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from frametalk.adapters.turn import log_mel
from frametalk.errors import AdapterError, Stage

if TYPE_CHECKING:
    from frametalk.adapters.base import Samples

MODEL_FILE = Path("audio", "turn", "smart_turn", "data", "smart-turn-v3.2-cpu.onnx")
RUNTIME_REMEDY = 'pip install "frametalk[embedded]"'
FILE_REMEDY = "pip install --no-deps pipecat-ai, or name the model's file with the option `file`"
WINDOW_SAMPLES = 8 * log_mel.RATE_HZ
FULL_SCALE = np.float32(32_768)
SMALLEST_VARIANCE = 1e-7  # silence is divided by this, not by nothing
# One after another at some 50 ms each: behind more than these, an answer comes when the pause is over.
MOST_WAITING = 8


class SmartTurnDetector:
    """Probability that a turn is over, by its sound. One model and one thread for all sessions.

    `file` is the path of the ONNX file; empty is the one in the wheel.
    """

    rate_hz = log_mel.RATE_HZ

    def __init__(self, file: str = "") -> None:
        self._file = file
        self._session: Any = None
        self._thread: ThreadPoolExecutor | None = None
        self._waiting = 0

    async def start(self) -> None:
        """Load the model. Raises AdapterError `engine_missing` or `engine_failed`; safe twice."""
        if self._thread is None:
            path = given_model(self._file) if self._file else packaged_model()
            self._session = await asyncio.to_thread(load, path)
            self._thread = ThreadPoolExecutor(1, "smart-turn")

    async def close(self) -> None:
        """Let the model go, after what is being judged."""
        thread, self._thread, self._session = self._thread, None, None
        if thread is not None:
            await asyncio.to_thread(thread.shutdown)

    async def end_probability(self, samples: Samples) -> float:
        """Probability 0..1 that the turn is over; the last 8 s of `samples` count.

        Raises AdapterError before `start`, and at once when too many others wait. Cancelled, it gives
        up its place.
        """
        if self._thread is None:
            raise AdapterError("hear_failed", "smart-turn is not started", stage=Stage.HEAR)
        if self._waiting >= MOST_WAITING:
            raise AdapterError(
                "hear_failed", f"{MOST_WAITING} turns wait for smart-turn", stage=Stage.HEAR
            )
        # A copy: the caller's buffer goes on filling while this is judged.
        window = samples[-WINDOW_SAMPLES:].copy()
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, judge, self._session, window)
        finally:
            self._waiting -= 1


def judge(session: Any, samples: Samples) -> float:
    """What the model says of at most 8 s. Raises AdapterError `engine_failed`."""
    try:
        return infer(session, samples)
    except Exception as error:  # noqa: BLE001  (onnxruntime's errors share no base class)
        raise AdapterError("engine_failed", f"smart-turn: {error}", stage=Stage.HEAR) from None


def infer(session: Any, samples: Samples) -> float:
    """As `judge`, with the errors of onnxruntime."""
    (probabilities,) = session.run(None, {"input_features": features(samples)[np.newaxis]})
    return float(probabilities.item())


def features(samples: Samples) -> log_mel.Floats:
    """The model's input `[80, 800]`: shorter sound stands at the end of 8 s, behind silence."""
    sound = np.zeros(WINDOW_SAMPLES, np.float32)
    sound[WINDOW_SAMPLES - len(samples) :] = samples / FULL_SCALE
    sound -= sound.mean()
    sound /= np.sqrt(sound.var() + SMALLEST_VARIANCE)
    return log_mel.log_mel(sound)


def given_model(file: str) -> Path:
    """The path of a file that is there. Raises AdapterError `engine_missing`."""
    path = Path(file)
    if not path.is_file():
        raise missing(f"{path} is not a file", FILE_REMEDY)
    return path


def packaged_model() -> Path:
    """Where the wheel's model file is. Raises AdapterError `engine_missing`."""
    spec = find_spec("pipecat")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder, MODEL_FILE)
        if path.is_file():
            return path
    what = "the pipecat-ai package" if spec is None else f"{MODEL_FILE} in pipecat-ai"
    raise missing(f"{what} is missing; it carries the smart-turn model", FILE_REMEDY)


def load(path: Path) -> Any:
    """An inference session of one thread that has judged once. Raises AdapterError."""
    try:
        import onnxruntime  # late: 40 MB and 100 ms that servers without this judge need not pay
    except ImportError:
        raise missing("the onnxruntime package is missing", RUNTIME_REMEDY) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # Spinning threads would burn a core between turns.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        # The first judgement is slow, and shows whether this is the right model.
        infer(session, np.zeros(0, np.int16))
    except Exception as error:  # noqa: BLE001  (onnxruntime's errors share no base class)
        raise AdapterError(
            "engine_failed",
            f"{path}: {error}",
            stage=Stage.HEAR,
            remedy=FILE_REMEDY,
            fatal=True,
        ) from None
    return session


def missing(text: str, remedy: str) -> AdapterError:
    return AdapterError("engine_missing", text, stage=Stage.HEAR, remedy=remedy, fatal=True)
