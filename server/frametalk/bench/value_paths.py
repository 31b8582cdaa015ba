"""Paths into a report as plain data: `overhead_ms.p95`, `levels[sessions=100].cpu_core_share`."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

_STEP = re.compile(r"([^.\[\]]+)(?:\[([^.=\[\]]+)=([^=\[\]]+)\])?(?:\.(?!$)|$)")


class Step(NamedTuple):
    """A key of a map; with a `field`, the element of the list there whose field has the value `equals`."""

    key: str
    field: str = ""
    equals: str = ""


@cache
def steps(path: str) -> tuple[Step, ...]:
    """The steps of a path. Raises ValueError if it is not valid."""
    found: list[Step] = []
    at = 0
    while at < len(path) or not found:
        match = _STEP.match(path, at)
        if match is None:
            raise ValueError(
                f"{path!r} is no path: use names with dots between them, and of a list one element, "
                "as in levels[sessions=100].rss_mb"
            )
        found.append(Step(*(group or "" for group in match.groups())))
        at = match.end()
    return tuple(found)


def find(report: Any, path: str) -> Any:
    """What is at the path; None if nothing is. Raises ValueError if the path is not valid."""
    return _at(report, steps(path))


def parent(report: Any, path: str) -> Any:
    """The map with the last name of the path as a key, or None."""
    return _at(report, steps(path)[:-1])


def _at(value: Any, path: tuple[Step, ...]) -> Any:
    for step in path:
        value = value.get(step.key) if isinstance(value, dict) else None
        if step.field:
            value = _element(value, step)
    return value


def _element(value: Any, step: Step) -> Any:
    elements = value if isinstance(value, list | tuple) else ()
    named = (each for each in elements if isinstance(each, dict) and step.field in each)
    return next((each for each in named if str(each[step.field]) == step.equals), None)
