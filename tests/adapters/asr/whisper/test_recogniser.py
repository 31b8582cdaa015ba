"""faster-whisper in its worker, on speech streamed as a microphone streams it.

The weights are random: a steady model reads the same ten words in any sound, another reads noise.
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
NO_BIAS = Bias()  # a steady model reads words by their positions, which a prompt would move
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


@pytest.mark.asyncio(loop_scope="module")
async def test_its_languages_are_the_models_or_the_one_that_is_set(
    steady: FasterWhisperRecogniser, noise: FasterWhisperRecogniser, folders: Path
) -> None:
    assert steady.languages == noise.languages == ("en",)
    model = str(build(folders / "languages", multilingual=True))
    detecting = FasterWhisperRecogniser(model, threads=1)
    await detecting.start()
    assert {"en", "de", "zh", "no"} <= set(detecting.languages)
    await detecting.close()


def frames(file: Path) -> list[bytes]:
    """A recording in frames of 20 ms."""
    sound, _rate = soundfile.read(file, dtype="int16")
    return [sound[at : at + FRAME_SAMPLES].tobytes() for at in range(0, len(sound), FRAME_SAMPLES)]


class Watched:
    """A stream and its partials so far."""

    def __init__(self, recogniser: FasterWhisperRecogniser, bias: Bias = NO_BIAS) -> None:
        self.partials: list[Hypothesis] = []
        self._arrived = asyncio.Event()
        self.stream: WhisperStream = recogniser.open(bias, self._on_partial)

    def _on_partial(self, hypothesis: Hypothesis) -> None:
        self.partials.append(hypothesis)
        self._arrived.set()

    async def partial(self) -> Hypothesis:
        """The next partial."""
        self._arrived.clear()
        await self._arrived.wait()
        return self.partials[-1]


def only_ever_added_to(texts: list[Hypothesis]) -> bool:
    """Whether each text begins with the stable part of every earlier one."""
    stable = ""
    for one in texts:
        if not one.text[: one.stable].startswith(stable):
            return False
        stable = one.text[: one.stable]
    return True


@pytest.mark.asyncio(loop_scope="module")
async def test_a_final_begins_with_the_stable_text_of_the_finals_before(
    steady: FasterWhisperRecogniser, speech: Path
) -> None:
    watched = Watched(steady)
    finals = []
    async with asyncio.timeout(30):
        for at, frame in enumerate(frames(speech / "open_red_door.flac")):
            watched.stream.feed(frame)
            if at % 25 == 24:
                finals.append(await watched.stream.finalize())
        final = await watched.stream.finalize()
    watched.stream.cancel()
    assert len(final.text.split()) == 10
    assert [word.text for word in final.words] == final.text.split()
    assert final.words[-1].end <= len(frames(speech / "open_red_door.flac")) * FRAME_SAMPLES
    assert final.stable > 0
    assert only_ever_added_to([*finals, final])


@pytest.mark.asyncio(loop_scope="module")
async def test_partials_come_before_the_final(
    steady: FasterWhisperRecogniser, speech: Path
) -> None:
    watched = Watched(steady)
    async with asyncio.timeout(30):
        for frame in frames(speech / "golden_key.flac"):
            watched.stream.feed(frame)
        partial = await watched.partial()
    watched.stream.cancel()
    assert partial.text
    assert 0 < partial.confidence <= 1


@pytest.mark.asyncio(loop_scope="module")
async def test_stable_text_of_human_speech_only_grows(
    noise: FasterWhisperRecogniser, human_speech: Path
) -> None:
    for name in ("goforward", "lv0930"):
        watched = Watched(noise, BIAS)
        finals = []
        async with asyncio.timeout(60):
            for at, frame in enumerate(frames(human_speech / f"{name}.flac")):
                watched.stream.feed(frame)
                if at % 40 == 39:
                    finals.append(await watched.stream.finalize())
        watched.stream.cancel()
        assert only_ever_added_to(finals)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_minute_of_speech_is_recognised(
    noise: FasterWhisperRecogniser, speech: Path
) -> None:
    children = b"".join(frames(speech / "children.flac"))
    minute = (children * (60 * 32_000 // len(children) + 1))[: 60 * 32_000]
    watched = Watched(noise)
    finals = []
    async with asyncio.timeout(60):
        for at in range(0, len(minute), 12 * 32_000):
            watched.stream.feed(minute[at : at + 12 * 32_000])
            finals.append(await watched.stream.finalize())
    watched.stream.cancel()
    assert only_ever_added_to(finals)


@pytest.mark.asyncio(loop_scope="module")
async def test_streams_at_once_get_their_own_texts(
    steady: FasterWhisperRecogniser, speech: Path
) -> None:
    async def one(name: str) -> Hypothesis:
        watched = Watched(steady)
        for frame in frames(speech / f"{name}.flac"):
            watched.stream.feed(frame)
            await asyncio.sleep(0)
        final = await watched.stream.finalize()
        watched.stream.cancel()
        return final

    names = ("open_red_door", "pull_lever", "golden_key", "where_blacksmith")
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(name)) for name in names]
    for name, task in zip(names, tasks, strict=True):
        assert len(task.result().text.split()) == 10
        assert task.result().words[-1].end <= len(b"".join(frames(speech / f"{name}.flac"))) // 2


@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_and_silence_give_empty_text(
    steady: FasterWhisperRecogniser,
) -> None:
    for sound in (b"", bytes(64_000)):
        watched = Watched(steady)
        watched.stream.feed(sound)
        assert await watched.stream.finalize() == Hypothesis("")
        watched.stream.cancel()
        assert watched.partials == []


@pytest.mark.asyncio(loop_scope="module")
async def test_a_cancelled_stream_is_silent_and_leaves_the_worker_free(
    steady: FasterWhisperRecogniser, speech: Path
) -> None:
    sound = frames(speech / "open_red_door.flac")
    cancelled = Watched(steady)
    for frame in sound:
        cancelled.stream.feed(frame)
    async with asyncio.TaskGroup() as group:
        finalizing = group.create_task(cancelled.stream.finalize())
        await asyncio.sleep(0)
        cancelled.stream.cancel()
        cancelled.stream.cancel()
        with pytest.raises(asyncio.CancelledError):
            await finalizing
    partials = len(cancelled.partials)
    cancelled.stream.feed(sound[0])
    with pytest.raises(asyncio.CancelledError):
        await cancelled.stream.finalize()
    open_ = Watched(steady)
    for frame in sound:
        open_.stream.feed(frame)
    async with asyncio.timeout(20):
        assert (await open_.stream.finalize()).text
    open_.stream.cancel()
    assert len(cancelled.partials) == partials


@pytest_asyncio.fixture(loop_scope="module")
async def mortal(folders: Path) -> AsyncIterator[FasterWhisperRecogniser]:
    """A recogniser for tests that kill its worker; it makes no partials."""
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
async def test_a_worker_killed_while_it_finalizes_loses_no_stream(
    mortal: FasterWhisperRecogniser, speech: Path
) -> None:
    streams = [Watched(mortal), Watched(mortal)]
    for frame in frames(speech / "open_red_door.flac"):
        for watched in streams:
            watched.stream.feed(frame)
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        finalizing = [group.create_task(watched.stream.finalize()) for watched in streams]
        await asyncio.sleep(0)
        kill(mortal)
    assert [len(task.result().text.split()) for task in finalizing] == [3, 3]
    for watched in streams:
        watched.stream.cancel()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_worker_killed_in_the_middle_of_a_stream_loses_nothing(
    mortal: FasterWhisperRecogniser, speech: Path
) -> None:
    sound = frames(speech / "open_red_door.flac")
    watched = Watched(mortal)
    half = len(sound) // 2
    async with asyncio.timeout(30):
        for frame in sound[:half]:
            watched.stream.feed(frame)
        before = await watched.stream.finalize()
        kill(mortal)
        for frame in sound[half:]:
            watched.stream.feed(frame)
        after = await watched.stream.finalize()
    assert before.text == after.text
    assert after.words[-1].end > half * FRAME_SAMPLES, (
        "word times count from the stream's beginning"
    )
    watched.stream.cancel()


def words(text: str, at: int = 0) -> tuple[HeardWord, ...]:
    return tuple(
        HeardWord(word, at + n * 100, at + n * 100 + 100) for n, word in enumerate(text.split())
    )


def test_stable_words_stay_when_another_worker_reads_otherwise() -> None:
    known = Hypothesis("Open the red", 8, words("Open the red"), 0.9)
    newer = Hypothesis("hope a bread door", 0, words("hope a bread door"), 0.7)
    both = continued(known, newer)
    assert both == Hypothesis("Open the bread door", 8, words("Open the bread door"), 0.7)
    assert continued(Hypothesis(""), newer) == newer
    assert continued(known, Hypothesis("")) == Hypothesis("Open the", 8, words("Open the"))


async def test_a_missing_model_is_an_error_with_a_remedy(
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


async def test_a_folder_without_a_tokenizer_is_refused(
    tmp_path: Path,
) -> None:
    require(find_spec("faster_whisper"), "the package faster-whisper")
    folder = build(tmp_path)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(AdapterError) as caught:
        await FasterWhisperRecogniser(str(folder)).start()
    assert caught.value.code == "model_missing"
    assert "tokenizer.json" in caught.value.text


async def test_a_missing_package_is_an_error_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frametalk.adapters.asr.whisper.recogniser.find_spec", lambda _name: None)
    with pytest.raises(AdapterError) as caught:
        await FasterWhisperRecogniser(str(tmp_path)).start()
    assert (caught.value.code, caught.value.remedy) == (
        "engine_missing",
        'pip install "frametalk[whisper]"',
    )


async def test_start_refuses_a_language_that_the_model_does_not_know(
    folders: Path,
) -> None:
    recogniser = FasterWhisperRecogniser(str(build(folders / "english")), language="de", threads=1)
    with pytest.raises(AdapterError, match="language 'de'"):
        await recogniser.start()
    with pytest.raises(AdapterError, match="not started"):
        recogniser.open(Bias(), lambda _hypothesis: None)
    await recogniser.close()


def test_the_registry_creates_it_by_name() -> None:
    made = registry.create(
        "asr", "faster_whisper", {"model": "tiny.en", "context": "full", "beam": 2}
    )
    assert isinstance(made, FasterWhisperRecogniser)
