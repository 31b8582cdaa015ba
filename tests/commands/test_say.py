"""`frametalk say`, with a tone and with the built-in voice."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from frametalk import cli
from frametalk.commands import shared

TONE = ["--set", "tts.adapter=fixed", "--set", "tts.options.rate_hz=16000"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def test_a_text_is_written_as_sound_and_its_times_are_printed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--wav", "hi.wav", "--visemes", "--picture", "hi.svg"]
    assert cli.main(["say", "Well met, traveller.", *arguments, *TONE]) == 0
    printed = capsys.readouterr().out
    assert '"Well met, traveller."\n  first sound after ' in printed
    assert "words (s): 0.00 Well  0.30 met  0.60 traveller" in printed
    assert "\nmouth aaaaa" in printed
    assert "1.20 s at 16000 Hz in hi.wav" in printed
    with wave.open("hi.wav") as file:
        assert file.getnframes() == 19_200
    assert (folder / "hi.svg").exists()


def test_the_spoken_form_and_gestures_are_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["say", "*nods* That's 25 gold.", *TONE]) == 0
    printed = capsys.readouterr().out
    assert '"That\'s 25 gold."\n  spoken: "That\'s twenty-five gold."\n' in printed
    assert "marks (s): 0.00 gesture nod" in printed
    assert cli.main(["say", "Das macht 25.", "--language", "de", *TONE]) == 0
    assert "fünfundzwanzig" in capsys.readouterr().out


@pytest.mark.real
def test_the_built_in_voice_speaks_and_lists_its_voices(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["say", "Hello.", "--voice", "en-us"]) == 0
    assert "Hello" in capsys.readouterr().out
    assert (folder / "frametalk-say.wav").exists()
    assert cli.main(["say", "--list"]) == 0
    listed = capsys.readouterr().out.split("\n")
    licensed = {f"{name}  (GPL-3.0-or-later)" for name in ("en-us", "de", "fr-fr")}
    assert licensed <= set(listed)
    assert cli.main(["say", "Hello.", "--voice", "xx"]) == shared.BAD_INPUT
    assert "no voice 'xx'" in capsys.readouterr().err


def test_an_engine_that_cannot_list_its_voices_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["say", "--list", *TONE]) == 0
    assert "'fixed' cannot list" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no text to speak"),
        (["..."], "give it a text with words"),
        (["hi", "--wav", "/no/such/folder/a.wav"], "/no/such/folder/a.wav"),
        (["hi", "--set", "tts.options.x=1"], "unknown option 'x'"),
    ],
)
def test_a_command_that_cannot_run_says_why_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["say", *arguments, *TONE]) == shared.BAD_INPUT
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert said in printed
