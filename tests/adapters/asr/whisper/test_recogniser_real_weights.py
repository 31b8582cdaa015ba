"""Real weights, base and tiny.en: what they read in speech and in noise, alone and with names."""

from __future__ import annotations

import asyncio
import subprocess
import tomllib
from collections.abc import AsyncIterator, Callable
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import soundfile
import soxr

from conftest import require, require_program
from frametalk.adapters.asr.whisper.recogniser import FasterWhisperRecogniser
from frametalk.adapters.base import Bias, Hypothesis
from frametalk.core.agreement import bare
from frametalk.core.audio import RECOGNITION_RATE_HZ as RATE_HZ

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

NAMES = Bias(("red door", "iron key", "lever", "golden key", "Bram", "Ravenholt"), ("open", "pull"))
TWO_CITIES = """It was the best of times, it was the worst of times, it was the age of wisdom, it was the
age of foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of light,
it was the season of darkness, it was the spring of hope, it was the winter of despair, we had everything
before us, we had nothing before us, we were all going direct to heaven, we were all going direct the other
way. In short, the period was so far like the present period that some of its noisiest authorities insisted
on its being received, for good or for evil, in the superlative degree of comparison only."""


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["whisper-base", "whisper-tiny.en"]
)
async def recogniser(
    request: pytest.FixtureRequest, real_models: Callable[[str], Path]
) -> AsyncIterator[FasterWhisperRecogniser]:
    require(find_spec("faster_whisper"), "the package faster-whisper")
    made = FasterWhisperRecogniser(str(real_models(request.param)), language="en", threads=1)
    await made.start()
    yield made
    await made.close()


async def read(
    recogniser: FasterWhisperRecogniser, sound: np.ndarray, bias: Bias = NAMES
) -> Hypothesis:
    """The final text of a sound that comes at once."""
    stream = recogniser.open(bias, lambda _partial: None, partials=False)
    stream.feed(sound.astype("<i2").tobytes())
    async with asyncio.timeout(60):
        final = await stream.finalize()
    stream.cancel()
    return final


def loaded(file: Path) -> np.ndarray:
    sound, rate_hz = soundfile.read(file, dtype="int16")
    return sound if rate_hz == RATE_HZ else soxr.resample(sound, rate_hz, RATE_HZ)


def words(text: str) -> list[str]:
    return [bare(word) for word in text.replace("-", " ").split() if bare(word)]


def word_errors(said: str, heard: str) -> int:
    """Words that are other, missing or too many."""
    row = list(range(len(words(heard)) + 1))
    for n, one in enumerate(words(said), 1):
        before, row[0] = row[0], n
        for m, other in enumerate(words(heard), 1):
            best = min(before + (one != other), row[m] + 1, row[m - 1] + 1)
            before, row[m] = row[m], best
    return row[-1]


async def test_commands_are_read_with_few_errors(
    recogniser: FasterWhisperRecogniser, speech: Path
) -> None:
    manifest = tomllib.loads((speech / "manifest.toml").read_text())
    errors = total = 0
    for entry in manifest["speech"]:
        if entry.get("set") == "twelve":
            heard = await read(recogniser, loaded(speech / entry["file"]))
            errors += word_errors(entry["text"], heard.text)
            total += len(words(entry["text"]))
    assert errors / total <= 0.15, "most of them are errors of flite"


async def test_words_are_on_the_clock_of_the_sound(
    recogniser: FasterWhisperRecogniser, speech: Path
) -> None:
    sound = loaded(speech / "open_red_door.flac")
    silence = np.zeros(RATE_HZ, np.int16)
    final = await read(recogniser, np.concatenate((silence, sound, silence)))
    assert final.confidence > 0.5
    assert all(one.end <= other.end for one, other in pairwise(final.words))
    (door,) = (word for word in final.words if bare(word.text) == "door")
    share = (door.at - RATE_HZ) / len(sound)
    assert 0.1 < share < 0.5, "of the sound lies before the door"


@pytest.mark.parametrize("bias", [Bias(), NAMES], ids=["no names", "names"])
async def test_noise_and_music_have_no_words(
    recogniser: FasterWhisperRecogniser, speech: Path, bias: Bias
) -> None:
    random, seconds = np.random.default_rng(1), np.arange(3 * RATE_HZ) / RATE_HZ
    breath = random.standard_normal(len(seconds)) * np.sin(seconds * 2.5).clip(0) ** 2
    noises = [
        *map(loaded, sorted(speech.glob("noise_*.flac"))),
        random.standard_normal(3 * RATE_HZ) * 2_000,
        np.sin(2 * np.pi * 50 * seconds) * 6_000,
        np.sin(2 * np.pi * 440 * seconds) * 3_000,
        breath * 1_500,
    ]
    heard = [(await read(recogniser, noise[: 4 * RATE_HZ], bias)).text for noise in noises]
    assert heard == [""] * len(noises)


@pytest.fixture(scope="module")
def ravenholt(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """ "Take me to Ravenholt", by flite."""
    file = tmp_path_factory.mktemp("said") / "ravenholt.wav"
    said = ["-voice", "slt", "-t", "take me to ravenholt", "-o", str(file)]
    subprocess.run([require_program("flite"), *said], check=True)
    return loaded(file)


async def test_a_name_is_spelled_as_in_the_scene(
    recogniser: FasterWhisperRecogniser, ravenholt: np.ndarray
) -> None:
    plain = await read(recogniser, ravenholt, Bias())
    named = await read(recogniser, ravenholt)
    assert "ravenholt" not in plain.text.casefold()
    assert named.text == "Take me to Ravenholt."


async def test_a_long_turn_loses_no_words(
    recogniser: FasterWhisperRecogniser, real_models: Callable[[str], Path]
) -> None:
    sound = loaded(real_models("speech") / "two_cities.wav")
    final = await read(recogniser, sound)
    assert word_errors(TWO_CITIES, final.text) <= 0.05 * len(words(TWO_CITIES))
    assert not {"bram", "ravenholt", "lever"} & set(words(final.text))
