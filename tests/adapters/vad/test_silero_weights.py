"""The file of weights: what is read, and what is refused."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from frametalk.adapters.vad import silero_weights
from frametalk.errors import AdapterError

WHOLE = silero_weights.packaged().read_bytes()
VERSION_AT = 8 + len(silero_weights.NAME)


def test_every_array_of_the_wheel_s_file_is_read() -> None:
    weights = silero_weights.read(silero_weights.packaged())
    assert len(weights) == 15
    assert weights["encoder.0.reparam_conv.weight"].shape == (128 * 129 * 3,)
    assert weights["decoder.rnn.weight_hh"].shape == (512 * 128,)
    assert all(values.dtype == np.float32 for values in weights.values())
    assert all(np.isfinite(values).all() for values in weights.values())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "requires a buffer"),
        (b"GGUF" + WHOLE[4:], "not a Silero VAD"),
        (WHOLE[:VERSION_AT] + struct.pack("<i", 7) + WHOLE[VERSION_AT + 4 :], "version"),
        (WHOLE[:-100], "buffer"),
        (WHOLE + bytes(3), "requires a buffer"),
    ],
    ids=["empty", "another format", "another version", "cut short", "more than the arrays"],
)
def test_a_file_that_is_not_the_weights_is_an_engine_error(
    tmp_path: Path, data: bytes, reason: str
) -> None:
    (tmp_path / "weights.bin").write_bytes(data)
    with pytest.raises(AdapterError, match="engine_failed") as caught:
        silero_weights.read(tmp_path / "weights.bin")
    assert reason in caught.value.text
    assert "weights.bin" in caught.value.text
