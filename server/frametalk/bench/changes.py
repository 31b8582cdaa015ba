"""What moved between the values of two results: distributions, outcomes of trials, other numbers."""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from typing import TYPE_CHECKING, Any

import msgspec

from frametalk.bench.intervals import distributions
from frametalk.bench.statistics import median_interval, percentile_change, sign_test

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LEVEL = 0.99  # of an interval; a table has tens of rows
FEWEST = 8  # values for a median
FEWEST_FOR_P95 = 40
# Values that say what a run was, not how it went.
NOT_MEASURED = ("calibration", "machine", "versions", "runs", "repeats", "sessions", "turns")


class Change(msgspec.Struct, frozen=True):
    """One value of both results. `by` is new less old; `low` and `high` are its confidence interval.

    `pairs`: so many pairs were compared; 0: the values are not paired. `n`: values in the old and the
    new result. `moved`: beyond noise; None: there are too few values to tell.
    """

    value: str
    old: float
    new: float
    by: float
    low: float | None
    high: float | None
    n: tuple[int, int]
    pairs: int
    moved: bool | None


# ---- distributions -------------------------------------------------------------------------------


def times(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """The median of every distribution, and the 95th percentile where there are enough values."""
    after = dict(distributions(new))
    seen = set()
    for path, found in distributions(old):
        beside = after.get(path)
        if path.partition(".")[0] in NOT_MEASURED or not beside or not (found["n"] and beside["n"]):
            continue
        if (same := (tuple(found["values"]), tuple(beside["values"]))) in seen:
            continue
        seen.add(same)
        spread = max(_spread(old, path), _spread(new, path))
        yield _median(path, found, beside, spread)
        if min(found["n"], beside["n"]) >= FEWEST_FOR_P95:
            yield _p95(path, found, beside, spread)


def _median(path: str, old: Mapping[str, Any], new: Mapping[str, Any], spread: float) -> Change:
    pairs = _pairs(old, new)
    n, name = (old["n"], new["n"]), f"{path}.p50"
    if len(pairs) >= FEWEST:
        found = median_interval([after - before for before, after in pairs], LEVEL)
    elif min(n) >= FEWEST:
        pairs = []
        found = percentile_change(old["values"], new["values"], 0.5, LEVEL, paired=False)
    else:
        pairs, found = [], None
    return _change(name, (old["p50"], new["p50"]), found, n, len(pairs), spread)


def _p95(path: str, old: Mapping[str, Any], new: Mapping[str, Any], spread: float) -> Change:
    pairs = _pairs(old, new)
    n = (old["n"], new["n"])
    if len(pairs) >= FEWEST_FOR_P95:
        before, after = zip(*pairs, strict=True)
        found = percentile_change(before, after, 0.95, LEVEL, paired=True)
    else:
        pairs = []
        found = percentile_change(old["values"], new["values"], 0.95, LEVEL, paired=False)
    return _change(f"{path}.p95", (old["p95"], new["p95"]), found, n, len(pairs), spread)


def _change(
    name: str,
    both: tuple[float, float],
    found: tuple[float, float, float] | None,
    n: tuple[int, int],
    pairs: int,
    spread: float,
) -> Change:
    old, new = both
    if found is None:
        return Change(name, old, new, round(new - old, 3), None, None, n, 0, None)
    by, low, high = (round(each, 3) for each in found)
    moved = (low > 0 or high < 0) and abs(by) > spread
    return Change(name, old, new, by, low, high, n, pairs, moved)


def _pairs(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[float, float]]:
    """The values of both with the same key; the median where a key was measured several times."""
    before, after = _by_key(old), _by_key(new)
    return [(before[key], after[key]) for key in before if key in after]


def _by_key(found: Mapping[str, Any]) -> dict[str, float]:
    values: dict[str, list[float]] = defaultdict(list)
    for key, value in zip(found["keys"], found["values"], strict=False):
        values[key].append(value)
    return {key: median(several) for key, several in values.items()}


def _spread(data: Mapping[str, Any], path: str) -> float:
    """How far the medians of the runs of one result lie apart; 0 for a single run."""
    medians = [
        found["p50"]
        for run in data.get("runs", ())
        for name, found in distributions(run)
        if name == path and found["p50"] is not None
    ]
    return max(medians) - min(medians) if medians else 0.0


# ---- outcomes of trials, and other numbers -------------------------------------------------------


def rates(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Shares of trials with an outcome, such as split turns, trial by trial."""
    after = dict(_trials(new))
    for path, trials in _trials(old):
        fields = [name for name, value in trials[0].items() if isinstance(value, bool)]
        for field in fields:
            before, later = (_shares(each, field) for each in (trials, after.get(path, [])))
            pairs = [(before[key], later[key]) for key in before if key in later]
            if not pairs:
                continue
            fewer = sum(b > a for b, a in pairs)
            more = sum(b < a for b, a in pairs)
            was, now = (round(sum(column) / len(pairs), 4) for column in zip(*pairs, strict=True))
            n, moved = (len(trials), len(after[path])), sign_test(fewer, more) < 1 - LEVEL
            by = round(now - was, 4)
            yield Change(f"{path}.{field}", was, now, by, None, None, n, len(pairs), moved)


def _trials(
    data: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    for name, value in data.items():
        here = f"{path}.{name}" if path else name
        if name in NOT_MEASURED and not isinstance(value, list):
            continue
        if isinstance(value, dict):
            yield from _trials(value, here)
        elif isinstance(value, list) and value and isinstance(value[0], dict) and "id" in value[0]:
            yield here, value


def _shares(trials: Sequence[Mapping[str, Any]], field: str) -> dict[str, float]:
    outcomes: dict[str, list[bool]] = defaultdict(list)
    for trial in trials:
        outcomes[trial["id"]].append(bool(trial[field]))
    return {key: sum(several) / len(several) for key, several in outcomes.items()}


def numbers(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Other numbers: they moved if those of all runs of one result lie beyond those of the other."""
    after = dict(_plain(new))
    for path, value in _plain(old):
        if path not in after:
            continue
        before, later = (
            [found[path] for run in data.get("runs", ()) if path in (found := dict(_plain(run)))]
            for data in (old, new)
        )
        moved = None
        if min(len(before), len(later)) > 1:
            moved = max(before) < min(later) or max(later) < min(before)
        if moved is None and value == after[path]:
            continue
        by, n = round(after[path] - value, 4), (max(1, len(before)), max(1, len(later)))
        yield Change(path, value, after[path], by, None, None, n, 0, moved)


def _plain(data: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, float]]:
    for name, value in data.items():
        here = f"{path}.{name}" if path else name
        if not path and name in NOT_MEASURED:
            continue
        if isinstance(value, dict) and "values" not in value:
            yield from _plain(value, here)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield here, value
