"""Tables: the machine, percentiles with intervals, all other values, lists, and budgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from frametalk.bench.calibration import asleep
from frametalk.bench.html.markup import Child, Markup, details, element, short, table
from frametalk.bench.intervals import RANKS

if TYPE_CHECKING:
    from frametalk.bench.budgets import Verdict

FACTS = ("suite", "machine", "versions", "calibration", "settings", "runs")
SEVERAL = 3  # a list with more rows is shown on request
NOTHING = "–"


def facts(data: Mapping[str, Any]) -> Markup:
    """Where and with what it was measured."""
    machine, versions = data["machine"], data["versions"]
    shown = {**machine, **{f"{name} (version)": each for name, each in versions.items()}}
    for name, unit in (("loop_us", "us"), ("step_ms", "ms")):
        found = data.get("calibration", {}).get(name) or {}
        if found.get("p50") is not None:
            p95 = "" if found.get("p95") is None else f", p95 {short(found['p95'])}"
            what = f"calibration: {'loop' if unit == 'us' else 'step'}"
            shown[what] = f"{short(found['p50'])} {unit}{p95}"
    if slower := asleep(data.get("calibration", {})):
        shown["calibration: after a sleep"] = slower
    items = (
        element(
            "li", element("span", f"{str(name).replace('_', ' ')} "), element("b", _cell(value))
        )
        for name, value in shown.items()
    )
    settings = data.get("settings") or []
    lines = element("pre", "\n".join(map(str, settings)))
    rest = details(f"{len(settings)} settings of the server", lines) if settings else None
    return element("div", element("ul", items, class_="facts"), rest)


def percentiles(data: Mapping[str, Any]) -> Markup | None:
    """Every distribution, also those in lists: percentiles with their 95 % intervals."""
    rows = [
        (path, found.get("n"), *(_rank(found, rank) for rank in RANKS), *_ends(found))
        for path, found in _everywhere(data)
        if found.get("n")
    ]
    if not rows:
        return None
    return table(("measured", "n", *RANKS, "lowest", "highest"), rows)


def _everywhere(value: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """All distributions with their paths; an item of a list is named by what tells it from the others."""
    if isinstance(value, Mapping):
        if "values" in value and "p50" in value:
            yield path, value
            return
        for name, inner in value.items():
            if path or name != "runs":
                yield from _everywhere(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for n, item in enumerate(value):
            if isinstance(item, Mapping):
                yield from _everywhere(item, f"{path}[{_label(item, n)}]")


def _label(item: Mapping[str, Any], n: int) -> str:
    """What tells an item of a list from the others."""
    for name in ("name", "id", "sessions", "worker"):
        if isinstance(item.get(name), str | int):
            return f"{name} {item[name]}" if isinstance(item[name], int) else str(item[name])
    return str(n)


def _rank(found: Mapping[str, Any], rank: str) -> Child:
    value = found.get(rank)
    if value is None:
        return NOTHING
    bounds = found.get(f"{rank}_ci") or (None, None)
    said = ", ".join("?" if bound is None else short(bound) for bound in bounds)
    return [short(value), element("span", f" [{said}]", class_="dim")]


def _ends(found: Mapping[str, Any]) -> tuple[Child, Child]:
    values = found.get("values")
    return (short(min(values)), short(max(values))) if values else (NOTHING, NOTHING)


def others(data: Mapping[str, Any]) -> Markup | None:
    """Every value that is no distribution and in no list."""
    items = [
        element("li", element("span", path), element("b", _cell(value)))
        for path, value in _values(data, "")
    ]
    return element("ul", items, class_="values") if items else None


def _values(data: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        here = f"{path}.{name}" if path else str(name)
        if not path and name in FACTS:
            continue
        if isinstance(value, Mapping) and "values" not in value:
            yield from _values(value, here)
        elif not isinstance(value, Mapping | list):
            yield here, value


def lists(data: Mapping[str, Any], path: str = "") -> Iterator[Markup]:
    """A table for every list of things, with a column for each of their plain values."""
    for name, value in data.items():
        here = f"{path}.{name}" if path else str(name)
        if not path and name in FACTS:
            continue
        if isinstance(value, Mapping) and "values" not in value:
            yield from lists(value, here)
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            yield _list(value, here)


def _list(items: Sequence[Any], path: str) -> Markup:
    rows = [item for item in items if isinstance(item, Mapping)]
    names = list(dict.fromkeys(name for item in rows for name in item))
    names = [name for name in names if any(_is_plain(item.get(name)) for item in rows)]
    shown = table(names, ([_cell(item.get(name)) for name in names] for item in rows))
    return details(f"{path}: {len(rows)}", shown)


def _is_plain(value: Any) -> bool:
    return value is not None and (
        not isinstance(value, Mapping | list) or (isinstance(value, list) and _is_words(value))
    )


def _is_words(value: Sequence[Any]) -> bool:
    return bool(value) and all(isinstance(each, str) for each in value)


def _cell(value: Any) -> str:
    if value is None or isinstance(value, Mapping):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return short(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def budgets(verdicts: Sequence[Verdict]) -> Markup | None:
    """Those that were missed first, then those that could not be judged, then those that were kept."""
    if not verdicts:
        return None
    states = {"missed": 0, "not measured": 1, "kept": 2}
    judged = sorted(((_state(each), each) for each in verdicts), key=lambda pair: states[pair[0]])
    rows = [
        (
            [each.budget.value, element("small", each.budget.why, class_="dim")],
            each.budget.stage or NOTHING,
            each.budget.engines or NOTHING,
            NOTHING if each.measured is None else short(each.measured),
            each.limit,
            element("b", state, class_={"missed": "bad", "kept": "good"}.get(state, "dim")),
        )
        for state, each in judged
    ]
    return table(("budget", "stage", "engines", "measured", "limit", ""), rows)


def _state(verdict: Verdict) -> str:
    if verdict.measured is None or verdict.unit is None:
        return "not measured"
    return "kept" if verdict.kept else "missed"
