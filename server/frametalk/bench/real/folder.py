"""The models in a folder: which of them are there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from frametalk.errors import ConfigError

LEFT_OUT = "left out of a quick run"  # why something is absent
BASE, TINY, VOICE = "whisper-base", "whisper-tiny.en", "en_US-joe-medium"
MODEL, TURN, SPEECH = "smollm2-135m", "smart-turn", "speech"


class Absent(Exception):  # noqa: N818  (not an error: the part is skipped)
    """Something that a part needs is not there; the text says what."""


@dataclass(frozen=True, slots=True)
class Models:
    """A folder with one subfolder for each model, and recordings of people in `speech`."""

    folder: Path

    def whisper(self, name: str) -> Path:
        """The folder of a Whisper model. Raises Absent."""
        self._file(name, "model.bin")
        return self.folder / name

    @property
    def voice(self) -> Path:
        """The Piper voice. Raises Absent."""
        return self._file(VOICE, "*.onnx")

    @property
    def language_model(self) -> Path:
        """The language model for llama.cpp. Raises Absent."""
        return self._file(MODEL, "*.gguf")

    @property
    def turn_detector(self) -> Path:
        """The smart-turn model. Raises Absent."""
        return self._file(TURN, "*.onnx")

    @property
    def speech(self) -> Path:
        """The folder of recordings. Raises Absent."""
        self._file(SPEECH, "*.*")
        return self.folder / SPEECH

    def _file(self, name: str, pattern: str) -> Path:
        for file in sorted((self.folder / name).glob(pattern)):
            return file
        raise Absent(f"{name}/{pattern} is not in {self.folder.name}")


def models(folder: Path | None) -> Models:
    """The models of a folder. Raises ConfigError without a folder."""
    if folder is None or not folder.is_dir():
        raise ConfigError(
            "the suite 'real' needs a folder of models"
            if folder is None
            else f"{folder}: no such folder",
            remedy="name it with --models FOLDER; latency_tests/README.md says what belongs there",
        )
    return Models(folder)
