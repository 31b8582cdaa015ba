"""The reports of several runs of one suite as one report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median, median_high
from typing import Any

import msgspec

from frametalk.bench.intervals import RANKS
from frametalk.bench.samples import Distribution


def pooled(reports: Sequence[Any]) -> Any:
    """One report of the same type.

    Distributions have the values of all runs; where these are left out, their percentiles are numbers. A
    number is the median of the runs. Lists of trials, which have an `id`, are joined; other lists of the
    same length are pooled place by place. Everything else is that of the first run.
    """
    first = reports[0]
    if len(reports) == 1:
        return first
    if isinstance(first, Distribution):
        measured = [each for each in reports if isinstance(each, Distribution)]
        if any(each.n and not each.values for each in measured):
            ranks = (_number([getattr(each, rank) for each in measured]) for rank in RANKS)
            return type(first)(sum(each.n for each in measured), *ranks)
        return type(first).of(
            (value for each in measured for value in each.values),
            (key for each in measured for key in each.keys),
        )
    if isinstance(first, msgspec.Struct):
        alike = [each for each in reports if type(each) is type(first)]
        values = {
            name: pooled([getattr(each, name) for each in alike])
            for name in first.__struct_fields__
        }
        return msgspec.structs.replace(first, **values)
    if isinstance(first, Mapping):
        maps = [each for each in reports if isinstance(each, Mapping)]
        names = dict.fromkeys(name for each in maps for name in each)
        return {name: pooled([each[name] for each in maps if name in each]) for name in names}
    if isinstance(first, list | tuple):
        return _list([each for each in reports if isinstance(each, list | tuple)])
    return _number(reports)


def _list(lists: Sequence[Sequence[Any]]) -> Any:
    first = lists[0]
    if first and hasattr(first[0], "id"):
        return type(first)(item for each in lists for item in each)  # type: ignore[call-arg]
    if all(len(each) == len(first) for each in lists):
        return type(first)(map(pooled, zip(*lists, strict=True)))  # type: ignore[call-arg]
    return first


def _number(values: Sequence[Any]) -> Any:
    numbers = [value for value in values if isinstance(value, int | float)]
    if not numbers:
        return next((value for value in values if value is not None), None)
    if all(isinstance(value, int) for value in numbers):
        return median_high(numbers)
    return median(numbers)
