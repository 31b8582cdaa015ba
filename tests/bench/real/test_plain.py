"""Plain calls: text and processor time, through the worker, with a tiny random model."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from conftest import require
from frametalk.bench.real.plain import plain_calls
from heard_texts import speech

pytestmark = pytest.mark.real


async def test_a_call_has_a_text_and_costs_time(tmp_path: Path) -> None:
    require(find_spec("faster_whisper"), "the package faster-whisper")
    from frametalk.bench.random_models.whisper import build

    async with plain_calls(build(tmp_path, "micro", steady_words=3)) as calls:
        reading = await calls.read(speech("any", sound_s=2))
        assert len(reading.text.split()) == 3
        assert reading.cpu_ms > 0
        assert (await calls.read(speech("any", sound_s=2), beam=3)).text
