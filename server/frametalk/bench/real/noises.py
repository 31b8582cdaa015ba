"""Fourteen kinds of sound without speech, three seconds each, from seeds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from frametalk.bench.real.corpus import Speech
from frametalk.bench.turns.turn_set import BurstName, Kind, Utterance
from frametalk.bench.turns.utterance_sound import render
from frametalk.core.audio import RECOGNITION_RATE_HZ

Wave = npt.NDArray[np.float64]

SECONDS = 3
COUNT = SECONDS * RECOGNITION_RATE_HZ
PEAK_DB = -12.0
FLOOR_DB = -70.0
CHORDS_HZ = ((262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294))


def noises() -> list[Speech]:
    """All kinds, by name; always the same."""
    made = [
        Speech(name, _int16(make(np.random.default_rng(seed))))
        for seed, (name, make) in enumerate(_WAVES.items())
    ]
    return [*made, *(Speech(name, _burst(name)) for name in _BURSTS)]


def _silence(random: np.random.Generator) -> Wave:
    """The floor of a quiet microphone."""
    floor: Wave = random.standard_normal(COUNT) * 10 ** (FLOOR_DB / 20)
    return floor


def _white(random: np.random.Generator) -> Wave:
    return _at_peak(random.standard_normal(COUNT))


def _pink(random: np.random.Generator) -> Wave:
    return _at_peak(_falling(random, 0.5))


def _wind(random: np.random.Generator) -> Wave:
    """Deep noise in gusts."""
    return _at_peak(
        _falling(random, 1.0) * (1 + 0.8 * np.sin(2 * np.pi * 0.7 * _t() + random.uniform(0, 6)))
    )


def _breath(random: np.random.Generator) -> Wave:
    """In and out, twice: band noise that swells and fades."""
    swell = np.abs(np.sin(2 * np.pi * _t() * 2 / SECONDS)) ** 2
    return _at_peak(_band(random, 400, 2_500) * swell) * 0.3


def _mains(_random: np.random.Generator) -> Wave:
    return _at_peak(sum(np.sin(2 * np.pi * 50 * n * _t()) / n for n in range(1, 9)))


def _tone(_random: np.random.Generator) -> Wave:
    return _at_peak(np.sin(2 * np.pi * 440 * _t()))


def _siren(_random: np.random.Generator) -> Wave:
    pitch_hz = 700 + 300 * np.sin(2 * np.pi * 0.5 * _t())
    return _at_peak(np.sin(2 * np.pi * np.cumsum(pitch_hz) / RECOGNITION_RATE_HZ))


def _music(random: np.random.Generator) -> Wave:
    """Plucked chords with overtones."""
    wave: Wave = np.zeros(COUNT)
    each = COUNT // len(CHORDS_HZ)
    for number, chord in enumerate(CHORDS_HZ):
        since = _t()[: COUNT - number * each]
        for pitch_hz in chord:
            for n in range(1, 6):
                level = random.uniform(0.6, 1) / n**1.5
                wave[number * each :] += (
                    level * np.sin(2 * np.pi * n * pitch_hz * since) * np.exp(-3 * since)
                )
    return _at_peak(wave)


def _rain(random: np.random.Generator) -> Wave:
    drops = (random.random(COUNT) < 300 / RECOGNITION_RATE_HZ) * random.standard_normal(COUNT)
    decay = np.exp(-np.arange(160) / 30)
    return _at_peak(np.convolve(drops, decay)[:COUNT] + 0.1 * random.standard_normal(COUNT))


def _engine(random: np.random.Generator) -> Wave:
    """Low noise that pulses."""
    return _at_peak(_band(random, 60, 600) * (1 + 0.9 * np.sin(2 * np.pi * 14 * _t())))


_WAVES: dict[str, Callable[[np.random.Generator], Wave]] = {
    "silence": _silence,
    "white noise": _white,
    "pink noise": _pink,
    "wind": _wind,
    "breath": _breath,
    "mains hum": _mains,
    "tone": _tone,
    "siren": _siren,
    "music": _music,
    "rain": _rain,
    "engine": _engine,
}
_BURSTS: tuple[BurstName, ...] = ("voiced_cough", "knock", "keyboard")


def _burst(name: BurstName) -> npt.NDArray[np.int16]:
    """A short noise, twice, with silence around."""
    kind: Kind = "cough" if name.endswith("cough") else "noise"
    each = [
        render(Utterance(id=name, kind=kind, sound=name, seed=seed, level_db=PEAK_DB)).samples
        for seed in (1, 2)
    ]
    return np.concatenate(each)


def _t() -> Wave:
    seconds: Wave = np.arange(COUNT) / RECOGNITION_RATE_HZ
    return seconds


def _falling(random: np.random.Generator, power: float) -> Wave:
    """Noise whose amplitude falls with that power of the frequency."""
    hz = np.fft.rfftfreq(COUNT, 1 / RECOGNITION_RATE_HZ)
    shape = 1 / np.maximum(hz, 20) ** power
    wave: Wave = np.fft.irfft(np.fft.rfft(random.standard_normal(COUNT)) * shape, COUNT)
    return wave


def _band(random: np.random.Generator, low_hz: float, high_hz: float) -> Wave:
    hz = np.fft.rfftfreq(COUNT, 1 / RECOGNITION_RATE_HZ)
    inside = (hz >= low_hz) & (hz <= high_hz)
    wave: Wave = np.fft.irfft(np.fft.rfft(random.standard_normal(COUNT)) * inside, COUNT)
    return wave


def _at_peak(wave: Wave | float) -> Wave:
    loud: Wave = np.asarray(wave) / np.max(np.abs(wave)) * 10 ** (PEAK_DB / 20)
    return loud


def _int16(wave: Wave) -> npt.NDArray[np.int16]:
    return np.clip(np.round(wave * 32_767), -32_768, 32_767).astype(np.int16)
