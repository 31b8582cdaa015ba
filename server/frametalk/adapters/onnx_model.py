"""Models that ship inside another package's wheel, and sessions of ONNX Runtime.

The wheel is only located, never imported: only its file is needed.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from frametalk.errors import AdapterError, Stage

RUNTIME_REMEDY = 'pip install "frametalk[turn]"'


def packaged_model(package: str, wheel: str, file: Path, model: str, remedy: str) -> Path:
    """The path of `file` in `package`, which the distribution `wheel` installs.

    Raises AdapterError `engine_missing`, which names `model` and gives `remedy`.
    """
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder, file)
        if path.is_file():
            return path
    what = f"the {wheel} package" if spec is None else f"{file} in {wheel}"
    raise missing(f"{what} is missing; it contains the {model} model", remedy)


def load_session(path: Path, remedy: str = "") -> Any:
    """An inference session on one thread. Raises AdapterError `engine_missing` or `engine_failed`."""
    try:
        import onnxruntime  # late: it takes 40 MB and 100 ms
    except ImportError:
        raise missing("the onnxruntime package is missing", RUNTIME_REMEDY) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # Spinning threads would use a core between two runs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  (onnxruntime's errors share no base class)
        raise unusable(path, error, remedy) from None


def missing(text: str, remedy: str) -> AdapterError:
    """The error `engine_missing` for a package or file that is not there."""
    return AdapterError("engine_missing", text, stage=Stage.HEAR, remedy=remedy, fatal=True)


def unusable(path: Path, error: Exception, remedy: str = "") -> AdapterError:
    """The error `engine_failed` for a file that is not the model."""
    return AdapterError(
        "engine_failed", f"{path}: {error}", stage=Stage.HEAR, remedy=remedy, fatal=True
    )
