"""What the README and the pages of docs/ promise: commands, links, and examples that run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from conftest import ROOT
from frametalk import cli
from frametalk.adapters import registry
from frametalk.adapters.base import SpeechRequest

README = (ROOT / "README.md").read_text(encoding="utf-8")
ENGINES = (ROOT / "docs" / "engines.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


# ---- commands ------------------------------------------------------------------------------------


def test_setting_up_takes_one_line_each_for_demo_and_tests() -> None:
    demo, tests = blocks(README, "sh")
    assert demo.count("\n") == tests.count("\n") == 1
    assert re.search(r'pip install "\.\[embedded\]" && .*frametalk demo$', demo)
    assert re.search(r'pip install -e "\.\[test\]" && .*python -m pytest$', tests)


def test_the_ci_script_runs_the_same_tests() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text(encoding="utf-8")
    assert "-r .ci/requirements.txt" in text  # the extra `test`, pinned: tests/test_pins.py
    assert text.splitlines()[-1] == "FRAMETALK_REQUIRE_ALL=1 python -m pytest -n 3"


def test_every_named_extra_exists() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = set(re.findall(r"\[(\w+)\]\"", README + ENGINES))
    assert named
    assert named <= set(project["optional-dependencies"])


def test_every_command_is_in_the_table() -> None:
    table = set(re.findall(r"^\| `frametalk ([\w-]+)", README, re.MULTILINE))
    usage = cli.parser().format_help()
    assert table == set(re.findall(r"^    ([\w-]+) ", usage, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_have_a_target(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    dead = [target for target in targets if not (page.parent / target).exists()]
    assert dead == []


# ---- docs/engines.md -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", registry.STAGES)
def test_the_table_of_engines_is_complete(kind: registry.Kind) -> None:
    table = re.findall(rf"^\| `{kind}` \| `([\w+]+)` \|", ENGINES, re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert sorted(table) == sorted(project["entry-points"][f"frametalk.{kind}"])


async def test_the_example_of_an_adapter_speaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, _tested = blocks(ENGINES, "python")
    (declared,) = (block for block in blocks(ENGINES, "toml") if "entry-points" in block)
    points = tomllib.loads(declared)["project"]["entry-points"]["frametalk.tts"]
    info = tmp_path / "beeper-1.0.dist-info"
    info.mkdir()
    (tmp_path / "beeper.py").write_text(source, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: beeper\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[frametalk.tts]\nbeeper = {points['beeper']}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "beeper", raising=False)

    voice = registry.create("tts", "beeper", {"pitch_hz": 220})
    await voice.start()
    chunks = [chunk async for chunk in voice.speak(SpeechRequest("two beeps"))]
    await voice.close()
    await voice.close()

    marks = [mark for chunk in chunks for mark in chunk.marks]
    samples = sum(len(chunk.pcm) for chunk in chunks) // 2
    assert [mark.name for mark in marks if mark.kind == "word"] == ["two", "beeps"]
    assert max(mark.end for mark in marks) == samples
    assert marks[-1].name == "sil"


def test_the_example_of_an_adapter_passes_the_conformance_suite(tmp_path: Path) -> None:
    source, tested = blocks(ENGINES, "python")
    (tmp_path / "beeper.py").write_text(source, encoding="utf-8")
    (tmp_path / "test_beeper.py").write_text(tested, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\npythonpath = . {ROOT / 'tests'}\n"
        "asyncio_default_fixture_loop_scope = function\n"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", str(tmp_path)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout
    assert " passed" in ran.stdout
