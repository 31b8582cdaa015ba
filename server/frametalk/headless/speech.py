"""Where the simulated player's words come from: shipped files, other files, flite, espeak-ng."""

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

from frametalk.core.audio import Samples, ms_to_samples
from frametalk.errors import ConfigError
from frametalk.headless.mic import RATE_HZ
from frametalk.headless.text import plain
from frametalk.headless.worldfile import convert, data_folder, read_toml

FLITE_VOICE = "slt"
PROGRAM_TIMEOUT_S = 20.0
_AUDIBLE = 104  # -50 dB of full scale, as for replies


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Sound for the microphone, 16 kHz mono int16, and where it comes from."""

    samples: Samples
    source: str

    @property
    def audible_end(self) -> int:
        """One past the last audible sample; 0 when there is none."""
        loud = np.flatnonzero(np.abs(self.samples.astype(np.int32)) >= _AUDIBLE)
        return int(loud[-1]) + 1 if len(loud) else 0


class _ShippedClip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    file: str
    text: str
    voice: str


class _Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    speech: tuple[_ShippedClip, ...]


def speak(text: str, voice: str = "") -> Clip:
    """Speech of `text`: shipped, else by flite, else by espeak-ng. `voice` is one of flite's.

    Raises ConfigError when nothing here can say it.
    """
    for shipped in _shipped():
        if plain(shipped.text) == plain(text) and voice in {"", shipped.voice}:
            return Clip(
                read(data_folder("speech") / shipped.file).samples, f"shipped {shipped.file}"
            )
    if program := shutil.which("flite"):
        voice = voice or FLITE_VOICE
        command = [program, "-voice", voice, "-t", text, "-o"]
        return Clip(_run(command), f"flite {voice}")
    if program := shutil.which("espeak-ng"):
        return Clip(_run([program, "-w"], text), "espeak-ng")
    raise ConfigError(
        f"no speech for {text!r} is shipped, and no program that speaks is on PATH",
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
    """Noise that is no speech: `white`, `hum` (50 Hz and harmonics) or `clicks`."""
    dice = np.random.default_rng(seed)
    count = ms_to_samples(ms, RATE_HZ)
    if kind == "hum":
        t = np.arange(count) / RATE_HZ
        sound = sum(np.sin(2 * np.pi * 50 * n * t) / n for n in range(1, 8))
    elif kind == "clicks":
        decay = np.exp(-np.arange(count) / (0.003 * RATE_HZ))
        hits = (dice.random(count) < 4 / RATE_HZ).astype(float)  # four a second
        sound = np.convolve(hits, decay * dice.standard_normal(count))[:count] if count else hits
    else:
        sound = dice.standard_normal(count)
    loudness = float(np.sqrt(np.mean(np.square(sound)))) if count else 0.0
    gain = 32_767 * 10 ** (level_db / 20) / loudness if loudness else 0.0
    samples = np.clip(np.asarray(sound) * gain, -32_768, 32_767).astype(np.int16)
    return Clip(samples, f"{kind} noise")


@cache
def _shipped() -> tuple[_ShippedClip, ...]:
    path = data_folder("speech") / "manifest.toml"
    return convert(read_toml(path), _Manifest, path).speech


def _run(command: Sequence[str], said: str | None = None) -> Samples:
    """Speech by a program that writes a WAV file to the path after its last argument."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        try:
            subprocess.run(  # noqa: S603  (a program found on PATH, without a shell)
                [*command, str(path)],
                input=said,
                text=True,
                check=True,
                capture_output=True,
                timeout=PROGRAM_TIMEOUT_S,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise ConfigError(f"{command[0]} failed: {error}") from None
        return read(path).samples


def _to_mic(sound: Any, rate_hz: int) -> Samples:
    if rate_hz != RATE_HZ:
        import soxr

        sound = soxr.resample(sound, rate_hz, RATE_HZ)
    samples: Samples = np.clip(np.round(sound * 32_768), -32_768, 32_767).astype(np.int16)
    return samples
