"""Replies through loudspeaker and room, the player's own voice, and both at once.

The thresholds of the statistics are promises of the module; the replies are espeak-ng's, the player's
voices flite's. The same questions are put to noise that is shaped like speech, without any program.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import require_program
from frametalk.core.audio import Samples
from frametalk.core.echo import EchoTest

WINDOW = 512
BEGIN = 8_000  # the microphone's sample at which a reply begins
RATE_HZ = 16_000
LOUD_DB = -50

Sound = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Room:
    """`direct_db`: the direct sound over all of the reverberation; None for no reverberation."""

    direct_db: float | None
    t60_ms: int = 100

    def sounds(self, dry: Sound, rng: np.random.Generator) -> Sound:
        if self.direct_db is None:
            return dry
        n = np.arange(1, self.t60_ms * 16)
        tail = rng.standard_normal(len(n)) * 10 ** (-3 * n / (self.t60_ms * 16))
        tail *= 10 ** (-self.direct_db / 20) / np.sqrt(np.sum(tail**2))
        response = np.concatenate(([1.0], tail))
        return np.convolve(dry, response / np.sqrt(np.sum(response**2)))


PLAIN, MILD, LIVELY = Room(None), Room(6, 100), Room(3, 150)


def rms(sound: Sound) -> float:
    """Root mean square of the windows that are not pauses."""
    windows = sound[: len(sound) // WINDOW * WINDOW].reshape(-1, WINDOW)
    sizes = np.sqrt(np.mean(windows**2, axis=1))
    return float(np.sqrt(np.mean(sizes[sizes > 0.1 * sizes.max()] ** 2)))


def at_level(sound: Sound, level_db: float) -> Sound:
    return sound / rms(sound) * 10 ** (level_db / 20)


def placed(sound: Sound, at: int, length: int) -> Sound:
    out = np.zeros(length)
    part = sound[: length - at]
    out[at : at + len(part)] = part
    return out


def pcm(sound: Sound) -> Samples:
    return np.clip(np.round(sound * 32_768), -32_768, 32_767).astype(np.int16)


def echoes(reply: Sound, delay_ms: int, gain_db: float, room: Room, seed: int = 0) -> Sound:
    """What the microphone hears of a reply that begins at BEGIN."""
    wet = room.sounds(reply, np.random.default_rng(seed)) * 10 ** (gain_db / 20)
    return placed(wet, BEGIN + delay_ms * 16, BEGIN + len(reply) + 8_000)


def loud(microphone: Samples) -> npt.NDArray[np.intp]:
    """The windows louder than LOUD_DB of full scale."""
    windows = microphone[: len(microphone) // WINDOW * WINDOW].reshape(-1, WINDOW) / 32_768
    return np.flatnonzero(np.mean(windows**2, axis=1) > 10 ** (LOUD_DB / 10))


def shares(
    microphone: Samples,
    reply: Sound,
    test: EchoTest | None = None,
    misread: Callable[[], int] = lambda: 0,
) -> npt.NDArray[np.float64]:
    """`explained` of every window; every 256 ms the client reports what it plays, `misread` off."""
    test = test or EchoTest()
    samples = pcm(reply)
    found = []
    for at in range(0, len(microphone) - WINDOW + 1, WINDOW):
        if at % 4_096 == 0 and (done := max(0, at - BEGIN - 2_000)) < len(samples):
            test.play(BEGIN + done + misread(), samples[done : done + 2 * RATE_HZ])
        found.append(test.explained(at, microphone[at : at + WINDOW]))
    return np.array(found)


def like_speech(seed: int, seconds: float = 3.0) -> Sound:
    """Noise in syllables: a quarter second each, the low frequencies strong, pauses between."""
    rng = np.random.default_rng(seed)
    n = int(seconds * RATE_HZ)
    coloured = np.convolve(rng.standard_normal(n), 0.9 ** np.arange(40), "same")
    beat = rng.uniform(3, 5)
    return coloured * np.maximum(0, np.sin(2 * np.pi * beat * np.arange(n) / RATE_HZ)) ** 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("said")


def read(file: Path) -> Sound:
    sound, rate_hz = soundfile.read(file)
    resampled: Sound = soxr.resample(sound, rate_hz, RATE_HZ)
    return resampled


@pytest.fixture(scope="module")
def replies(folder: Path) -> list[Sound]:
    """What the character says."""
    program = require_program("espeak-ng")
    said = []
    for voice, text in [
        ("en-us", "I have swords, shields and a golden key. What would you like?"),
        ("en-gb", "Stop right there! The bridge is not safe. Three men fell into the river."),
    ]:
        subprocess.run([program, "-v", voice, "-w", folder / "reply.wav", text], check=True)
        said.append(at_level(read(folder / "reply.wav"), -20))
    return said


TEXTS = (
    "open the red door and bring me the iron key",
    "what do you know about the king",
    "where is the blacksmith",
    "unlock the chest",
)


@pytest.fixture(scope="module")
def players(folder: Path) -> list[Sound]:
    """What players say, from its first audible sample on."""
    program = require_program("flite")
    said = []
    for voice in ("slt", "rms", "awb", "kal16"):
        for text in TEXTS:
            file = folder / "player.wav"
            subprocess.run([program, "-voice", voice, "-t", text, "-o", file], check=True)
            sound = at_level(read(file), -26)
            said.append(sound[np.flatnonzero(np.abs(sound) > 0.02)[0] :])
    return said


def voices_over(
    replies: list[Sound], players: list[Sound], over_db: float, room: Room
) -> Iterator[bool]:
    """For each player: whether the share falls below 0.5 within 96 ms of the voice's onset."""
    for index, player in enumerate(players):
        reply = replies[index % len(replies)]
        echo = echoes(reply, (40, 120, 220, 300)[index // 4], (-6, -12, -20)[index % 3], room)
        voice = at_level(player, 20 * np.log10(rms(echo)) + over_db)
        sizes = [np.sqrt(np.mean(voice[i : i + WINDOW] ** 2)) for i in range(0, 8_000, 64)]
        for begin in (20_000, 28_000, 36_000):
            onset = begin + 64 * int(np.argmax(np.array(sizes) > rms(voice) / 4))
            window = -(-onset // WINDOW)
            microphone = pcm(echo + placed(voice, begin, len(echo)))[: (window + 3) * WINDOW]
            yield bool(np.min(shares(microphone, reply)[window:]) < 0.5)


# ---- speech --------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", [PLAIN, MILD, LIVELY])
@pytest.mark.parametrize("gain_db", [-6, -12, -20])
def test_the_echo_is_explained_from_its_second_window_on(
    replies: list[Sound], room: Room, gain_db: int
) -> None:
    found: list[float] = []
    for index, delay_ms in enumerate((40, 110, 210, 300)):
        reply = replies[index % len(replies)]
        microphone = pcm(echoes(reply, delay_ms, gain_db, room, seed=index))
        found += list(shares(microphone, reply)[loud(microphone)[1:]])
    assert np.mean(np.array(found) >= 0.6) >= 0.97


def test_the_players_voice_is_not_explained(replies: list[Sound], players: list[Sound]) -> None:
    found: list[float] = []
    for index, player in enumerate(players):
        reply = replies[index % len(replies)]
        for begin in (BEGIN, BEGIN + 3_000, BEGIN + 16_000):
            microphone = pcm(placed(player, begin, BEGIN + len(reply)))
            found += list(shares(microphone, reply)[loud(microphone)])
    assert np.mean(np.array(found) <= 0.35) >= 0.97


@pytest.mark.parametrize("over_db", [0, 10])
def test_a_voice_over_the_echo_shows_within_96_ms(
    replies: list[Sound], players: list[Sound], over_db: int
) -> None:
    assert np.mean(list(voices_over(replies, players, over_db, LIVELY))) >= 0.9


def test_a_clock_that_is_misread_changes_nothing(replies: list[Sound]) -> None:
    rng = np.random.default_rng(3)
    microphone = pcm(echoes(replies[0], 120, -12, MILD))
    found = shares(microphone, replies[0], misread=lambda: int(rng.integers(-320, 321)))
    assert np.mean(found[loud(microphone)[1:]] >= 0.6) >= 0.97


# ---- noise that is shaped like speech ------------------------------------------------------------


@pytest.mark.parametrize("delay_ms", [40, 170, 300])
@pytest.mark.parametrize("room", [PLAIN, LIVELY])
def test_noise_in_syllables_is_explained(delay_ms: int, room: Room) -> None:
    reply = at_level(like_speech(1), -20)
    microphone = pcm(echoes(reply, delay_ms, -12, room))
    found = shares(microphone, reply)[loud(microphone)[1:]]
    assert np.mean(found >= 0.6) >= 0.97


def test_other_noise_is_not_explained() -> None:
    reply, other = at_level(like_speech(1), -20), at_level(like_speech(2), -26)
    microphone = pcm(placed(other, BEGIN + 5_000, BEGIN + len(reply)))
    assert np.mean(shares(microphone, reply)[loud(microphone)] <= 0.35) >= 0.97


@pytest.mark.parametrize("change_db", [-12, 9])
def test_a_reply_that_is_made_softer_or_louder_is_still_explained(change_db: float) -> None:
    reply = at_level(like_speech(1), -20)
    echo = echoes(reply, 120, -12, MILD)
    echo[24_000:] *= 10 ** (change_db / 20)
    microphone = pcm(echo)
    assert np.mean(shares(microphone, reply)[loud(microphone)[1:]] >= 0.6) >= 0.97


def test_an_echo_that_is_clipped_is_explained() -> None:
    reply = at_level(like_speech(1), -20)
    microphone = pcm(np.clip(echoes(reply, 80, 0, PLAIN) * 10, -1, 1))
    assert np.mean(shares(microphone, reply)[loud(microphone)[1:]] >= 0.6) >= 0.9


def test_the_next_reply_is_known_by_its_first_window() -> None:
    test = EchoTest()
    reply = at_level(like_speech(1), -20)
    microphone = pcm(echoes(reply, 100, -12, MILD))
    shares(microphone, reply, test)
    begin = len(microphone) // WINDOW * WINDOW
    other = at_level(like_speech(5), -20)
    test.stop(begin)
    test.play(begin + BEGIN, pcm(other))
    heard = pcm(echoes(other, 100, -12, MILD))
    found = [test.explained(begin + i, heard[i : i + WINDOW]) for i in range(0, 40_000, WINDOW)]
    assert found[loud(heard)[0]] >= 0.6


def test_without_a_reply_nothing_is_explained() -> None:
    microphone = pcm(at_level(like_speech(1), -20))
    test = EchoTest()
    assert not test.sounding
    found = [test.explained(i, microphone[i : i + WINDOW]) for i in range(0, 30_000, WINDOW)]
    assert found == [0.0] * len(found)


def test_silence_is_not_explained() -> None:
    reply = at_level(like_speech(1), -20)
    assert not np.any(shares(np.zeros(40_000, np.int16), reply))


def test_a_reply_sounds_until_its_last_echo_has_passed() -> None:
    test = EchoTest()
    test.play(1_000, np.ones(16_000, np.int16))
    assert test.sounding
    test.explained(0, np.zeros(WINDOW, np.int16))
    test.stop(9_000)
    test.explained(WINDOW, np.zeros(WINDOW, np.int16))
    assert test.sounding
    test.explained(9_000 + 10_000, np.zeros(WINDOW, np.int16))
    assert not test.sounding


POSITIONS = st.integers(-(2**40), 2**64) | st.integers(-1_000, 20_000)
SOUNDS = st.tuples(st.integers(0, 40_000), st.integers(0, 32_768), st.integers(0, 3))


def noise(length: int, size: int, seed: int) -> Samples:
    rng = np.random.default_rng(seed)
    return np.clip(rng.integers(-size, size + 1, length), -32_768, 32_767).astype(np.int16)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.just("play"), POSITIONS, SOUNDS)
        | st.tuples(st.just("stop"), POSITIONS)
        | st.tuples(st.just("explained"), POSITIONS, st.integers(0, 32_768), st.integers(0, 1_100)),
        max_size=12,
    )
)
def test_no_order_of_calls_raises_or_leaves_the_range(calls: list[tuple]) -> None:
    test = EchoTest()
    for name, at, *rest in calls:
        if name == "play":
            test.play(at, noise(*rest[0]))
        elif name == "stop":
            test.stop(at)
        else:
            for index in range(3):
                window = noise(rest[1], rest[0], index)
                assert 0.0 <= test.explained(at + index * len(window), window) <= 1.0
        assert test.sounding in (True, False)
