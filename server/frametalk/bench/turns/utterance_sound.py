"""The sound of labelled utterances: words by flite, coughs and noises from a seed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from frametalk.bench.turns.turn_set import BurstName, PauseKind, Utterance
from frametalk.core.audio import (
    AUDIBLE,
    RECOGNITION_RATE_HZ,
    Samples,
    first_audible,
    ms_to_samples,
)
from frametalk.errors import ConfigError
from frametalk.headless.speech import speak

MARGIN_MS = 200  # of the noise floor, before and after the audible part
FLOOR_DB = -70.0
FADE_DB = -35.0  # below the peak of a piece, where it has faded out
# flite spells these letter by letter; these replacements sound right.
_SPELLED = {"mm hmm": "um hum", "hmm": "hum"}

Wave = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """An utterance as sound, 16 kHz mono int16, with the positions of its parts in samples.

    It is audible from `onset` up to `end`; before, between and after is a faint noise floor.
    """

    samples: Samples
    text: str
    onset: int
    end: int
    pieces: tuple[tuple[int, int], ...]
    pauses: tuple[tuple[int, int, PauseKind], ...]


def render(utterance: Utterance) -> Rendered:
    """The sound of an utterance, always the same. Raises ConfigError without flite."""
    if utterance.sound is not None:
        sounds = [_audible(_burst(utterance.sound, utterance.seed, utterance.level_db))]
    else:
        sounds = [_said(piece, utterance.voice or "") for piece in utterance.pieces]
    gaps_ms, kinds = utterance.pauses_ms, utterance.pause_kinds
    return _placed(sounds, gaps_ms, kinds, text=" ".join(utterance.pieces), name=utterance.id)


def recorded(name: str, samples: Samples, text: str = "") -> Rendered:
    """A recording as an utterance without pauses, cut to its audible part."""
    return _placed([_audible(samples)], (), (), text=text, name=name)


def _placed(
    sounds: Sequence[Samples],
    pauses_ms: Sequence[int],
    pause_kinds: Sequence[PauseKind],
    *,
    text: str,
    name: str,
) -> Rendered:
    """The sounds with these pauses between them, over a noise floor of the name's own."""
    pieces: list[tuple[int, int]] = []
    at = ms_to_samples(MARGIN_MS, RECOGNITION_RATE_HZ)
    for sound, pause_ms in zip(sounds, (*pauses_ms, MARGIN_MS), strict=True):
        pieces.append((at, at + len(sound)))
        at += len(sound) + ms_to_samples(pause_ms, RECOGNITION_RATE_HZ)
    mix = _floor(at, zlib.crc32(name.encode()))
    for (start, end), sound in zip(pieces, sounds, strict=True):
        mix[start:end] += sound
    gaps = zip(pieces, pieces[1:], pause_kinds, strict=False)
    return Rendered(
        samples=_int16(mix),
        text=text,
        onset=pieces[0][0],
        end=pieces[-1][1],
        pieces=tuple(pieces),
        pauses=tuple((before[1], after[0], kind) for before, after, kind in gaps),
    )


@cache
def _said(text: str, voice: str) -> Samples:
    clip = speak(_SPELLED.get(text, text), voice)
    if not clip.source.startswith(("flite", "shipped")):
        raise ConfigError(
            f"flite, which speaks the utterances, is not installed; {text!r} is from {clip.source}",
            remedy="apt-get install flite",
        )
    return _audible(clip.samples)


def _audible(samples: Samples) -> Samples:
    """The part that a listener would call the sound, without its fades."""
    peak = int(np.max(np.abs(samples.astype(np.int32)), initial=0))
    threshold = max(AUDIBLE, round(peak * 10 ** (FADE_DB / 20)))
    first, last = (first_audible(sound, threshold) for sound in (samples, samples[::-1]))
    return samples[first or 0 : len(samples) - (last or 0)]


def _floor(count: int, seed: int) -> Wave:
    return np.random.default_rng(seed).standard_normal(count) * 32_768 * 10 ** (FLOOR_DB / 20)


def _int16(wave: Wave) -> Samples:
    return np.clip(np.round(wave), -32_768, 32_767).astype(np.int16)


# ---- bursts --------------------------------------------------------------------------------------


def _burst(name: BurstName, seed: int, level_db: float) -> Samples:
    wave = _BURSTS[name](np.random.default_rng(seed))
    return _int16(wave / np.max(np.abs(wave)) * 32_767 * 10 ** (level_db / 20))


def _cough(random: np.random.Generator) -> Wave:
    length_ms = random.uniform(150, 350)
    return _hit(random, length_ms, (random.uniform(300, 500), random.uniform(2_000, 4_000)))


