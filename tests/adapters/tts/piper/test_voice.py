"""Piper in its worker, with voices of random weights: sound in chunks, all marks with the first."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
import pytest_asyncio

from adapters.conformance.voices import VoiceConformance
from frametalk.adapters.base import SpeechChunk, SpeechRequest
from frametalk.adapters.tts.piper.voice import PiperVoice, _Delivered
from frametalk.bench.engines.piper import before_sound, visemes
from frametalk.bench.random_models.piper import write
from frametalk.core.marks import Mark
from frametalk.errors import AdapterError

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

RATE_HZ = 22_050
SENTENCE = "The blacksmith opened the red door."
SENTENCES = (SENTENCE, "Bring me a pair of old boots.", "A brave man never begs for mercy.")


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Voices: one speaker, three speakers, another rate, and two that cannot be split."""
    folder = tmp_path_factory.mktemp("voices")
    write(folder / "smith.onnx", "micro")
    write(folder / "guild.onnx", "micro", speakers=3)
    write(folder / "low.onnx", "micro", rate_hz=16_000)
    for name, ceils in (("whole", 1), ("silent", 2)):
        path = write(folder / f"{name}.onnx", "micro")
        model = onnx.load(str(path))
        for node in model.graph.node:
            for index, weight in enumerate(node.input):
                node.input[index] = weight.replace("dec.conv_pre", "renamed")
        for weights in model.graph.initializer:
            weights.name = weights.name.replace("dec.conv_pre", "renamed")
        if ceils > 1:  # then Piper does not find the lengths
            model.graph.node.append(onnx.helper.make_node("Ceil", ["scales"], ["also"]))
        onnx.save(model, str(path))
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def voice(voices: Path) -> AsyncIterator[PiperVoice]:
    """All voices, with the smith as the default, without random variation."""
    named = {path.stem: str(path) for path in sorted(voices.glob("*.onnx"))}
    voice = PiperVoice(str(voices / "smith.onnx"), named, noise_scale=0.0, noise_w=0.0, loaded=3)
    await voice.start()
    yield voice
    await voice.close()
    await voice.close()


async def say(
    speaker: PiperVoice, text: str, voice: str = "", speed: float = 1, volume: float = 1
) -> list[SpeechChunk]:
    request = SpeechRequest(text, voice=voice, speed=speed, volume=volume)
    return [chunk async for chunk in speaker.speak(request)]


def sound(chunks: list[SpeechChunk]) -> np.ndarray:
    return np.frombuffer(b"".join(chunk.pcm for chunk in chunks), "<i2").astype(float)


def words(chunks: list[SpeechChunk]) -> list[str]:
    return [mark.name for chunk in chunks for mark in chunk.marks if mark.kind == "word"]


class TestPiperVoice(VoiceConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls, voices: Path) -> Callable[[], PiperVoice]:
        return lambda: PiperVoice(str(voices / "smith.onnx"))


async def test_all_marks_come_with_a_small_first_chunk(voice: PiperVoice) -> None:
    chunks = await say(voice, "That's 25 gold, of the best. Will you take it?")
    assert voice.rate_hz == RATE_HZ
    assert before_sound(chunks)
    assert len(chunks[0].pcm) == 2 * 16 * 256
    assert len(chunks) > 4
    assert words(chunks) == "That's 25 gold of the best Will you take it".split()
    ends = [mark.end for mark in chunks[0].marks]
    assert max(ends) == sum(len(chunk.pcm) for chunk in chunks) // 2


