"""Runs a suite once or several times, beside a calibration, and keeps what was measured before a Ctrl-C."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from frametalk.bench.calibration import Calibration, calibrated
from frametalk.bench.pooled import pooled
from frametalk.bench.progress import watch
from frametalk.bench.report import this_machine, versions

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence


class Run(NamedTuple):
    """One run of a suite: its report, as an object and as plain data, and whether it was stopped."""

    report: Any
    data: dict[str, Any]
    stopped: bool


class Result(NamedTuple):
    """All runs of a suite. `report` and `data` are those of all runs together."""

    report: Any
    data: dict[str, Any]
    runs: list[dict[str, Any]]
    stopped: bool


def repeated(measure: Callable[[], Coroutine[Any, Any, Any]], repeats: int) -> Result | None:
    """Run a suite `repeats` times, or until Ctrl-C; None if nothing was measured before that."""
    runs: list[Run] = []
    for number in range(repeats):
        if repeats > 1:
            print(f"run {number + 1} of {repeats} ...", file=sys.stderr, flush=True)
        try:
            run = asyncio.run(_once(measure))
        except KeyboardInterrupt:  # a second Ctrl-C, while the suite was ending
            break
        if run is None:
            break
        runs.append(run)
        if run.stopped:
            break
    return _together(runs, repeats) if runs else None


async def _once(measure: Callable[[], Coroutine[Any, Any, Any]]) -> Run | None:
    """One run; None if it was stopped before anything was measured."""
    so_far = watch()
    task = asyncio.current_task()
    stopped, report = False, None
    async with calibrated() as calibration:
        try:
            report = await measure()
        except BaseException:
            # asyncio.run cancels its task at Ctrl-C; anything else is a failure of the suite.
            if task is None or not task.cancelling():
                raise
            task.uncancel()
            stopped = True
            report = so_far.report() if so_far.report is not None else None
    return None if report is None else Run(report, _data(report, calibration), stopped)


def _data(report: Any, calibration: Calibration) -> dict[str, Any]:
    """The report with the facts that its numbers depend on."""
    data: dict[str, Any] = msgspec.to_builtins(report)
    data.setdefault("sessions", 1)
    data.setdefault("machine", msgspec.to_builtins(this_machine()))
    data.setdefault("versions", versions())
    data["calibration"] = msgspec.to_builtins(calibration)
    return data


def _together(runs: Sequence[Run], repeats: int) -> Result:
    stopped = len(runs) < repeats or runs[-1].stopped
    report = pooled([run.report for run in runs])
    data = {**runs[0].data, **msgspec.to_builtins(report)}
    data["calibration"] = pooled([run.data["calibration"] for run in runs])
    data |= {"repeats": len(runs), "stopped": stopped}
    each = [run.data for run in runs]
    if len(runs) > 1:
        data["runs"] = each
    return Result(report, data, each, stopped)
