"""What the suite says and reads: sentences in `data/bench/real.toml`, recordings, and their words."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from frametalk.core.audio import RECOGNITION_RATE_HZ, Samples, ms_to_samples
from frametalk.headless.speech import read, shipped, speak
from frametalk.headless.worldfile import convert, data_folder, read_toml

SOUND_FILES = frozenset({".wav", ".flac"})
LEAD_MS, TAIL_MS = 200, 250  # silence around speech, as voice activity detection leaves it


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text, and the voice of flite that speaks it."""

    text: str
    voice: str


class Corpus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sentences. `texts` are the words of recordings by the names of their files."""

    commands: tuple[Line, ...]
    free: tuple[Line, ...]
    sentences: tuple[str, ...]
    texts: dict[str, str]


class Speech(NamedTuple):
    """Sound at 16 kHz and what is said in it; an empty `text` is not known."""

    name: str
    samples: Samples
    text: str = ""

    @property
    def sound_s(self) -> float:
        """Length of the sound in seconds."""
        return len(self.samples) / RECOGNITION_RATE_HZ


def load() -> Corpus:
    """The corpus that frametalk ships."""
    path = data_folder("bench") / "real.toml"
    return convert(read_toml(path), Corpus, path)


def spoken(lines: tuple[Line, ...]) -> list[Speech]:
    """Lines as sound, with silence around. Raises ConfigError without a program that speaks."""
    return [
        Speech(line.text, quiet_around(speak(line.text, line.voice).samples), line.text)
        for line in lines
    ]


def own_recordings() -> list[Speech]:
    """The recordings that frametalk ships for its scenarios."""
    return [
        Speech(clip.text, quiet_around(speak(clip.text, clip.voice).samples), clip.text)
        for clip in shipped()
    ]


def recordings(folders: tuple[Path, ...], texts: dict[str, str]) -> list[Speech]:
    """Every sound file of the folders, sorted by name. Raises ConfigError for a file that is not sound."""
    files = sorted(
        file for folder in folders for file in folder.iterdir() if file.suffix in SOUND_FILES
    )
    return [Speech(file.stem, read(file).samples, texts.get(file.stem, "")) for file in files]


def quiet_around(sound: Samples) -> Samples:
    """The sound with the silence before and after it that a session feeds to its recogniser."""
    lead, tail = (
        np.zeros(ms_to_samples(ms, RECOGNITION_RATE_HZ), np.int16) for ms in (LEAD_MS, TAIL_MS)
    )
    return np.concatenate((lead, sound, tail))