async def test_there_is_no_click_between_chunks(voice: PiperVoice) -> None:
    chunks = await say(voice, SENTENCE)
    steps = np.abs(np.diff(sound(chunks)))
    seams = np.cumsum([len(chunk.pcm) // 2 for chunk in chunks])[:-1] - 1
    assert len(seams) >= 3
    assert steps[seams].max() <= np.quantile(steps, 0.99)
    assert np.sqrt(np.mean(sound(chunks) ** 2)) > 500


async def test_speed_and_volume_are_applied_and_repetitions_are_equal(voice: PiperVoice) -> None:
    plain, again = sound(await say(voice, SENTENCE)), sound(await say(voice, SENTENCE))
    assert np.array_equal(plain, again)
    fast = sound(await say(voice, SENTENCE, speed=1.6))
    assert 0.5 < len(fast) / len(plain) < 0.85
    soft = sound(await say(voice, SENTENCE, volume=0.5))
    assert np.abs(soft - plain / 2).max() <= 1


async def test_speakers_of_a_voice_have_numbers_and_names(voice: PiperVoice) -> None:
    said = {
        name: sound(await say(voice, SENTENCE, voice=f"guild{name}"))
        for name in ("", "#0", "#2", "#speaker_2")
    }
    assert np.array_equal(said[""], said["#0"])
    assert np.array_equal(said["#2"], said["#speaker_2"])
    assert len(said["#0"]) != len(said["#2"])
    assert (await say(voice, SENTENCE, voice="#0"))[0].marks


async def test_voices_are_listed_with_their_speakers(voice: PiperVoice) -> None:
    found = await voice.voices()
    assert {"smith", "low", "guild#speaker_0", "guild#speaker_2"} <= set(found)
    for name in found:
        assert await say(voice, "hello", voice=name)


async def test_a_voice_has_the_language_of_its_file(voice: PiperVoice, tmp_path: Path) -> None:
    assert voice.languages("") == voice.languages("guild#2") == ("en-us",)
    assert voice.languages("nobody") == ()
    file = write(tmp_path / "anna.onnx", "micro")
    settings = file.with_name("anna.onnx.json")
    content = json.loads(settings.read_text(encoding="utf-8"))
    settings.write_text(json.dumps({**content, "language": {"code": "de_DE"}}), encoding="utf-8")
    assert voice.languages(str(file)) == ("de-DE",)


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("guild#3", "voice_failed", "no speaker '3'"),
        ("guild#anna", "voice_failed", "no speaker 'anna'"),
        ("smith#1", "voice_failed", "no speaker '1'"),
        ("nobody", "model_missing", "model 'nobody'"),
    ],
)
async def test_an_unknown_voice_or_speaker_is_refused_by_name(
    voice: PiperVoice, name: str, code: str, text: str
) -> None:
    with pytest.raises(AdapterError, match=text) as refused:
        await say(voice, "hello", voice=name)
    assert refused.value.code == code
    assert refused.value.remedy
    assert await say(voice, "hello")


async def test_a_voice_of_another_rate_is_resampled_to_the_default(voice: PiperVoice) -> None:
    low = await say(voice, SENTENCE, voice="low")
    own = await say(voice, SENTENCE)
    assert before_sound(low)
    assert len(sound(low)) == round(len(sound(own)) * RATE_HZ / 16_000)
    opened, own_opened = (
        [mark.end for mark in visemes(x) if mark.name == "PP"] for x in (low, own)
    )
    assert len(opened) == 3
    assert opened == pytest.approx([end * RATE_HZ / 16_000 for end in own_opened], rel=1e-3)


async def test_phoneme_brackets_are_plain_text(voice: PiperVoice) -> None:
    spelled = await say(voice, "[[ hɛlo ]] friend")
    read = await say(voice, "hɛlo friend")
    assert np.array_equal(sound(spelled), sound(read))
    assert words(spelled) == ["hɛlo", "friend"]


async def test_a_very_long_text_is_spoken_in_pieces_with_marks_on_one_clock(
    voice: PiperVoice,
) -> None:
    text = "This is the long story of a king who lost his crown. " * 40
    chunks = await say(voice, text)
    assert words(chunks) == re.findall(r"\w+", text)
    total = sum(len(chunk.pcm) for chunk in chunks) // 2
    shapes = visemes(chunks)
    assert all(a.end <= b.at for a, b in pairwise(shapes))
    assert shapes[-1].end == total
    at = 0
    for chunk in chunks:
        assert all(mark.at >= at for mark in chunk.marks)
        at += len(chunk.pcm) // 2


async def test_concurrent_voices_are_independent(voice: PiperVoice) -> None:
    names = ("smith", "guild#1", "low")
    alone = [await say(voice, text, name) for text, name in zip(SENTENCES, names, strict=True)]
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(say(voice, text, name))
            for text, name in zip(SENTENCES, names, strict=True)
        ]
    for task, spoken in zip(tasks, alone, strict=True):
        assert np.array_equal(sound(task.result()), sound(spoken))
        assert words(task.result()) == words(spoken)


