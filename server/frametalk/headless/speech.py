"""Speech of the simulated player: from shipped files, other files, flite or espeak-ng."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from frametalk.core.audio import AUDIBLE, RECOGNITION_RATE_HZ, Samples, ms_to_samples
from frametalk.errors import ConfigError
from frametalk.headless.text import plain
from frametalk.headless.worldfile import convert, data_folder, read_toml

FLITE_VOICE = "slt"
PROGRAM_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Sound for the microphone, 16 kHz mono int16, and its source."""

    samples: Samples
    source: str

    @property
    def audible_end(self) -> int:
        """One past the last audible sample; 0 if none is audible."""
        loud = np.flatnonzero(np.abs(self.samples.astype(np.int32)) >= AUDIBLE)
        return int(loud[-1]) + 1 if len(loud) else 0


class ShippedClip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A recording that frametalk ships: its file, its words, and the voice of flite that says them."""

    file: str
    text: str
    voice: str


class _Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    speech: tuple[ShippedClip, ...]


def speak(text: str, voice: str = "") -> Clip:
    """Speech of `text`: a shipped file, else by flite, else by espeak-ng. `voice` is one of flite's.

    Raises ConfigError when there is none of them.
    """
    for clip in shipped():
        if plain(clip.text) == plain(text) and voice in {"", clip.voice}:
            return Clip(read(data_folder("speech") / clip.file).samples, f"shipped {clip.file}")
    if program := shutil.which("flite"):
        voice = voice or FLITE_VOICE
        command = [program, "-voice", voice, "-t", text, "-o"]
        return Clip(_run(command), f"flite {voice}")
    if program := shutil.which("espeak-ng"):
        return Clip(_run([program, "-w"], text), "espeak-ng")
    raise ConfigError(
        f"there is no shipped speech for {text!r}, and neither flite nor espeak-ng is on PATH",
        remedy="apt-get install flite, or give the step a `file`",
    )


def read(path: Path) -> Clip:
    """A FLAC or WAV file of any rate and number of channels. Raises ConfigError."""
    try:
        import soundfile
    except ImportError:
        raise ConfigError(
            f"{path}: soundfile is not installed", remedy='pip install "frametalk[embedded]"'
        ) from None
    try:
        sound, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        raise ConfigError(f"{path}: {error}", remedy="give a FLAC or WAV file") from None
    return Clip(_to_mic(sound.mean(axis=1), rate_hz), str(path))


def noise(kind: str, ms: float, level_db: float, seed: int) -> Clip:
    """Noise without speech: `white`, `hum` (50 Hz and harmonics) or `clicks`."""
    dice = np.random.default_rng(seed)
    count = ms_to_samples(ms, RECOGNITION_RATE_HZ)
    if kind == "hum":
        t = np.arange(count) / RECOGNITION_RATE_HZ
        sound = sum(np.sin(2 * np.pi * 50 * n * t) / n for n in range(1, 8))
    elif kind == "clicks":
        decay = np.exp(-np.arange(count) / (0.003 * RECOGNITION_RATE_HZ))
        hits = (dice.random(count) < 4 / RECOGNITION_RATE_HZ).astype(float)  # four a second
        sound = np.convolve(hits, decay * dice.standard_normal(count))[:count] if count else hits
    else:
        sound = dice.standard_normal(count)
    loudness = float(np.sqrt(np.mean(np.square(sound)))) if count else 0.0
    gain = 32_767 * 10 ** (level_db / 20) / loudness if loudness else 0.0
    samples = np.clip(np.asarray(sound) * gain, -32_768, 32_767).astype(np.int16)
    return Clip(samples, f"{kind} noise")


@cache
def shipped() -> tuple[ShippedClip, ...]:
    """All recordings that frametalk ships."""
    path = data_folder("speech") / "manifest.toml"
    return convert(read_toml(path), _Manifest, path).speech


def _run(command: Sequence[str], text: str | None = None) -> Samples:
    """Speech by a program that writes a WAV file to the path given as its last argument."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        try:
            subprocess.run(  # noqa: S603  (a program found on PATH, without a shell)
                [*command, str(path)],
                input=text,
                encoding="utf-8",
                check=True,
                capture_output=True,
                timeout=PROGRAM_TIMEOUT_S,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise ConfigError(f"{command[0]} failed: {error}") from None
        return read(path).samples


def _to_mic(sound: Any, rate_hz: int) -> Samples:
    if rate_hz != RECOGNITION_RATE_HZ:
        import soxr

        sound = soxr.resample(sound, rate_hz, RECOGNITION_RATE_HZ)
    samples: Samples = np.clip(np.round(sound * 32_768), -32_768, 32_767).astype(np.int16)
    return samples