def _double_cough(random: np.random.Generator) -> Wave:
    second_ms = random.uniform(380, 600)
    return _together([(0, _cough(random)), (second_ms, 0.7 * _cough(random))])


def _voiced_cough(random: np.random.Generator) -> Wave:
    """A cough that ends voiced: voice activity detection takes it for speech."""
    length_ms = random.uniform(180, 320)
    t = np.arange(ms_to_samples(length_ms, RECOGNITION_RATE_HZ)) / RECOGNITION_RATE_HZ
    pitch_hz = random.uniform(120, 280) * (1 - 0.35 * t / t[-1])
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RECOGNITION_RATE_HZ
    voice = np.zeros_like(t)
    for n in range(1, 16):
        voice += np.sin(n * phase) / (
            1 + ((n * pitch_hz - 650) / 350) ** 2
        )  # throat open at 650 Hz
    voice *= np.minimum(1, t / 0.02) * 10 ** (FADE_DB / 20 * t / t[-1])
    voice *= 1 + 0.3 * random.standard_normal(len(t))
    return _together([(0, _cough(random)), (40, 0.8 * voice / np.max(np.abs(voice)))])


def _knock(random: np.random.Generator) -> Wave:
    panel_hz, gap_ms = random.uniform(90, 180), random.uniform(180, 260)
    ringing = np.sin(
        2
        * np.pi
        * panel_hz
        * np.arange(ms_to_samples(120, RECOGNITION_RATE_HZ))
        / RECOGNITION_RATE_HZ
    )
    ringing *= np.exp(-np.arange(len(ringing)) / (0.025 * RECOGNITION_RATE_HZ))
    knuckle = _hit(random, 30, (400, 3_000))
    return _together((n * gap_ms, wave) for n in range(3) for wave in (ringing, knuckle))


def _click(random: np.random.Generator) -> Wave:
    released_ms = random.uniform(60, 120)
    press, release = (_hit(random, 12, (2_000, 7_000)) for _ in range(2))
    return _together([(0, press), (released_ms, 0.5 * release)])


def _keyboard(random: np.random.Generator) -> Wave:
    pressed_ms = np.cumsum(random.uniform(70, 190, size=8))
    return _together((at, random.uniform(0.4, 1) * _click(random)) for at in pressed_ms)


def _hum(random: np.random.Generator) -> Wave:
    t = np.arange(ms_to_samples(1_200, RECOGNITION_RATE_HZ)) / RECOGNITION_RATE_HZ
    phases = enumerate(random.uniform(0, 2 * np.pi, size=8), 1)
    wave: Wave = np.sum([np.sin(2 * np.pi * 50 * n * t + at) / n for n, at in phases], axis=0)
    wave *= np.minimum(1, np.minimum(t, t[::-1]) / 0.05)
    return wave


_BURSTS: dict[BurstName, Callable[[np.random.Generator], Wave]] = {
    "cough": _cough,
    "double_cough": _double_cough,
    "voiced_cough": _voiced_cough,
    "knock": _knock,
    "click": _click,
    "keyboard": _keyboard,
    "hum": _hum,
}


def _hit(random: np.random.Generator, length_ms: float, band_hz: tuple[float, float]) -> Wave:
    """Band noise: full after 2-3 ms, 35 dB down after `length_ms`. Peak 1."""
    count = ms_to_samples(length_ms, RECOGNITION_RATE_HZ)
    hz = np.fft.rfftfreq(count, 1 / RECOGNITION_RATE_HZ)
    low_hz, high_hz = band_hz
    shape = 1 / np.sqrt((1 + (low_hz / np.maximum(hz, 1)) ** 4) * (1 + (hz / high_hz) ** 4))
    wave = np.fft.irfft(np.fft.rfft(random.standard_normal(count)) * shape, count)
    t_ms = np.arange(count) * 1000 / RECOGNITION_RATE_HZ
    wave *= np.minimum(1, t_ms / random.uniform(2, 3)) * 10 ** (FADE_DB / 20 * t_ms / length_ms)
    wave /= np.max(np.abs(wave))
    return wave


def _together(parts: Iterable[tuple[float, Wave]]) -> Wave:
    """A mix of waves, each from its time in ms on."""
    placed = [(ms_to_samples(at_ms, RECOGNITION_RATE_HZ), wave) for at_ms, wave in parts]
    mix: Wave = np.zeros(max(at + len(wave) for at, wave in placed))
    for at, wave in placed:
        mix[at : at + len(wave)] += wave
    return mix
