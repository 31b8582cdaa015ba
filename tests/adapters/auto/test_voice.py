"""The voice that chooses: which one speaks what."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.auto.fakes import Machine, a_machine
from frametalk.adapters.auto import voice
from frametalk.adapters.auto.voice import AutoVoice
from frametalk.adapters.base import SpeechChunk, SpeechRequest
from frametalk.errors import AdapterError, Stage

JOE = "en_US-joe-medium"
LOST = AdapterError("voice_failed", "no memory", stage=Stage.SPEAK)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return a_machine(monkeypatch, tmp_path, voice)


async def started(auto: AutoVoice | None = None) -> AutoVoice:
    auto = auto or AutoVoice()
    await auto.start()
    await auto.start()
    return auto


async def said(auto: AutoVoice, name: str = "", language: str = "en") -> SpeechChunk:
    (chunk,) = [chunk async for chunk in auto.speak(SpeechRequest("hello", name, language))]
    return chunk


async def speaker(
    machine: Machine, auto: AutoVoice, name: str = "", language: str = "en-US"
) -> str:
    """Which engine speaks a clause."""
    await said(auto, name, language)
    return machine.log[-1].partition(" ")[0]


# ---- the choice ----------------------------------------------------------------------------------


async def test_without_a_voice_it_is_espeak_at_once(machine: Machine) -> None:
    auto = await started()
    assert str(auto.choice) == ("espeak (no Piper voice is pulled: frametalk models pull starter)")
    assert (machine.tried, machine.log) == ([], ["start espeak"])
    assert auto.rate_hz == 8_000


async def test_a_fast_voice_is_taken(machine: Machine) -> None:
    machine.voice(JOE, 0.15)
    auto = await started(AutoVoice({"memory_mb": 9}, {"threads": 1}))
    assert str(auto.choice) == f"piper ({JOE}, real-time factor 0.15)"
    assert machine.created["piper"]["threads"] == 1
    assert machine.created["piper"]["voice"].endswith(f"{JOE}.onnx")
    assert machine.created["espeak"] == {"memory_mb": 9}


@pytest.mark.parametrize(
    ("factor", "why"),
    [(0.9, f"{JOE}, real-time factor 0.90: too slow"), (None, f"{JOE} does not work")],
)
async def test_a_slow_or_broken_voice_is_left_out(
    machine: Machine, factor: float | None, why: str
) -> None:
    machine.voice(JOE, factor)
    assert str((await started()).choice) == f"espeak ({why})"


async def test_if_piper_does_not_start_espeak_speaks(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    machine.voice(JOE, 0.15)
    machine.broken["piper"] = LOST
    auto = await started()
    assert auto.choice.adapter == "espeak"
    assert "no memory" in caplog.text
    assert await speaker(machine, auto) == "espeak"


async def test_without_piper_the_extra_is_named(machine: Machine) -> None:
    machine.voice(JOE, 0.15)
    machine.installed.discard("onnx")
    assert 'pip install "frametalk[piper]"' in str((await started()).choice)


async def test_an_english_voice_comes_before_others_and_the_starters_before_all(
    machine: Machine,
) -> None:
    for name in ("de_DE-thorsten-medium", "en_GB-cori-medium"):
        machine.voice(name, 0.1)
    assert "en_GB-cori-medium" in str((await started()).choice)
    machine.voice(JOE, 0.1)
    machine.voice("en_GB-alba-medium", 0.1)
    assert JOE in str((await started()).choice)


async def test_the_voice_of_the_options_comes_first(machine: Machine) -> None:
    machine.voice(JOE, 0.1)
    machine.voice("de_DE-thorsten-medium", 0.1)
    auto = await started(AutoVoice(piper={"voice": "de_DE-thorsten-medium"}))
    assert "thorsten" in str(auto.choice)
    auto = await started(AutoVoice(piper={"voice": "absent"}))
    assert auto.choice.adapter == "espeak"


async def test_without_espeak_piper_speaks_alone(machine: Machine) -> None:
    machine.voice(JOE, 0.1)
    machine.broken["espeak"] = LOST
    auto = await started()
    assert await speaker(machine, auto, language="de") == "piper"
    assert auto.languages("") == ("en-US",)


async def test_without_any_voice_the_error_is_that_of_espeak(machine: Machine) -> None:
    machine.broken["espeak"] = LOST
    with pytest.raises(AdapterError, match="no memory"):
        await started()


# ---- who speaks ----------------------------------------------------------------------------------


@pytest.fixture
async def both(machine: Machine) -> AutoVoice:
    machine.voice(JOE, 0.15)
    machine.voice("en_GB-alba-medium", 0.15)
    return await started(AutoVoice(piper={"voices": {"smith": "/voices/smith.onnx"}}))


@pytest.mark.parametrize("language", ["en", "en-US", "en-gb", "EN"])
async def test_piper_speaks_its_language(machine: Machine, both: AutoVoice, language: str) -> None:
    assert await speaker(machine, both, language=language) == "piper"


async def test_espeak_speaks_what_piper_cannot(machine: Machine, both: AutoVoice) -> None:
    assert await speaker(machine, both, language="de") == "espeak"
    assert both.languages("") == ("en-US", "de", "fr")


@pytest.mark.parametrize(
    ("name", "engine"),
    [
        ("en-gb-scotland", "espeak"),
        ("en-us+m3", "espeak"),
        ("mb-en1", "espeak"),
        ("en_GB-alba-medium", "piper"),
        ("smith", "piper"),
        ("smith#2", "piper"),
        ("#3", "piper"),
    ],
)
async def test_a_characters_voice_decides_first(
    machine: Machine, both: AutoVoice, name: str, engine: str
) -> None:
    assert await speaker(machine, both, name, "de") == engine
    assert both.languages(name) == (f"language of {engine}",)


async def test_a_voice_that_does_not_say_its_language_speaks_any(machine: Machine) -> None:
    machine.piper_speaks = ()
    machine.voice(JOE, 0.15)
    auto = await started()
    assert auto.languages("") == ()
    assert await speaker(machine, auto, language="de") == "piper"


async def test_all_sound_has_one_rate(machine: Machine, both: AutoVoice) -> None:
    assert both.rate_hz == 16_000
    assert len((await said(both)).pcm) == 800
    chunk = await said(both, language="de")  # espeak's rate is half of Piper's
    assert len(chunk.pcm) == 1_600
    assert [(mark.at, mark.end) for mark in chunk.marks] == [(0, 800)]


async def test_all_voices_are_listed_and_closed(machine: Machine, both: AutoVoice) -> None:
    assert await both.voices() == ("piper's voice", "espeak's voice")
    await both.close()
    await both.close()
    assert machine.log.count("close piper") == machine.log.count("close espeak") == 1
    with pytest.raises(AdapterError, match="no voice is started"):
        await said(both)
