"""Labelled turns for the bench: a TOML file of utterances, and how each becomes sound."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import msgspec
import numpy as np
import numpy.typing as npt

from frametalk.core.audio import (
    AUDIBLE,
    RECOGNITION_RATE_HZ,
    Samples,
    first_audible,
    ms_to_samples,
)
from frametalk.errors import ConfigError
from frametalk.headless.speech import speak
from frametalk.headless.worldfile import read_toml

Kind = Literal["command", "paused", "statement", "backchannel", "interruption", "cough", "noise"]
PauseKind = Literal["finished", "unfinished"]
Voice = Literal["slt", "rms", "awb", "kal16"]
BurstName = Literal["cough", "double_cough", "voiced_cough", "knock", "click", "keyboard", "hum"]

SHORTEST_PAUSE_MS = 200
LONGEST_PAUSE_MS = 900
MARGIN_MS = 200  # of the noise floor, before and after what is audible
FLOOR_DB = -70.0
FADE_DB = -35.0  # below its peak, a piece has faded out
# flite spells these letter by letter; what stands for each sounds like it.
_SPELLED = {"mm hmm": "um hum", "hmm": "hum"}

Wave = npt.NDArray[np.float64]


class Utterance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One labelled turn: words with pauses between the pieces, or a burst that is no speech.

    `pause_kinds` says of each pause whether the words up to there could be the whole turn.
    `level_db` is the peak of a burst, of full scale.
    """

    id: str
    kind: Kind
    voice: Voice | None = None
    pieces: tuple[str, ...] = ()
    pauses_ms: tuple[int, ...] = ()
    pause_kinds: tuple[PauseKind, ...] = ()
    sound: BurstName | None = None
    seed: int = 0
    level_db: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """An utterance as sound, 16 kHz mono int16, with where in it everything lies, in samples.

    It is audible from `onset` up to `end`; before, between and after lies a faint noise floor.
    """

    samples: Samples
    text: str
    onset: int
    end: int
    pieces: tuple[tuple[int, int], ...]
    pauses: tuple[tuple[int, int, PauseKind], ...]


def read(path: Path) -> tuple[Utterance, ...]:
    """The utterances of a set. Raises ConfigError that names file, utterance and remedy."""
    utterances: dict[str, Utterance] = {}
    tree = read_toml(path)
    tables = tree.get("utterance")
    if not isinstance(tables, list) or not tables or len(tree) > 1:
        raise ConfigError(
            f"{path}: must hold `utterance` and nothing else",
            remedy="see the README beside the set",
        )
    for number, table in enumerate(tables, 1):
        name = table.get("id", number) if isinstance(table, dict) else number
        where = f"{path}: utterance {name!r}"
        utterance = _typed(table, where)
        rules = _wrong_burst if utterance.kind in {"cough", "noise"} else _wrong_words
        if wrong := rules(utterance):
            raise ConfigError(f"{where}: {wrong[0]}", remedy=wrong[1])
        if utterance.id in utterances:
            raise ConfigError(f"{where}: this id is taken", remedy="give each its own id")
        utterances[utterance.id] = utterance
    return tuple(utterances.values())


def _typed(table: object, where: str) -> Utterance:
    try:
        return msgspec.convert(table, Utterance)
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"{where}: {error}",
            remedy=f"kinds are {', '.join(get_args(Kind))}; voices {', '.join(get_args(Voice))}; "
            f"sounds {', '.join(get_args(BurstName))}; keys {', '.join(Utterance.__struct_fields__)}",
        ) from None


def _wrong_burst(it: Utterance) -> tuple[str, str] | None:
    """What contradicts itself in a cough or noise, and the remedy."""
    if it.sound is None or it.sound.endswith("cough") != (it.kind == "cough"):
        return f"a {it.kind} of the sound {it.sound!r}", f"give it the `sound` of a {it.kind}"
    if it.pieces or it.pauses_ms or it.pause_kinds or it.voice:
        return "a burst has no words", "leave voice, pieces and pauses out"
    if it.level_db > 0:
        return f"level_db = {it.level_db} is above full scale", "give 0 or less"
    return None


