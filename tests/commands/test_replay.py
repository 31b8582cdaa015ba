"""`frametalk replay`: exit codes and what is printed."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from conftest import ROOT
from frametalk.cli import main
from frametalk.replay.files import MARK, framed, read
from trace_checks import imported

RECORDING = ROOT / "tests" / "recorded" / "typed_and_spoken_commands.recording"


def changed(folder: Path) -> Path:
    """The same recording with another first answer of the mind."""
    recording = read(RECORDING)
    for entry in recording.entries:
        if isinstance(entry, list) and entry[0] == 2 and str(entry[3]).startswith("['TextDelta'"):
            entry[3] = ["TextDelta", "Never."]
            break
    file = folder / "changed.recording"
    file.write_bytes(
        MARK + framed(recording.header) + framed(recording.entries) + framed(recording.end)
    )
    return file


def test_it_says_that_a_session_is_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(RECORDING)]) == 0
    assert f"{RECORDING}: the same" in capsys.readouterr().out


def test_it_says_where_a_session_differs_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", "--json", str(RECORDING), str(changed(tmp_path))]) == 1
    same, other = json.loads(capsys.readouterr().out)
    assert (same["same"], same["diverged"], same["entry"]) == (True, "", same["entries"])
    assert not other["same"]
    assert "in the recording" in other["diverged"]


def test_it_writes_a_trace_of_the_sessions_that_it_replays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "trace.json"
    spoken = ROOT / "tests" / "recorded" / "spoken_over_a_peer_connection.recording"
    assert main(["replay", "--trace", str(file), str(RECORDING), str(spoken)]) == 0
    assert capsys.readouterr().out.count(": the same") == 2
    events = imported(file.read_bytes())
    for number in (1, 2):
        drawn = [each for each in events if each["pid"] == number]
        assert drawn[0]["args"]["name"].startswith("session ")
        assert {"think", "speak"} <= {each["name"] for each in drawn if each["ph"] == "X"}
    measured = [each for each in events if each["name"].startswith("mouth to ear")]
    assert measured


def test_it_shows_what_happened(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "--show", str(RECORDING)]) == 0
    out = capsys.readouterr().out
    assert "<- hello" in out
    assert "-> welcome" in out
    assert "?? mind:" in out
    assert out.splitlines()[-1] == "end: ended"
    assert main(["replay", "--steps", str(RECORDING)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(read(RECORDING).entries) + 2


def test_it_compares_with_another_setting(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["replay", "--json", "--with", "turns.endpoint_delay_complete_ms=1200"]
    assert main([*command, str(RECORDING)]) == 0
    (compared,) = json.loads(capsys.readouterr().out)
    assert compared["file"] == str(RECORDING)
    assert any(turn["changed"] for turn in compared["turns"])


def test_it_refuses_other_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a"
    file.write_bytes(msgspec.msgpack.encode({}))
    assert main(["replay", str(file)]) == 2
    assert "is no recording of a session" in capsys.readouterr().err