async def test_a_voice_that_cannot_be_split_speaks_whole_sentences_with_one_warning(
    voices: Path, voice: PiperVoice, caplog: pytest.LogCaptureFixture
) -> None:
    own = await say(voice, "Hello there. Who are you?")
    no_noise = {"noise_scale": 0.0, "noise_w": 0.0}
    with caplog.at_level(logging.WARNING, "frametalk.adapters.tts.piper.voice"):
        other = PiperVoice(str(voices / "whole.onnx"), **no_noise)  # type: ignore[arg-type]
        await other.start()
        whole = await say(other, "Hello there. Who are you?")
        await other.close()
    assert len(whole) == 2
    assert whole[0].marks == own[0].marks
    assert not whole[1].marks
    (warning,) = [record.getMessage() for record in caplog.records]
    assert warning.startswith("whole.onnx cannot be streamed and speaks whole sentences: ")
    assert warning.endswith("it has no convolution dec.conv_pre")


async def test_shapes_are_estimated_without_lengths(voice: PiperVoice) -> None:
    own, estimated = await say(voice, SENTENCE), await say(voice, SENTENCE, voice="silent")
    assert before_sound(estimated)
    assert words(estimated) == words(own)
    assert [mark.name for mark in visemes(estimated)] == [mark.name for mark in visemes(own)]
    assert visemes(estimated) != visemes(own)


async def test_the_gpl_library_is_not_in_the_servers_process() -> None:
    program = (
        "import sys, frametalk.adapters.tts.piper.voice, frametalk.bench.engines.piper;"
        "sys.exit('piper' in sys.modules)"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    assert await process.wait() == 0


@pytest.mark.parametrize(
    ("name", "text", "remedy"),
    [
        ("", "no voice is chosen", "tts.options.voice"),
        ("nobody", "model 'nobody'", "models pull nobody"),
        ("bare.onnx", "bare.onnx.json must be beside it", ".onnx.json"),
    ],
)
async def test_a_missing_voice_is_an_error_with_a_remedy(
    tmp_path: Path, name: str, text: str, remedy: str
) -> None:
    (tmp_path / "bare.onnx").write_bytes(b"")
    where = str(tmp_path / name) if name.endswith(".onnx") else name
    with pytest.raises(AdapterError, match=re.escape(text)) as refused:
        await PiperVoice(where).start()
    assert remedy in refused.value.remedy


async def test_a_file_that_is_not_a_voice_fails_the_start(tmp_path: Path) -> None:
    path = write(tmp_path / "voice.onnx", "micro")
    path.write_bytes(b"not a model")
    broken = PiperVoice(str(path))
    with pytest.raises(AdapterError, match="piper cannot start"):
        await broken.start()
    await broken.close()


async def test_a_clause_continues_when_its_worker_dies(voice: PiperVoice) -> None:
    worker = voice._worker
    assert worker is not None
    text = "This is the long story of a king who lost his crown. " * 20
    whole = await say(voice, text)
    restarts, chunks = worker.restarts, []
    async for chunk in voice.speak(SpeechRequest(text)):
        if len(chunks) == 1:
            assert worker.pid is not None
            os.kill(worker.pid, signal.SIGKILL)
        chunks.append(chunk)
    assert worker.restarts == restarts + 1
    assert len(sound(chunks)) == len(sound(whole))
    assert visemes(chunks) == visemes(whole)
    assert words(chunks) == words(whole)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_second_synthesis_continues_in_order(seed: int) -> None:
    """Two syntheses of a clause of three segments: the caller gets one clause."""
    random = np.random.default_rng(seed)

    def synthesis() -> list[tuple[bytes, tuple[Mark, ...]]]:
        at, chunks = 0, []
        for _segment in range(3):
            lengths = [int(length) for length in random.integers(800, 3_000, 6)]
            edges = [at, *(at + sum(lengths[: n + 1]) for n in range(6))]
            marks = tuple(Mark("viseme", a, b, "aa") for a, b in pairwise(edges))
            chunks += [(b"\1\1" * lengths[0], marks)]
            chunks += [(b"\1\1" * length, ()) for length in lengths[1:]]
            at = edges[-1]
        return chunks

    for taken in range(19):
        delivered = _Delivered()
        got = [delivered.new(*chunk) for chunk in synthesis()[:taken]]
        assert delivered.start_over()
        got += [delivered.new(*chunk) for chunk in synthesis()]
        got.append(SpeechChunk(delivered.missing(), ()))
        marks = [mark for chunk in got for mark in chunk.marks]
        starts = [mark.at for mark in marks]
        assert starts == sorted(set(starts))
        assert max(mark.end for mark in marks) <= sum(len(chunk.pcm) for chunk in got) // 2
