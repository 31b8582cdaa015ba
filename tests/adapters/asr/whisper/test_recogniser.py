"""faster-whisper in its worker, on speech streamed as a microphone streams it.

The models' weights are random: a steady one says the same ten words whatever it hears, another says noise.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
import pytest_asyncio
import soundfile

from adapters.conformance.recognisers import RecogniserConformance
from conftest import require
from frametalk.adapters import registry
from frametalk.adapters.asr.whisper.recogniser import (
    FasterWhisperRecogniser,
    WhisperStream,
    continued,
)
from frametalk.adapters.base import Bias, HeardWord, Hypothesis
from frametalk.bench.random_models.whisper import build
from frametalk.errors import AdapterError

pytestmark = pytest.mark.real

BIAS = Bias(
    ("red door", "iron key", "X\u00fdqqth\u00e1l", "\U0001f5e1\ufe0f", "\u5263"), ("open", "bring")
)
NO_BIAS = Bias()  # a steady model says its words by their positions, and a prompt moves these
FRAME_SAMPLES = 320


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require(find_spec("faster_whisper"), "the package faster-whisper")
    return tmp_path_factory.mktemp("models")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def steady(folders: Path) -> AsyncIterator[FasterWhisperRecogniser]:
    one = FasterWhisperRecogniser(str(build(folders / "steady", steady_words=10)), threads=1)
    await one.start()
    yield one
    await one.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def noise(folders: Path) -> AsyncIterator[FasterWhisperRecogniser]:
    one = FasterWhisperRecogniser(
        str(build(folders / "noise", seed=1, multilingual=True)), threads=1, language="en"
    )
    await one.start()
    yield one
    await one.close()


class TestFasterWhisperRecogniser(RecogniserConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls, folders: Path) -> Callable[[], FasterWhisperRecogniser]:
        model = str(build(folders / "conformance", multilingual=True, steady_words=8))
        return lambda: FasterWhisperRecogniser(model, threads=1)


def frames(file: Path) -> list[bytes]:
    """A recording in frames of 20 ms."""
    sound, _rate = soundfile.read(file, dtype="int16")
    return [sound[at : at + FRAME_SAMPLES].tobytes() for at in range(0, len(sound), FRAME_SAMPLES)]


class Ear:
    """A stream and what it told so far."""

    def __init__(self, recogniser: FasterWhisperRecogniser, bias: Bias = NO_BIAS) -> None:
        self.partials: list[Hypothesis] = []
        self._news = asyncio.Event()
        self.stream: WhisperStream = recogniser.open(bias, self._told)

    def _told(self, hypothesis: Hypothesis) -> None:
        self.partials.append(hypothesis)
        self._news.set()

    async def partial(self) -> Hypothesis:
        """The next partial."""
        self._news.clear()
        await self._news.wait()
        return self.partials[-1]


def only_ever_added_to(texts: list[Hypothesis]) -> bool:
    """Whether each text begins with the stable part of all before it."""
    stable = ""
    for one in texts:
        if not one.text[: one.stable].startswith(stable):
            return False
        stable = one.text[: one.stable]
    return True


@pytest.mark.asyncio(loop_scope="module")
async def test_partials_flow_and_the_final_begins_with_what_was_stable(
    steady: FasterWhisperRecogniser, speech: Path
) -> None:
    ear = Ear(steady)
    finals = []
    async with asyncio.timeout(30):
        for at, frame in enumerate(frames(speech / "open_red_door.flac")):
            ear.stream.feed(frame)
            if at % 25 == 24:
                finals.append(await ear.stream.finalize())
        final = await ear.stream.finalize()
    ear.stream.cancel()
    assert len(final.text.split()) == 10
    assert [word.text for word in final.words] == final.text.split()
    assert final.words[-1].end <= len(frames(speech / "open_red_door.flac")) * FRAME_SAMPLES
    assert final.stable > 0
    assert only_ever_added_to([*finals, final])


@pytest.mark.asyncio(loop_scope="module")
async def test_a_partial_comes_while_sound_still_comes(
    steady: FasterWhisperRecogniser, speech: Path
) -> None:
    ear = Ear(steady)
    async with asyncio.timeout(30):
        for frame in frames(speech / "golden_key.flac"):
            ear.stream.feed(frame)
        partial = await ear.partial()
    ear.stream.cancel()
    assert partial.text
    assert 0 < partial.confidence <= 1


@pytest.mark.asyncio(loop_scope="module")
async def test_speech_of_people_through_a_model_of_noise_is_only_ever_added_to(
    noise: FasterWhisperRecogniser, human_speech: Path
) -> None:
    for name in ("goforward", "lv0930"):
        ear = Ear(noise, BIAS)
        finals = []
        async with asyncio.timeout(60):
            for at, frame in enumerate(frames(human_speech / f"{name}.flac")):
                ear.stream.feed(frame)
                if at % 40 == 39:
                    finals.append(await ear.stream.finalize())
        ear.stream.cancel()
        assert only_ever_added_to(finals)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_turn_of_a_minute_stays_within_what_the_model_takes(
    noise: FasterWhisperRecogniser, speech: Path
) -> None:
    children = b"".join(frames(speech / "children.flac"))
    minute = (children * (60 * 32_000 // len(children) + 1))[: 60 * 32_000]
    ear = Ear(noise)
    finals = []
    async with asyncio.timeout(60):
        for at in range(0, len(minute), 12 * 32_000):
            ear.stream.feed(minute[at : at + 12 * 32_000])
            finals.append(await ear.stream.finalize())
    ear.stream.cancel()
    assert only_ever_added_to(finals)


@pytest.mark.asyncio(loop_scope="module")
async def test_players_who_speak_at_once_each_get_their_own_text(
    steady: FasterWhisperRecogniser, speech: Path
) -> None:
    async def one(name: str) -> Hypothesis:
        ear = Ear(steady)
        for frame in frames(speech / f"{name}.flac"):
            ear.stream.feed(frame)
            await asyncio.sleep(0)
        final = await ear.stream.finalize()
        ear.stream.cancel()
        return final

    names = ("open_red_door", "pull_lever", "golden_key", "where_blacksmith")
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(name)) for name in names]
    for name, task in zip(names, tasks, strict=True):
        assert len(task.result().text.split()) == 10
        assert task.result().words[-1].end <= len(b"".join(frames(speech / f"{name}.flac"))) // 2


@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_and_silence_are_understood_as_nothing(
    steady: FasterWhisperRecogniser,
) -> None:
    for sound in (b"", bytes(64_000)):
        ear = Ear(steady)
        ear.stream.feed(sound)
        assert await ear.stream.finalize() == Hypothesis("")
        ear.stream.cancel()
        assert ear.partials == []


@pytest.mark.asyncio(loop_scope="module")
async def test_cancelled_in_the_middle_it_says_no_more_and_the_worker_is_free(
    steady: FasterWhisperRecogniser, speech: Path
) -> None:
    sound = frames(speech / "open_red_door.flac")
    gone = Ear(steady)
    for frame in sound:
        gone.stream.feed(frame)
    async with asyncio.TaskGroup() as group:
        finalizing = group.create_task(gone.stream.finalize())
        await asyncio.sleep(0)
        gone.stream.cancel()
        gone.stream.cancel()
        with pytest.raises(asyncio.CancelledError):
            await finalizing
    told = len(gone.partials)
    gone.stream.feed(sound[0])
    with pytest.raises(asyncio.CancelledError):
        await gone.stream.finalize()
    stays = Ear(steady)
    for frame in sound:
        stays.stream.feed(frame)
    async with asyncio.timeout(20):
        assert (await stays.stream.finalize()).text
    stays.stream.cancel()
    assert len(gone.partials) == told


@pytest_asyncio.fixture(loop_scope="module")
async def mortal(folders: Path) -> AsyncIterator[FasterWhisperRecogniser]:
    """One whose worker is killed; it makes no partials of its own accord."""
    one = FasterWhisperRecogniser(
        str(build(folders / "mortal", steady_words=3)), threads=1, partial_ms=60_000
    )
    await one.start()
    yield one
    await one.close()


def kill(recogniser: FasterWhisperRecogniser) -> None:
    assert recogniser.pid is not None
    os.kill(recogniser.pid, signal.SIGKILL)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_worker_killed_while_it_finalizes_costs_no_turn(
    mortal: FasterWhisperRecogniser, speech: Path
) -> None:
    ears = [Ear(mortal), Ear(mortal)]
    for frame in frames(speech / "open_red_door.flac"):
        for ear in ears:
            ear.stream.feed(frame)
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        finalizing = [group.create_task(ear.stream.finalize()) for ear in ears]
        await asyncio.sleep(0)
        kill(mortal)
    assert [len(task.result().text.split()) for task in finalizing] == [3, 3]
    for ear in ears:
        ear.stream.cancel()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_worker_killed_in_the_middle_of_a_turn_costs_nothing_of_it(
    mortal: FasterWhisperRecogniser, speech: Path
) -> None:
    sound = frames(speech / "open_red_door.flac")
    ear = Ear(mortal)
    half = len(sound) // 2
    async with asyncio.timeout(30):
        for frame in sound[:half]:
            ear.stream.feed(frame)
        before = await ear.stream.finalize()
        kill(mortal)
        for frame in sound[half:]:
            ear.stream.feed(frame)
        after = await ear.stream.finalize()
    assert before.text == after.text
    assert after.words[-1].end > half * FRAME_SAMPLES, "it was placed in the whole sound"
    ear.stream.cancel()


def words(text: str, at: int = 0) -> tuple[HeardWord, ...]:
    return tuple(
        HeardWord(word, at + n * 100, at + n * 100 + 100) for n, word in enumerate(text.split())
    )


def test_stable_words_stay_whatever_another_worker_reads() -> None:
    known = Hypothesis("Open the red", 8, words("Open the red"), 0.9)
    heard = Hypothesis("hope a bread door", 0, words("hope a bread door"), 0.7)
    both = continued(known, heard)
    assert both == Hypothesis("Open the bread door", 8, words("Open the bread door"), 0.7)
    assert continued(Hypothesis(""), heard) == heard
    assert continued(known, Hypothesis("")) == Hypothesis("Open the", 8, words("Open the"))


async def test_without_a_model_it_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require(find_spec("faster_whisper"), "the package faster-whisper")
    monkeypatch.setenv("FRAMETALK_MODELS", str(tmp_path))
    with pytest.raises(AdapterError) as caught:
        await FasterWhisperRecogniser("tiny.en").start()
    assert (caught.value.code, caught.value.remedy) == (
        "model_missing",
        "frametalk models pull tiny.en",
    )


async def test_a_folder_without_a_tokenizer_is_refused_for_the_library_would_download_one(
    tmp_path: Path,
) -> None:
    require(find_spec("faster_whisper"), "the package faster-whisper")
    folder = build(tmp_path)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(AdapterError) as caught:
        await FasterWhisperRecogniser(str(folder)).start()
    assert caught.value.code == "model_missing"
    assert "tokenizer.json" in caught.value.text


async def test_without_the_package_it_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frametalk.adapters.asr.whisper.recogniser.find_spec", lambda _name: None)
    with pytest.raises(AdapterError) as caught:
        await FasterWhisperRecogniser(str(tmp_path)).start()
    assert (caught.value.code, caught.value.remedy) == (
        "engine_missing",
        'pip install "frametalk[whisper]"',
    )


async def test_a_language_that_the_model_does_not_know_is_refused_at_the_start(
    folders: Path,
) -> None:
    recogniser = FasterWhisperRecogniser(str(build(folders / "english")), language="de", threads=1)
    with pytest.raises(AdapterError, match="language 'de'"):
        await recogniser.start()
    with pytest.raises(AdapterError, match="not started"):
        recogniser.open(Bias(), lambda _hypothesis: None)
    await recogniser.close()


def test_it_is_chosen_by_its_name_in_the_settings() -> None:
    made = registry.create(
        "asr", "faster_whisper", {"model": "tiny.en", "context": "full", "beam": 2}
    )
    assert isinstance(made, FasterWhisperRecogniser)
