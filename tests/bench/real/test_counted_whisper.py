"""The Whisper adapter counts its model's runs: through its pipe, with a tiny random model."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from conftest import require
from frametalk.adapters.base import Bias
from frametalk.bench.real.counted_whisper import CountedWhisper

pytestmark = pytest.mark.real


async def test_runs_are_counted_while_sound_is_recognised(tmp_path: Path) -> None:
    require(find_spec("faster_whisper"), "the package faster-whisper")
    from frametalk.bench.random_models.whisper import build

    recogniser = CountedWhisper(str(build(tmp_path, "micro", steady_words=3)), language="en")
    assert await recogniser.runs() == 0
    await recogniser.start()
    try:
        before = await recogniser.runs()
        stream = recogniser.open(Bias(), lambda _hypothesis: None)
        noise = np.random.default_rng(0).standard_normal(32_000) * 3_000
        stream.feed(noise.astype("<i2").tobytes())
        await stream.finalize()
        stream.cancel()
        assert await recogniser.runs() > before
    finally:
        await recogniser.close()
