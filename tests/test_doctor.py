"""The doctor: what it finds, and that its report is right."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from conftest import ROOT
from frametalk import cli, doctor, models
from frametalk.adapters.abilities import Advice
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.commands import shared
from frametalk.config import AdapterSettings, CharacterSettings, FrametalkSettings, VoiceSettings
from frametalk.doctor import Finding, Library, Report
from frametalk.errors import AdapterError, Stage
from frametalk.model_store import manifest

FIXED = FrametalkSettings(
    vad=AdapterSettings(adapter="energy"),
    asr=AdapterSettings(adapter="fixed"),
    llm=AdapterSettings(adapter="fixed"),
    tts=VoiceSettings(adapter="fixed"),
    turn=AdapterSettings(adapter=""),
)
CHOSEN = (
    "vad.adapter=energy",
    "asr.adapter=fixed",
    "llm.adapter=fixed",
    "tts.adapter=fixed",
    "turn.adapter=",
)
FLAGS = [part for choice in CHOSEN for part in ("--set", choice)]


def found(report: Report, area: str, name: str) -> Finding:
    (finding,) = (each for each in report.findings if (each.area, each.name) == (area, name))
    return finding


async def test_engines_that_start_are_ready() -> None:
    report = await doctor.examine(FIXED)
    engines = [finding for finding in report.findings if finding.area == "engine"]
    assert [engine.name for engine in engines] == [
        "vad: energy",
        "asr: fixed",
        "llm: fixed",
        "tts: fixed",
        "guard: embedded",
    ]
    assert {engine.state for engine in engines} == {"ready"}
    assert report.ok


@pytest.mark.real
async def test_the_default_engines_are_ready_where_they_are_installed() -> None:
    report = await doctor.examine(FrametalkSettings())
    failed = [finding for finding in report.findings if finding.state == "failed"]
    assert failed == []
    assert report.ok
    asr = found(report, "engine", "asr: auto")
    assert asr.detail.startswith("pocketsphinx (no Whisper model is pulled), started in ")
    assert asr.remedy == "frametalk models pull starter"


@pytest.mark.parametrize(
    ("error", "detail", "remedy"),
    [
        (
            AdapterError("engine_missing", "no card", stage=Stage.SPEAK, remedy="buy one"),
            "no card",
            "buy one",
        ),
        (OSError("worn out"), "OSError: worn out", ""),
    ],
)
async def test_an_engine_that_does_not_start_is_reported_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, error: Exception, detail: str, remedy: str
) -> None:
    closed = []

    async def start(voice: FixedVoice) -> None:
        raise error

    async def close(voice: FixedVoice) -> None:
        closed.append(voice)

    monkeypatch.setattr(FixedVoice, "start", start)
    monkeypatch.setattr(FixedVoice, "close", close)
    report = await doctor.examine(FIXED)
    assert found(report, "engine", "tts: fixed") == Finding(
        "engine", "tts: fixed", "failed", detail, remedy
    )
    assert len(closed) == 1
    assert found(report, "engine", "asr: fixed").state == "ready"
    assert not report.ok


async def test_an_engine_whose_server_does_not_answer_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def check(voice: FixedVoice) -> None:
        raise AdapterError("mind_connect", "no answer", stage=Stage.SPEAK, remedy="start it")

    monkeypatch.setattr(FixedVoice, "check", check, raising=False)
    report = await doctor.examine(FIXED)
    assert found(report, "engine", "tts: fixed") == Finding(
        "engine", "tts: fixed", "failed", "no answer", "start it"
    )


async def test_an_engine_with_advice_is_ready_and_has_a_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def advice(voice: FixedVoice, *, thorough: bool) -> tuple[Advice, ...]:
        return (Advice("it drops the tools", "choose another"),)

    monkeypatch.setattr(FixedVoice, "advice", advice, raising=False)
    report = await doctor.examine(FIXED)
    engine = found(report, "engine", "tts: fixed")
    assert (engine.state, engine.remedy) == ("ready", "choose another")
    assert engine.detail.endswith("warning: it drops the tools")
    assert report.ok


async def test_a_missing_character_file_is_reported() -> None:
    character = CharacterSettings(file="absent.toml")
    settings = msgspec.structs.replace(
        FIXED, llm=AdapterSettings(adapter="scripted"), character=character
    )
    report = await doctor.examine(settings)
    (mind,) = [finding for finding in report.findings if finding.name == "llm: scripted"]
    assert (mind.state, mind.detail) == ("failed", "absent.toml: No such file or directory")


async def test_an_engine_that_is_not_installed_is_reported() -> None:
    settings = FrametalkSettings(tts=VoiceSettings(adapter="sam"))
    report = await doctor.examine(settings)
    assert "no tts adapter 'sam'" in found(report, "engine", "tts: sam").detail
    assert not report.ok


async def test_adapters_that_are_not_chosen_are_listed() -> None:
    report = await doctor.examine(FIXED)
    silero = found(report, "adapter", "vad: silero")
    assert silero.state == "present"
    assert "--set vad.adapter=silero" in silero.detail


async def test_an_adapter_without_its_library_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    more = Library("no-such-library", "nothing", ("embedded",))
    monkeypatch.setattr(doctor, "LIBRARIES", (*doctor.LIBRARIES, more))
    report = await doctor.examine(FIXED)
    espeak = found(report, "adapter", "tts: espeak")
    assert (espeak.state, espeak.detail) == ("absent", "needs no-such-library")
    assert espeak.remedy == 'pip install "frametalk[embedded]"'


async def test_models_on_this_machine_are_listed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(models.ENVIRONMENT, str(tmp_path))
    none = found(await doctor.examine(FIXED), "model", "models")
    assert (none.state, none.remedy) == ("absent", "frametalk models list")
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / manifest.FILE).write_bytes(
        manifest.encode(
            manifest.Manifest(
                name="tiny",
                kind="whisper",
                origin="a stick",
                files={"model.bin": manifest.Entry(75_000_000, "")},
            )
        )
    )
    tiny = found(await doctor.examine(FIXED), "model", "tiny")
    assert tiny.state == "present"
    assert tiny.detail == f"75 MB from a stick, in {tmp_path}"


def test_the_libraries_and_their_extras_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for library in doctor.LIBRARIES:
        brought_by = [extras[name] for name in library.extras] or [project["dependencies"]]
        for requirements in brought_by:
            assert any(re.match(rf"{library.name}\b", one) for one in requirements), library


async def test_absent_libraries_and_programs_have_a_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    more = (Library("no-such-library", "nothing", ("piper", "embedded")), Library("nor-this", "it"))
    monkeypatch.setattr(doctor, "LIBRARIES", (*doctor.LIBRARIES, *more))
    report = await doctor.examine(FIXED)
    flite = found(report, "program", "flite")
    assert (flite.state, flite.remedy) == ("absent", "apt-get install flite")
    absent = found(report, "library", "no-such-library")
    assert (absent.state, absent.remedy) == ("absent", 'pip install "frametalk[piper]"')
    assert found(report, "library", "nor-this").remedy == "pip install nor-this"
    assert report.ok, "no server needs them"


# ---- output --------------------------------------------------------------------------------------


def test_the_table_shows_what_failed_and_the_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    doctor.show(Report((Finding("engine", "tts: x", "failed", "no [card]", "buy one"),)))
    printed = capsys.readouterr().out
    assert "no [card]" in printed
    assert "buy one" in printed
    assert "Not ready: tts: x." in printed


def test_the_command_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "--json", *FLAGS]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is True
    assert {"area", "name", "state", "detail", "remedy"} == set(report["findings"][0])


def test_the_command_writes_a_file(tmp_path: Path) -> None:
    file = tmp_path / "doctor.json"
    assert cli.main(["doctor", "--json", str(file), *FLAGS]) == 0
    assert json.loads(file.read_text())["ok"] is True


def test_the_command_fails_if_an_engine_fails() -> None:
    assert cli.main(["doctor", *FLAGS, "--set", "tts.adapter=sam"]) == shared.FAILED
