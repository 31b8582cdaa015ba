"""Runs of a suite: repeats, the facts beside the numbers, and Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

import msgspec
import pytest

from frametalk.bench.progress import keep
from frametalk.bench.runs import repeated
from frametalk.bench.samples import Distribution

pytestmark = pytest.mark.real  # a process measures the machine's speed beside each run


class Waits(msgspec.Struct):
    wait_ms: Distribution
    suite: str = "waits"


class Suite:
    """Measures two values a run; `then` is called between them, in run number `when`."""

    def __init__(self, when: int = 0, then: Callable[[], None] = lambda: None) -> None:
        self.runs = 0
        self._when, self._then = when, then

    async def measure(self) -> Waits:
        self.runs += 1
        values = [float(self.runs)]
        keep(lambda: Waits(Distribution.of(values)))
        if self.runs == self._when:
            self._then()
            await asyncio.Event().wait()
        values.append(10.0 * self.runs)
        return Waits(Distribution.of(values))


def ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_every_run_is_kept_with_its_machine_versions_and_speed():
    found = repeated(Suite().measure, 2)
    assert found is not None
    assert found.report.wait_ms.values == (1, 10, 2, 20)
    assert (found.data["repeats"], found.data["stopped"]) == (2, False)
    assert [list(run["wait_ms"]["values"]) for run in found.data["runs"]] == [[1, 10], [2, 20]]
    for run in (found.data, *found.data["runs"]):
        assert run["machine"]["cores"] >= 1
        assert run["versions"]["frametalk"]
        assert run["calibration"]["loop_us"]["p50"] > 0


def test_ctrl_c_keeps_what_was_measured(capsys):
    found = repeated(Suite(2, ctrl_c).measure, 3)
    assert found is not None
    assert found.stopped
    assert found.report.wait_ms.values == (1, 10, 2)
    assert capsys.readouterr().err.splitlines() == ["run 1 of 3 ...", "run 2 of 3 ..."]


def test_ctrl_c_before_anything_is_measured_leaves_nothing():
    async def measure() -> Waits:
        ctrl_c()
        await asyncio.Event().wait()
        raise AssertionError

    assert repeated(measure, 1) is None


def test_a_suite_that_fails_fails():
    async def measure() -> Waits:
        raise ValueError("no server")

    with pytest.raises(ValueError, match="no server"):
        repeated(measure, 1)
