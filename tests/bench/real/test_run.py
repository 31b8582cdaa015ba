"""The real suite: parts that are measured, skipped or fail, and what budgets make of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from conftest import ROOT
from frametalk.bench import suites
from frametalk.bench.budgets import read_budgets
from frametalk.bench.options import Options
from frametalk.bench.real import run
from frametalk.bench.real.folder import Absent
from frametalk.bench.samples import Distribution
from frametalk.errors import AdapterError, ConfigError, Stage

BUDGETS = ROOT / "latency_tests" / "budgets.toml"
KEPT: dict[str, dict[str, Any]] = {
    "conversation": {"mouth_to_ear_ms": {"commands": Distribution.of([290] * 20)}},
    "word_error_rates": {
        "wer": {"commands": 0.02, "readings_base": 0.05, "readings_tiny": 0.1, "hints_delta": -0.01}
    },
    "nonspeech": {"nonspeech_believed": 0, "nonspeech_believed_n": 14},
    "finals": {"final_cpu_ratio": Distribution.of([0.2] * 20), "second_readings": 0.0},
    "concurrency": {"concurrent_final_ms": {"1": Distribution.of([200] * 6)}},
    "actions": {"false_actions": 0, "false_actions_n": 24},
    "roundtrip": {"roundtrip_wer": 0.05},
    "lips": {"lip_shift_ms": {"joe": -10, "espeak": 5}},
    "pause_rates": {"split_turn_rate": 0.04, "false_cut_rate": 0.1},
    "model": {"prompt_tokens": 480},
}
PutParts = Callable[..., Options]


@pytest.fixture
def put_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> PutParts:
    """Replace all parts by stand-ins that keep their budgets; one given by name returns or raises that."""

    def put(**special: Any) -> Options:
        for name, kept in KEPT.items():
            module = ModuleType(name)
            outcome = special.get(name, kept)

            async def measure(_context: Any, outcome: Any = outcome) -> dict[str, Any]:
                if isinstance(outcome, Exception):
                    raise outcome
                return outcome

            module.measure = measure  # type: ignore[attr-defined]
            monkeypatch.setitem(sys.modules, f"frametalk.bench.real.{name}", module)
        return Options(models=tmp_path)

    return put


async def test_every_part_s_values_are_in_the_report(put_parts: PutParts) -> None:
    report = msgspec.to_builtins(await run.real(put_parts()))
    assert report["skipped"] == report["failed"] == {}
    for values in KEPT.values():
        assert {key: report[key] for key in values} == msgspec.to_builtins(values)


async def test_an_absent_model_is_skipped_and_a_fault_is_not(put_parts: PutParts) -> None:
    fault = AdapterError("hear_failed", "no memory", stage=Stage.HEAR, remedy="buy some")
    options = put_parts(lips=Absent("no voice"), finals=ExceptionGroup("its tasks", [fault]))
    report = await run.real(options)
    assert report.skipped == {"lip_shift_ms": "no voice"}
    assert report.failed == {"finals": "hear_failed: no memory (buy some)"}
    assert report.false_actions == 0


async def test_a_quick_run_leaves_slow_parts_out_unless_they_are_named(
    put_parts: PutParts,
) -> None:
    options = msgspec.structs.replace(put_parts(), quick=True)
    report = await run.real(options)
    assert report.roundtrip_wer == 0.05
    assert (report.prompt_tokens, report.skipped["prompt_tokens"]) == (
        None,
        "left out of a quick run",
    )
    named = await run.real(msgspec.structs.replace(options, only=("model",)))
    assert (named.prompt_tokens, named.skipped["roundtrip_wer"]) == (480, "not asked for")


async def test_only_the_named_parts_are_measured(put_parts: PutParts) -> None:
    options = msgspec.structs.replace(put_parts(), only=("actions",))
    report = await run.real(options)
    assert report.false_actions == 0
    assert report.roundtrip_wer is None
    assert report.skipped["roundtrip_wer"] == "not asked for"
    with pytest.raises(ConfigError, match="no part 'lipss'"):
        await run.real(msgspec.structs.replace(options, only=("lipss",)))


async def test_a_folder_is_needed() -> None:
    with pytest.raises(ConfigError, match="name it with --models"):
        await run.real(Options())


def test_budgets_are_kept_missed_or_left_out(
    put_parts: PutParts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert suites.bench("real", put_parts(), budgets=BUDGETS) == 0
    assert capsys.readouterr().out.count(" kept ") == 16

    file = tmp_path / "real.json"
    options = put_parts(actions={"false_actions": 1}, model=Absent("no model"))
    assert suites.bench("real", options, json=file, budgets=BUDGETS) == 1
    printed = capsys.readouterr().out
    assert "MISSED: false_actions 1, at most 0" in printed
    assert "prompt_tokens not measured" not in printed
    assert json.loads(file.read_text())["skipped"]["prompt_tokens"] == "no model"

    only = msgspec.structs.replace(put_parts(), only=("words",))
    assert suites.bench("real", only, budgets=BUDGETS) == 0
    assert capsys.readouterr().out.count(" kept ") == 4


def test_a_part_that_failed_misses_its_budgets(put_parts: PutParts) -> None:
    fault = AdapterError("hear_failed", "no memory", stage=Stage.HEAR)
    assert suites.bench("real", put_parts(finals=fault), budgets=BUDGETS) == 1


def test_every_budget_is_of_a_part_s_value_and_has_a_reason() -> None:
    values = {value for part in run.PARTS.values() for value in part.values}
    limits = read_budgets(BUDGETS, "real")
    assert {limit.value.partition(".")[0] for limit in limits} <= values
    assert all(limit.why for limit in limits)
    assert set(run.RealReport.__struct_fields__) >= values
