"""Models are found by the names of their folders; what is absent is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from frametalk.bench.real.folder import BASE, TINY, Absent, models
from frametalk.errors import ConfigError


def test_models_are_found_where_they_lie(tmp_path: Path) -> None:
    for file in (
        "whisper-base/model.bin",
        "en_US-joe-medium/en_US-joe-medium.onnx",
        "smollm2-135m/any.gguf",
        "smart-turn/smart-turn-v3.2-cpu.onnx",
        "speech/someone.wav",
    ):
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).touch()
    found = models(tmp_path)
    assert found.whisper(BASE) == tmp_path / "whisper-base"
    assert found.voice.name == "en_US-joe-medium.onnx"
    assert found.language_model.name == "any.gguf"
    assert found.turn_detector.name == "smart-turn-v3.2-cpu.onnx"
    assert found.speech == tmp_path / "speech"
    with pytest.raises(Absent, match=r"whisper-tiny.en/model.bin is not in"):
        found.whisper(TINY)


@pytest.mark.parametrize("folder", [None, Path("/nowhere")])
def test_a_folder_must_be_given(folder: Path | None) -> None:
    with pytest.raises(ConfigError, match="name it with --models FOLDER"):
        models(folder)
