"""Runs a suite once or several times, beside a calibration; a signal does not lose what was measured."""

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
from frametalk.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence


class Run(NamedTuple):
    """One run of a suite: its report, as an object and as plain data."""

    report: Any
    data: dict[str, Any]


class Result(NamedTuple):
    """All runs of a suite. `report` and `data` are those of all runs together.

    `stopped_by`: the signal that ended it early.
    """

    report: Any
    data: dict[str, Any]
    runs: list[dict[str, Any]]
    stopped_by: signal.Signals | None


def repeated(measure: Callable[[], Coroutine[Any, Any, Any]], repeats: int) -> Result:
    """Run a suite `repeats` times, or until Ctrl-C or SIGTERM.

    Raises Interrupted if nothing was measured before that.
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
                if interruption.by is not None:
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
    report = None
    async with calibrated() as calibration:
        try:
            interruption.cancels(task)
            report = await measure()
        except BaseException:
            # A signal cancels the task; anything else is a failure of the suite.
            if task is None or not task.cancelling():
                raise
            task.uncancel()
            report = so_far.report() if so_far.report is not None else None
        finally:
            interruption.cancels(None)
    return None if report is None else Run(report, _data(report, calibration))


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
    data |= {"repeats": len(runs), "stopped": stopped_by is not None}
    each = [run.data for run in runs]
    if len(runs) > 1:
        data["runs"] = each
    return Result(report, data, each, stopped_by)
