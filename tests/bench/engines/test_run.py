"""The engines suite: parts that are measured, skipped, or fail."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from conftest import ROOT
from frametalk.bench import progress, suites
from frametalk.bench.budgets import read_budgets
from frametalk.bench.engines import run as engines
from frametalk.bench.options import Options
from frametalk.bench.samples import Distribution
from frametalk.errors import AdapterError, ConfigError, Stage


class Measured(msgspec.Struct, frozen=True):
    """A stand-in for a part's result, with the values that budgets name."""

    final_ratio: float = 0.1
    first_sound_ratio_100: float = 0.5
    first_sound_ratio_200: float = 0.4
    chunk_error: float = 2e-8
    overhead_ms: float = 1.5
    faults_answered: int = 16
    unauthorised_calls: int = 0
    kills_survived: int = 50
    times_ms: Distribution = Distribution.of([1, 2, 3])


Parts = Callable[..., None]


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Parts:
    """Replace all parts by stand-ins; a part given by name returns or raises that value."""

    def put(**special: Any) -> None:
        for name in engines.PARTS:
            module = ModuleType(name)
            outcome = special.get(name, Measured())

            async def measure(outcome: Any = outcome) -> Measured:
                if isinstance(outcome, Exception):
                    raise outcome
                return outcome

            module.measure = measure  # type: ignore[attr-defined]
            monkeypatch.setitem(sys.modules, f"frametalk.bench.engines.{name}", module)

    all_of_them = {
        "whisper": engines.Part(("faster_whisper",), "whisper"),
        "piper": engines.Part(("piper", "onnx"), "piper"),
        "mind": engines.Part(("openai",), "openai"),
        "workers": engines.Part(("pocketsphinx",), "embedded"),
    }
    monkeypatch.setattr(engines, "PARTS", all_of_them)
    monkeypatch.setattr(engines, "find_spec", lambda _package: object())
    return put


async def test_every_part_is_reported_under_its_name(parts: Parts) -> None:
    parts()
    report = msgspec.to_builtins(await engines.engines(Options()))
    assert report["skipped"] == {}
    assert report["whisper"]["final_ratio"] == 0.1
    assert {report[name]["kills_survived"] for name in engines.PARTS} == {50}


async def test_a_part_without_its_packages_is_skipped_with_the_command_to_install_them(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts()
    monkeypatch.setattr(engines, "find_spec", lambda name: None if name == "piper" else object())
    report = await engines.engines(Options())
    assert report.piper is None
    assert report.skipped == {"piper": 'piper not installed (pip install "frametalk[piper]")'}
    assert report.mind is not None


NO_PORT = AdapterError("think_failed", "no port", stage=Stage.THINK, remedy="free one")


@pytest.mark.parametrize("failure", [NO_PORT, ExceptionGroup("its tasks", [NO_PORT])])
async def test_the_other_parts_go_on_when_one_fails(parts: Parts, failure: Exception) -> None:
    parts(mind=failure)
    report = await engines.engines(Options())
    assert report.mind is None
    assert "no port (free one)" in report.skipped["mind"]
    assert report.workers is not None


async def test_only_the_parts_of_only_are_measured(parts: Parts) -> None:
    parts()
    report = await engines.engines(Options(only=("whisper",)))
    assert report.whisper is not None
    assert report.skipped == dict.fromkeys(("piper", "mind", "workers"), "not asked for")
    with pytest.raises(ConfigError, match="no part 'recogniser'"):
        await engines.engines(Options(only=("recogniser",)))


def test_a_missed_budget_of_a_part_that_is_left_out_does_not_count(
    parts: Parts, capsys: pytest.CaptureFixture[str]
) -> None:
    file = ROOT / "latency_tests" / "budgets.toml"
    parts()
    assert suites.bench("engines", Options(), budgets=file) == 0
    assert capsys.readouterr().out.count(" kept ") == 8
    parts(whisper=Measured(final_ratio=0.3))
    assert suites.bench("engines", Options(), budgets=file) == 1
    assert "MISSED: whisper.final_ratio 0.3, at most 0.2" in capsys.readouterr().out
    assert suites.bench("engines", Options(only=("piper",)), budgets=file) == 0
    assert capsys.readouterr().out.count(" kept ") == 3


def test_a_part_that_was_not_measured_misses_its_budgets(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts()
    monkeypatch.setattr(engines, "find_spec", lambda name: None if name == "openai" else object())
    assert suites.bench("engines", Options(), budgets=ROOT / "latency_tests" / "budgets.toml") == 1


def test_every_part_has_budgets_with_a_reason() -> None:
    limits = read_budgets(ROOT / "latency_tests" / "budgets.toml", "engines")
    assert {one.value.partition(".")[0] for one in limits} == set(engines.PARTS)
    assert all(one.why for one in limits)


def test_other_suites_have_no_parts(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no parts"):
        suites.bench("overhead", Options(only=("whisper",)), json=tmp_path / "none.json")


async def test_a_quick_run_passes_each_part_what_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda _package: object())
    passed: dict[str, dict[str, Any]] = {}
    for name in engines.PARTS:
        real = importlib.import_module(f"frametalk.bench.engines.{name}").measure

        async def measure(name: str = name, real: Any = real, **arguments: Any) -> Measured:
            inspect.signature(real).bind(**arguments)
            passed[name] = arguments
            return Measured()

        monkeypatch.setattr(f"frametalk.bench.engines.{name}.measure", measure)
    await engines.engines(Options(quick=True))
    assert set(passed) == set(engines.PARTS)
    assert all(passed.values())


def test_counts_that_a_quick_run_cannot_reach_have_no_budget(
    parts: Parts, capsys: pytest.CaptureFixture[str]
) -> None:
    file = ROOT / "latency_tests" / "budgets.toml"
    parts(workers=Measured(kills_survived=1), mind=Measured(faults_answered=2))
    assert suites.bench("engines", Options(quick=True), budgets=file) == 0
    assert capsys.readouterr().out.count(" kept ") == 8 - len(engines.NOT_QUICK)


async def test_parts_that_were_not_reached_are_said_when_the_bench_is_stopped(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts(piper=ValueError("stopped here"))
    so_far = progress.watch()
    with pytest.raises(ValueError, match="stopped here"):
        await engines.engines(Options())
    assert so_far.report is not None
    report = so_far.report()
    assert report.whisper == Measured()
    assert report.skipped == dict.fromkeys(("piper", "mind", "workers"), engines.STOPPED)
