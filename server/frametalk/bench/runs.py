"""Runs a suite once or several times, beside a calibration; an early end keeps what was measured."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from frametalk.bench.calibration import Calibration, calibrated
from frametalk.bench.interruption import Interruption, interruptible
from frametalk.bench.pooled import pooled
from frametalk.bench.progress import watch
from frametalk.bench.report import this_machine, versions
from frametalk.errors import FrametalkError, Interrupted, first_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence


class Run(NamedTuple):
    """One run of a suite: its report, as an object and as plain data, and why it ended early."""

    report: Any
    data: dict[str, Any]
    failure: FrametalkError | None


class Result(NamedTuple):
    """All runs of a suite. `report` and `data` are those of all runs together.

    `stopped_by`: the signal that ended it early; `failure`: what else did.
    """

    report: Any
    data: dict[str, Any]
    runs: list[dict[str, Any]]
    stopped_by: signal.Signals | None
    failure: FrametalkError | None


def repeated(measure: Callable[[], Coroutine[Any, Any, Any]], repeats: int) -> Result:
    """Run a suite `repeats` times, or until Ctrl-C or SIGTERM.

    A run that fails is the last. Raises Interrupted, or what the run failed of, if nothing was measured
    before that.
    """
    runs: list[Run] = []
    with interruptible() as interruption:
        try:
            for number in range(repeats):
                if repeats > 1:
                    print(f"run {number + 1} of {repeats} ...", file=sys.stderr, flush=True)
                run = asyncio.run(_once(measure, interruption))
                if run is not None:
                    runs.append(run)
                if interruption.by is not None or (run is not None and run.failure):
                    break
        except KeyboardInterrupt:  # a second signal, while the suite was ending
            pass
    if not runs:
        raise Interrupted(interruption.by or signal.SIGINT)
    return _together(runs, interruption.by)


async def _once(
    measure: Callable[[], Coroutine[Any, Any, Any]], interruption: Interruption
) -> Run | None:
    """One run; None if it was stopped before anything was measured."""
    so_far = watch()
    task = asyncio.current_task()
    report = failure = None
    async with calibrated() as calibration:
        try:
            interruption.cancels(task)
            report = await measure()
        except BaseException as error:
            report = so_far.report() if so_far.report is not None else None
            # A signal cancels the task, and so may a TaskGroup that fails.
            while task is not None and task.cancelling():
                task.uncancel()
            if interruption.by is None:
                first = first_of(error)
                if not isinstance(first, FrametalkError):
                    raise
                if report is None:
                    raise first from None
                failure = first
        finally:
            interruption.cancels(None)
    return None if report is None else Run(report, _data(report, calibration), failure)


def _data(report: Any, calibration: Calibration) -> dict[str, Any]:
    """The report with the facts that its numbers depend on."""
    data: dict[str, Any] = msgspec.to_builtins(report)
    data.setdefault("sessions", 1)
    data.setdefault("machine", msgspec.to_builtins(this_machine()))
    data.setdefault("versions", versions())
    data["calibration"] = msgspec.to_builtins(calibration)
    return data


def _together(runs: Sequence[Run], stopped_by: signal.Signals | None) -> Result:
    report = pooled([run.report for run in runs])
    data = {**runs[0].data, **msgspec.to_builtins(report)}
    data["calibration"] = pooled([run.data["calibration"] for run in runs])
    failure = runs[-1].failure
    data |= {"repeats": len(runs), "stopped": stopped_by is not None or failure is not None}
    each = [run.data for run in runs]
    if len(runs) > 1:
        data["runs"] = each
    return Result(report, data, each, stopped_by, failure)
