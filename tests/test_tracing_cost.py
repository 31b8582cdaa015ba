"""latency_tests/tracing_cost.py: pairs of runs and what they say, and the server without traces."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT

CHECK = """
from frametalk.trace import Step, TurnTrace
seen = []
turn = TurnTrace()
turn.mark("recognition", 1.0)
Step("speak", lambda: 0.0, lambda *ended: seen.append(ended)).end()
print(len(turn.instants), len(seen))
"""


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "latency_tests"))
    return importlib.import_module("tracing_cost")


def pairs(*ratios: float) -> list[dict[str, float]]:
    return [{"with": 2.0 * each, "without": 2.0} for each in ratios]


def test_the_result_is_the_median_of_the_pairs_ratios(program: Any) -> None:
    middle, low, high = program.ratio(pairs(1.0, 1.01, 1.02, 1.03, 1.04, 1.05, 9.0, 1.0))
    assert middle == pytest.approx(1.025)
    assert (low, high) == (pytest.approx(1.0), pytest.approx(9.0))


def test_a_few_pairs_have_no_interval(program: Any) -> None:
    assert program.ratio(pairs(1.0, 1.2)) == (pytest.approx(1.1), None, None)


def test_runs_alternate_and_both_of_a_pair_play_the_same_conversation(
    program: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs = []

    def cpu_s(start: str, seed: int, turns: int) -> float:
        runs.append((seed, start == program.WITH))
        return 1.5 if start == program.WITH else 1.0

    monkeypatch.setattr(program, "cpu_s", cpu_s)
    file = tmp_path / "tracing.json"
    monkeypatch.setattr(sys, "argv", ["tracing_cost.py", "--pairs", "2", "--json", str(file)])
    program.main()
    assert runs == [(0, False), (0, True), (1, True), (1, False)]
    assert [json.loads(line) for line in file.read_text().splitlines()] == [
        {"with": 1.5, "without": 1.0}
    ] * 2
    said = capsys.readouterr().out.splitlines()[-1]
    assert said == "with / without: 1.5000, 95 % interval: needs more pairs"


@pytest.mark.parametrize(("without", "left"), [(False, "1 1"), (True, "0 0")])
def test_a_server_without_traces_marks_and_times_nothing(
    program: Any, without: bool, left: str
) -> None:
    code = (program.WITHOUT if without else "") + CHECK
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stdout.strip() == left