def _wrong_words(it: Utterance) -> tuple[str, str] | None:
    """What contradicts itself in something said, and the remedy."""
    if it.sound is not None or it.seed or it.level_db:
        return f"a {it.kind} is said", "leave sound, seed and level_db to cough and noise"
    if it.voice is None or not it.pieces or not all(piece.strip() for piece in it.pieces):
        return "nobody says anything", "give it a `voice` and `pieces` of words"
    counts = [len(it.pieces), len(it.pauses_ms), len(it.pause_kinds)]
    if not counts[0] - 1 == counts[1] == counts[2]:
        return (
            f"pieces, pauses_ms and pause_kinds are {counts[0]}, {counts[1]} and {counts[2]}",
            "give one pause and its kind between every two pieces",
        )
    if (len(it.pieces) > 1) != (it.kind == "paused"):
        return f"a {it.kind} of {len(it.pieces)} pieces", "only `paused` has pauses, at least one"
    for pause_ms in it.pauses_ms:
        if not SHORTEST_PAUSE_MS <= pause_ms <= LONGEST_PAUSE_MS:
            return f"a pause of {pause_ms} ms", f"stay in {SHORTEST_PAUSE_MS}-{LONGEST_PAUSE_MS} ms"
    return None


# ---- words and bursts to sound -------------------------------------------------------------------


def render(utterance: Utterance) -> Rendered:
    """The sound of an utterance, the same each time. Raises ConfigError without flite."""
    if utterance.sound is not None:
        sounds = [_audible(_burst(utterance.sound, utterance.seed, utterance.level_db))]
    else:
        sounds = [_said(piece, utterance.voice or "") for piece in utterance.pieces]
    pieces: list[tuple[int, int]] = []
    at = ms_to_samples(MARGIN_MS, RECOGNITION_RATE_HZ)
    for sound, pause_ms in zip(sounds, (*utterance.pauses_ms, MARGIN_MS), strict=True):
        pieces.append((at, at + len(sound)))
        at += len(sound) + ms_to_samples(pause_ms, RECOGNITION_RATE_HZ)
    mix = _floor(at, zlib.crc32(utterance.id.encode()))
    for (start, end), sound in zip(pieces, sounds, strict=True):
        mix[start:end] += sound
    gaps = zip(pieces, pieces[1:], utterance.pause_kinds, strict=False)
    return Rendered(
        samples=_int16(mix),
        text=" ".join(utterance.pieces),
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
            f"{text!r} would be said by {clip.source}, the set's voices are flite's",
            remedy="apt-get install flite",
        )
    return _audible(clip.samples)


def _audible(samples: Samples) -> Samples:
    """The part that a listener would call the sound, without what fades in and out around it."""
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


def _cough(dice: np.random.Generator) -> Wave:
    length_ms = dice.uniform(150, 350)
    return _hit(dice, length_ms, (dice.uniform(300, 500), dice.uniform(2_000, 4_000)))


def _double_cough(dice: np.random.Generator) -> Wave:
    second_ms = dice.uniform(380, 600)
    return _together([(0, _cough(dice)), (second_ms, 0.7 * _cough(dice))])


def _voiced_cough(dice: np.random.Generator) -> Wave:
    """A cough that ends in voice, which is what makes a detector of speech take it for a word."""
    length_ms = dice.uniform(180, 320)
    t = np.arange(ms_to_samples(length_ms, RECOGNITION_RATE_HZ)) / RECOGNITION_RATE_HZ
    pitch_hz = dice.uniform(120, 280) * (1 - 0.35 * t / t[-1])
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RECOGNITION_RATE_HZ
    voice = np.zeros_like(t)
    for n in range(1, 16):
        voice += np.sin(n * phase) / (
            1 + ((n * pitch_hz - 650) / 350) ** 2
        )  # throat open at 650 Hz
    voice *= np.minimum(1, t / 0.02) * 10 ** (FADE_DB / 20 * t / t[-1])
    voice *= 1 + 0.3 * dice.standard_normal(len(t))
    return _together([(0, _cough(dice)), (40, 0.8 * voice / np.max(np.abs(voice)))])


def _knock(dice: np.random.Generator) -> Wave:
    panel_hz, gap_ms = dice.uniform(90, 180), dice.uniform(180, 260)
    ringing = np.sin(
        2
        * np.pi
        * panel_hz
        * np.arange(ms_to_samples(120, RECOGNITION_RATE_HZ))
        / RECOGNITION_RATE_HZ
    )
    ringing *= np.exp(-np.arange(len(ringing)) / (0.025 * RECOGNITION_RATE_HZ))
    knuckle = _hit(dice, 30, (400, 3_000))
    return _together((n * gap_ms, wave) for n in range(3) for wave in (ringing, knuckle))


