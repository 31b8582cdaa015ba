"""Budgets: limits of values in a report, for stages and sets of engines, some over the machine's speed."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import msgspec
from rich.table import Column, Table
from rich.text import Text

from frametalk.bench.value_paths import find, parent, steps
from frametalk.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NONE, ALL = float("-inf"), float("inf")


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of `value`, a path into the JSON (see value_paths), for runs with `sessions` (0: any number).

    `stage` and `engines` name what the value is the time of; where a result is of one set of `engines`,
    the budget is for results of that set. `base` is subtracted from the value: what is set or meant to be
    waited. With `per`, the path of another value, `min` and `max` are multiples of that value, so that a
    slow or busy machine has a higher limit.
    """

    value: str
    why: str
    max: float = ALL
    min: float = NONE
    sessions: int = 0
    stage: str = ""
    engines: str = ""
    base: float = 0.0
    per: str = ""

    def __post_init__(self) -> None:
        if self.min == NONE and self.max == ALL:
            raise ValueError("a budget needs min or max")
        for path in (self.value, *([self.per] if self.per else ())):
            steps(path)


class Verdict(msgspec.Struct, frozen=True):
    """A budget and the measured value; None: not measured, which misses the budget.

    `unit`: the value that the budget's limits are multiples of, else 1.
    """

    budget: Budget
    measured: float | None
    unit: float | None = 1.0

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the highest value that keep the budget."""
        unit = self.unit or 0.0
        return tuple(  # type: ignore[return-value]
            each if each in {NONE, ALL} else self.budget.base + each * unit
            for each in (self.budget.min, self.budget.max)
        )

    @property
    def kept(self) -> bool:
        """Whether the value is within the limits."""
        if self.measured is None or self.unit is None:
            return False
        low, high = self.limits
        return low <= self.measured <= high

    @property
    def limit(self) -> str:
        """The limits in words."""
        if self.unit is None:
            return f"{self.budget.per} was not measured"
        low, high = self.limits
        parts = [f"at least {low:.4g}"] if low != NONE else []
        return ", ".join(parts + ([f"at most {high:.4g}"] if high != ALL else []))

    def __str__(self) -> str:
        budget, measured = self.budget, "not measured"
        if self.measured is not None:
            measured = f"{self.measured:g}"
        state = "kept" if self.kept else "MISSED"
        engines = f" of the {budget.engines} engines" if budget.engines else ""
        stage = f"stage {budget.stage}{engines}: " if budget.stage else ""
        return f"{state}: {stage}{budget.value} {measured}, {self.limit}"


def read_budgets(file: Path, suite: str) -> list[Budget]:
    """The budgets of one suite. Raises ConfigError for a file that cannot be read or is not valid."""
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
        return msgspec.convert(tree.get(suite, []), list[Budget])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(
            f"{file}: {error}",
            remedy=f"write [[{suite}]] tables with value, why, and max or min",
        ) from None


def judge(
    report: dict[str, Any], budgets: Sequence[Budget], runs: Sequence[dict[str, Any]] = ()
) -> list[Verdict]:
    """A verdict on each budget that applies to this report (as plain data).

    A percentile is judged over the values of all `runs` together; any other number must keep its budget
    in each run.
    """
    measured = report.get("engines")
    engines = {"", measured} if isinstance(measured, str) else None
    applying = [
        budget
        for budget in budgets
        if budget.sessions in {0, report["sessions"]}
        and (engines is None or budget.engines in engines)
    ]
    return [_verdict(report, budget, runs) for budget in applying]


def _verdict(report: dict[str, Any], budget: Budget, runs: Sequence[dict[str, Any]]) -> Verdict:
    judged = [report] if _has_values(report, budget) or not runs else runs
    verdicts = [
        Verdict(
            budget,
            _number(find(each, budget.value)),
            _number(find(each, budget.per)) if budget.per else 1.0,
        )
        for each in judged
    ]
    return next((each for each in verdicts if not each.kept), verdicts[0])


def lacks_values(report: dict[str, Any], budget: Budget) -> bool:
    """Whether the value is a percentile of which some values were measured, but too few."""
    return _has_values(report, budget) and _number(find(report, budget.value)) is None


def _has_values(report: dict[str, Any], budget: Budget) -> bool:
    """Whether the value is of a distribution, all values of which are in the report."""
    distribution = parent(report, budget.value)
    return isinstance(distribution, dict) and bool(distribution.get("values"))


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def table(verdicts: Sequence[Verdict]) -> Table:
    """All budgets, those that are missed first."""
    staged = any(verdict.budget.stage for verdict in verdicts)
    columns = ("budget", *(("stage", "engines") if staged else ()), "measured", "limit", "")
    rows = Table(*(Column(name, overflow="fold") for name in columns), title="budgets")
    for verdict in sorted(verdicts, key=lambda each: each.kept):
        budget, measured = verdict.budget, verdict.measured
        rows.add_row(
            Text(budget.value),  # brackets are no markup
            *((budget.stage, budget.engines) if staged else ()),
            "-" if measured is None else f"{measured:g}",
            Text(verdict.limit),
            Text("kept", "green") if verdict.kept else Text("MISSED", "bold red"),
        )
    return rows
