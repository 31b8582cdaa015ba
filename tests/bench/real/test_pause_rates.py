"""The rates of pauses get their names in the JSON, and models of the folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from frametalk.bench.real import pause_rates
from frametalk.bench.real.context import Context
from frametalk.bench.real.folder import Absent, Models
from frametalk.bench.real.pauses import Pauses
from heard_texts import FakeRecognisers


async def test_rates_and_their_number_are_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in ("whisper-base/model.bin", "en_US-joe-medium/joe.onnx", "speech/tale.wav"):
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).touch()

    async def measure_pauses(models: Path, settings: Any) -> Pauses:
        assert models == tmp_path
        assert settings.asr.options["faster_whisper"]["model"] == str(tmp_path / "whisper-base")
        return Pauses(n=18, split_turn_rate=0.05, false_cut_rate=0.1, free_delay_ms=600, pauses=[])

    monkeypatch.setattr(pause_rates, "measure_pauses", measure_pauses)
    values = await pause_rates.measure(Context(Models(tmp_path), FakeRecognisers()))
    assert (values["split_turn_rate"], values["split_turn_rate_n"]) == (0.05, 18)
    assert (values["false_cut_rate"], values["false_cut_rate_n"]) == (0.1, 18)
    assert values["pauses"]["free_delay_ms"] == 600


async def test_without_recordings_there_is_nothing_to_measure(tmp_path: Path) -> None:
    with pytest.raises(Absent):
        await pause_rates.measure(Context(Models(tmp_path), FakeRecognisers()))