def _click(dice: np.random.Generator) -> Wave:
    released_ms = dice.uniform(60, 120)
    press, release = (_hit(dice, 12, (2_000, 7_000)) for _ in range(2))
    return _together([(0, press), (released_ms, 0.5 * release)])


def _keyboard(dice: np.random.Generator) -> Wave:
    pressed_ms = np.cumsum(dice.uniform(70, 190, size=8))
    return _together((at, dice.uniform(0.4, 1) * _click(dice)) for at in pressed_ms)


def _hum(dice: np.random.Generator) -> Wave:
    t = np.arange(ms_to_samples(1_200, RECOGNITION_RATE_HZ)) / RECOGNITION_RATE_HZ
    phases = enumerate(dice.uniform(0, 2 * np.pi, size=8), 1)
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


def _hit(dice: np.random.Generator, length_ms: float, band_hz: tuple[float, float]) -> Wave:
    """Noise of a band: full after 2-3 ms, and faded by 35 dB after `length_ms`. Peak 1."""
    count = ms_to_samples(length_ms, RECOGNITION_RATE_HZ)
    hz = np.fft.rfftfreq(count, 1 / RECOGNITION_RATE_HZ)
    low_hz, high_hz = band_hz
    shape = 1 / np.sqrt((1 + (low_hz / np.maximum(hz, 1)) ** 4) * (1 + (hz / high_hz) ** 4))
    wave = np.fft.irfft(np.fft.rfft(dice.standard_normal(count)) * shape, count)
    t_ms = np.arange(count) * 1000 / RECOGNITION_RATE_HZ
    wave *= np.minimum(1, t_ms / dice.uniform(2, 3)) * 10 ** (FADE_DB / 20 * t_ms / length_ms)
    wave /= np.max(np.abs(wave))
    return wave


def _together(parts: Iterable[tuple[float, Wave]]) -> Wave:
    """Waves that each begin at a time in ms, mixed."""
    placed = [(ms_to_samples(at_ms, RECOGNITION_RATE_HZ), wave) for at_ms, wave in parts]
    mix: Wave = np.zeros(max(at + len(wave) for at, wave in placed))
    for at, wave in placed:
        mix[at : at + len(wave)] += wave
    return mix


# ---- echo ----------------------------------------------------------------------------------------


def echo_of(
    reply: Samples, delay_ms: float, level_db: float, seed: int, *, room: bool = True
) -> Samples:
    """What the microphone hears of a reply (16 kHz): later by `delay_ms`, changed by `level_db`.

    A room, drawn from `seed`, spreads it over 150 ms; for noise of all frequencies the level stays
    exact, for speech within about 2 dB. The echoes of a reply's parts add up to that of the reply.
    """
    response = _room(seed) if room else np.ones(1)
    count = len(reply) + len(response) - 1
    size = 1 << count.bit_length()
    spectrum = np.fft.rfft(reply, size) * np.fft.rfft(response, size) if len(reply) else np.zeros(1)
    wave = np.fft.irfft(spectrum, size)[:count] * 10 ** (level_db / 20)
    return np.concatenate(
        (np.zeros(ms_to_samples(delay_ms, RECOGNITION_RATE_HZ), np.int16), _int16(wave))
    )


def _room(seed: int) -> Wave:
    """The response of a small furnished room: the direct sound, six reflections, a fading tail."""
    dice = np.random.default_rng(seed)
    t_ms = np.arange(ms_to_samples(150, RECOGNITION_RATE_HZ)) * 1000 / RECOGNITION_RATE_HZ
    response: Wave = 0.01 * dice.standard_normal(len(t_ms)) * 10 ** (-3 * t_ms / 250)
    for at_ms in dice.uniform(3, 35, size=6):
        size = dice.choice((-1, 1)) * 10 ** (-dice.uniform(8, 18) / 20)
        response[ms_to_samples(at_ms, RECOGNITION_RATE_HZ)] += size
    response[0] = 1
    response /= np.sqrt(np.sum(np.square(response)))
    return response
