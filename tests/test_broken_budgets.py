"""latency_tests/broken_budgets.py and delays.py: what counts as noticed, and where a delay is put."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from bench_players import a_script, played
from conftest import ROOT
from frametalk.bench.budgets import read_budgets
from frametalk.bench.overhead import run
from frametalk.headless.mic import Microphone
from frametalk.headless.playback import Playback
from frametalk.pipeline.reply import Reply
from frametalk.trace import STAGES

FOLDER = ROOT / "latency_tests"
LIMITS = {
    each.stage: each
    for each in read_budgets(FOLDER / "budgets.toml", "overhead")
    if each.engines == "scripted"
}
STEP_MS = 2.0


def module(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module(name)


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Any:
    return module("broken_budgets", monkeypatch)


def a_report(*slower: str) -> dict[str, Any]:
    """A run in which some stages take 30 ms longer than they are set to, and the others 3."""
    stages = {
        stage: {"p50": limit.base + (30 if stage in slower else 3)}
        for stage, limit in LIMITS.items()
    }
    calibration = {name: {"p50": STEP_MS} for name in ("loop_us", "step_ms")}
    return {"sessions": 4, "traced": {"stages_ms": stages}, "calibration": calibration}


@pytest.mark.parametrize("slower", [(), ("recognition",), ("recognition", "sending")])
def test_stages_that_miss_their_budget_are_named(program: Any, slower: tuple[str, ...]) -> None:
    assert program.stages_missed(a_report(*slower)) == list(slower)


@pytest.mark.parametrize(
    ("broken", "missed", "right"),
    [
        ("recognition", ["recognition"], True),
        ("recognition", [], False),
        ("recognition", ["sending"], False),
        ("recognition", ["recognition", "sending"], False),
        ("recognition", list(LIMITS), False),
        ("", [], True),
        ("", ["sending"], False),
    ],
)
def test_a_run_is_right_if_it_names_what_is_slower_and_nothing_else(
    program: Any, broken: str, missed: list[str], right: bool
) -> None:
    assert program.Outcome(broken, missed).right is right


def test_every_stage_with_a_budget_is_made_slower_in_some_run(program: Any) -> None:
    assert set(program.BROKEN) == set(LIMITS)
    assert set(LIMITS) <= set(STAGES)


def test_a_run_that_names_every_stage_is_not_counted_as_noticed(
    program: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    reports = [a_report("capture"), a_report(), a_report(*LIMITS), a_report("sending")]
    monkeypatch.setattr(program, "measure", lambda _delay, seed: reports.pop(0))
    file = tmp_path / "broken.json"
    monkeypatch.setattr(sys, "argv", ["broken_budgets.py", "--runs", "2", "--json", str(file)])
    program.main()
    said = capsys.readouterr().out.splitlines()[-1]
    assert said == (
        "with a slower stage: 1 of 2 named it and no other; without: 1 of 2 missed a budget"
    )
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(line["broken"], line["right"]) for line in lines] == [
        ("capture", True),
        ("", True),
        ("endpoint_wait", False),
        ("", False),
    ]


def test_the_code_that_makes_a_stage_slower_is_python(program: Any) -> None:
    for delay in program.BROKEN.values():
        compile(delay.bench, "bench", "exec")
    assert "delays.sending(0.03)" in program.BROKEN["sending"].bench
    assert program.NONE.bench == program.BENCH


async def parts_ms() -> dict[str, float]:
    """What each part of a turn takes, by the players' clock, on virtual time."""
    result = (await played(a_script(turns=8))).result
    assert result.lost == []
    return {
        name: median(turn.parts_ms[name] for turn in result.turns)
        for name in result.turns[0].parts_ms
    }


@pytest.mark.looptime
@pytest.mark.parametrize(
    ("stage", "part"),
    [("capture", "client_late"), ("sending", "overhead"), ("client_buffer", "client_buffer")],
)
async def test_a_delay_is_in_its_part_of_the_turn_and_in_no_other(
    stage: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = await parts_ms()
    for kind, name in ((Microphone, "__init__"), (Reply, "room_for"), (Playback, "_run")):
        monkeypatch.setattr(kind, name, getattr(kind, name))  # so that it is as before afterwards
    getattr(module("delays", monkeypatch), stage)(0.03)
    longer = {name: ms - usual[name] for name, ms in (await parts_ms()).items()}
    assert longer.pop(part) == pytest.approx(30, abs=2)
    # The ends of windows of 32 ms and frames of 20 ms fall elsewhere.
    assert longer == pytest.approx(dict.fromkeys(longer, 0), abs=12)


def test_the_words_of_the_reply_are_one_clause_that_is_whole_with_the_last(program: Any) -> None:
    (setting,) = program.BROKEN["first_clause"].settings
    tokens_per_s = float(setting.partition("=")[2])
    assert (len(run.REPLY.split()) - 1) * 1000 / tokens_per_s == pytest.approx(30)
