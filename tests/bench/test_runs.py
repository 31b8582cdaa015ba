"""Runs of a suite: repeats, the facts beside the numbers, Ctrl-C and SIGTERM."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import pytest

from frametalk.bench.progress import keep
from frametalk.bench.runs import repeated
from frametalk.bench.samples import Distribution
from frametalk.errors import FrametalkError, Interrupted, Stage

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


def sigterm() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def ignored(number: signal.Signals) -> Iterator[None]:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(number, before)


def test_every_run_is_kept_with_its_machine_versions_and_speed():
    found = repeated(Suite().measure, 2)
    assert found.report.wait_ms.values == (1, 10, 2, 20)
    assert (found.data["repeats"], found.data["stopped"]) == (2, False)
    assert found.stopped_by is None
    assert [list(run["wait_ms"]["values"]) for run in found.data["runs"]] == [[1, 10], [2, 20]]
    for run in (found.data, *found.data["runs"]):
        assert run["machine"]["cores"] >= 1
        assert run["versions"]["frametalk"]
        assert run["calibration"]["loop_us"]["p50"] > 0


@pytest.mark.parametrize(
    ("send", "by"), [(ctrl_c, signal.SIGINT), (sigterm, signal.SIGTERM)], ids=["Ctrl-C", "SIGTERM"]
)
def test_a_signal_keeps_what_was_measured(send, by, capsys):
    found = repeated(Suite(2, send).measure, 3)
    assert found.stopped_by == by
    assert found.data["stopped"]
    assert found.report.wait_ms.values == (1, 10, 2)
    assert capsys.readouterr().err.splitlines() == ["run 1 of 3 ...", "run 2 of 3 ..."]


def test_sigterm_works_where_ctrl_c_is_ignored_as_in_a_script():
    def both() -> None:
        ctrl_c()
        sigterm()

    with ignored(signal.SIGINT):
        found = repeated(Suite(1, both).measure, 2)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert (found.stopped_by, found.report.wait_ms.values) == (signal.SIGTERM, (1,))


def test_a_signal_that_is_sent_twice_at_once_keeps_what_was_measured():
    def twice() -> None:
        sigterm()
        sigterm()

    assert repeated(Suite(1, twice).measure, 1).report.wait_ms.values == (1,)


@pytest.mark.parametrize("send", [ctrl_c, sigterm])
def test_a_signal_before_anything_is_measured_interrupts(send):
    async def measure() -> Waits:
        send()
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(Interrupted):
        repeated(measure, 1)


def test_the_signals_mean_what_they_did_before_when_all_is_measured():
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    repeated(Suite().measure, 1)
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def test_a_suite_that_fails_keeps_what_was_measured(capsys):
    def fail() -> None:
        raise FrametalkError("bench_failed", "a player ended", stage=Stage.CONFIG)

    found = repeated(Suite(2, fail).measure, 3)
    assert found.report.wait_ms.values == (1, 10, 2)
    assert found.data["stopped"]
    assert found.failure is not None
    assert found.failure.text == "a player ended"
    assert capsys.readouterr().err.splitlines() == ["run 1 of 3 ...", "run 2 of 3 ..."]


def test_a_suite_that_fails_before_anything_is_measured_fails_with_its_own_error():
    async def measure() -> Waits:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
        raise AssertionError

    async def fail() -> None:
        raise FrametalkError("bench_failed", "a player ended", stage=Stage.CONFIG)

    with pytest.raises(FrametalkError, match="a player ended"):
        repeated(measure, 1)


def test_a_suite_that_fails_fails():
    async def measure() -> Waits:
        raise ValueError("no server")

    with pytest.raises(ValueError, match="no server"):
        repeated(measure, 1)
