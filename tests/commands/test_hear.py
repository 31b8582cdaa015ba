"""`frametalk hear`, with a recogniser of fixed texts and with the built-in one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from frametalk import cli
from frametalk.commands import shared
from frametalk.headless.worldfile import data_folder

FIXED = ["--set", "asr.adapter=fixed", "--set", 'asr.options.texts=["open the red door"]']
DOOR = str(data_folder("speech") / "open_red_door.flac")


@pytest.fixture
def second(tmp_path: Path) -> str:
    """A second of stereo sound at a rate that no recogniser uses."""
    file = tmp_path / "second.wav"
    soundfile.write(file, np.zeros((44_100, 2), np.int16), 44_100)
    return str(file)


def test_partials_show_the_stable_part_then_come_text_and_words(
    second: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["hear", second, second, *FIXED]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:7] == [
        f"{second}: 1.00 s",
        "  ~ |open",
        "  ~ open| the",
        "  ~ open the| red",
        "  ~ open the red| door",
        '  "open the red door"',
        "  words (s): 0.00 open  0.25 the  0.50 red  0.75 door",
    ]
    assert "real-time factor" in lines[7]
    assert lines[8:15] == lines[:7]


def test_partials_have_times_at_a_microphones_pace(
    second: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["hear", second, "--live", *FIXED]) == 0
    printed = capsys.readouterr().out
    assert "   0.26  ~ |open\n" in printed
    assert "ms after the last sample was fed, " in printed
    assert "real-time factor" not in printed


def test_a_long_file_is_recognised_as_several_turns(
    second: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["hear", second, "--set", "turns.max_turn_ms=500", *FIXED]) == 0
    assert capsys.readouterr().out.count('"open the red door"') == 2


@pytest.mark.real
@pytest.mark.parametrize(
    "bias",
    [["--scene", "tavern"], ["--bias", "red door", "--bias", "iron key", "--scene", "tavern"]],
)
def test_the_scenes_words_are_recognised(
    bias: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["hear", DOOR, *bias]) == 0
    assert '\n  "open the red door"\n' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent.wav"], "absent.wav"),
        ([DOOR, "--scene", "nowhere"], "one of tavern"),
        ([DOOR, "--set", "asr.adapter=absent"], "no asr adapter 'absent'"),
    ],
)
def test_a_command_that_cannot_run_says_why_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["hear", *FIXED, *arguments]) == shared.BAD_INPUT
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert said in printed
