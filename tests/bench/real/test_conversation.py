"""Conversations: which times count, and the settings they are held with."""

from __future__ import annotations

from pathlib import Path

import pytest

from frametalk.bench.real.conversation import (
    EMBEDDED,
    commands,
    everything_real,
    free,
    summary,
    understood,
)
from frametalk.bench.real.folder import Absent, Models
from frametalk.bench.turns.live import TurnTrial
from frametalk.config import load
from heard_texts import FakeRecognisers, context, speech


def trial(name: str, kind: str = "command", ms: float | None = 200, **more: object) -> TurnTrial:
    return TurnTrial(id=name, kind=kind, mouth_to_ear_ms=ms, understood=name, **more)  # type: ignore[arg-type]


def test_times_are_of_answered_turns_that_were_not_cut_off() -> None:
    values = summary(
        [
            trial("a"),
            trial("b", ms=400),
            trial("c", ms=9, false_cut=True),
            trial("d", ms=None, lost="no answer was heard"),
            trial("tale", "free", 900, tool_calls=1),
        ],
        [trial("a", ms=100)],
    )
    assert (values["commands"].n, values["commands"].p50) == (2, 200)
    assert (values["free"].n, values["free"].p50) == (1, 900)
    assert values["embedded"].p50 == 100
    assert values["lost"] == ["d: no answer was heard"]
    assert values["false_cuts"] == values["tool_calls_in_free"] == 1


def test_a_command_is_understood_when_all_its_words_are() -> None:
    wrong = TurnTrial(id="open the door", kind="command", understood="open the drawer")
    assert understood([trial("pull the lever"), wrong]) == 0.5
    assert understood([]) == 0


def test_the_settings_name_the_models_and_the_detector_only_if_it_is_there(tmp_path: Path) -> None:
    with pytest.raises(Absent):
        everything_real(Models(tmp_path))
    for file in ("whisper-base/model.bin", "en_US-joe-medium/joe.onnx"):
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).touch()
    settings = load(environment={}, flags=everything_real(Models(tmp_path)))
    assert settings.tts.options["voice"] == str(tmp_path / "en_US-joe-medium" / "joe.onnx")
    assert settings.asr.options["faster_whisper"]["model"] == str(tmp_path / "whisper-base")
    (tmp_path / "smart-turn").mkdir()
    (tmp_path / "smart-turn" / "v3.onnx").touch()
    assert (
        load(environment={}, flags=everything_real(Models(tmp_path))).turn.adapter == "smart_turn"
    )
    assert load(environment={}, flags=EMBEDDED).asr.adapter == "pocketsphinx"


def test_commands_and_free_speech_are_spoken() -> None:
    made = context(
        FakeRecognisers(),
        quick=True,
        free=[],
        pieces={"tale": [speech(f"tale {n}", sound_s=3) for n in range(6)]},
    )
    assert {turn.kind for turn in commands(made)} == {"command"}
    assert [turn.name for turn in free(made)] == ["tale 0"]
