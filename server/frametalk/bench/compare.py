"""`frametalk bench compare OLD NEW`: what moved between two results beyond noise, and by how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from rich.table import Column, Table
from rich.text import Text

from frametalk.bench.changes import LEVEL, Change, numbers, rates, times
from frametalk.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SAME_SPEED = 0.05  # a smaller difference of the machines' speed is not said
FACTS = ("machine", "versions")


class Comparison(msgspec.Struct, frozen=True):
    """All values of two results, and how their machines differ."""

    suite: str
    machines: list[str]
    changes: list[Change]


def compare(old: Path, new: Path) -> Comparison:
    """Compare two files that `--json` wrote. Raises ConfigError if they are not of the same suite."""
    before, after = read(old), read(new)
    if before["suite"] != after["suite"]:
        raise ConfigError(
            f"{old} is of the suite {before['suite']!r}, {new} of {after['suite']!r}",
            remedy="compare two results of the same suite",
        )
    changes = [*times(before, after), *rates(before, after), *numbers(before, after)]
    return Comparison(before["suite"], list(_differences(before, after)), changes)


def read(file: Path) -> dict[str, Any]:
    """A file that `--json` wrote. Raises ConfigError if it is not one."""
    try:
        data = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
        data["suite"], data["machine"], data["versions"]
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(f"{file}: {error}", remedy="give files that `--json` wrote") from None
    except KeyError as missing:
        raise ConfigError(
            f"{file} has no {missing}", remedy="write it with `frametalk bench SUITE --json FILE`"
        ) from None
    return data


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What is different about the machines and the versions, in words."""
    for fact in FACTS:
        names = dict.fromkeys((*old[fact], *new[fact]))
        for name in names:
            before, after = old[fact].get(name), new[fact].get(name)
            if before != after:
                yield f"{name}: {before}, now {after}"
    for name, what in (("loop_us", "the calibration loop"), ("step_ms", "a timer and the loop")):
        before, after = (_speed(data, name) for data in (old, new))
        if before and after and abs(after / before - 1) > SAME_SPEED:
            change, unit = f"{after / before - 1:+.0%}", name[-2:]
            yield f"{what} took {before:.4g} {unit}, now {after:.4g} {unit} ({change})"


def _speed(data: Mapping[str, Any], name: str) -> float | None:
    speed: float | None = data.get("calibration", {}).get(name, {}).get("p50")
    return speed


def table(found: Comparison) -> Table:
    """What moved first; then, dim, what did not. A question mark: too few values to tell."""
    rows = Table(
        Column("measured", overflow="fold"),
        "old",
        "new",
        "moved by",
        f"{LEVEL:.0%} interval",
        "n",
        title=f"{found.suite}: what moved beyond noise",
        caption="\n".join(found.machines) or "same machine, versions and speed",
    )
    for column in rows.columns[1:]:
        column.justify = "right"
    order = {True: 0, None: 1, False: 2}
    for change in sorted(found.changes, key=lambda each: order[each.moved]):
        share = f" ({change.by / change.old:+.0%})" if change.old else ""
        interval = "" if change.low is None else f"{change.low:+.4g} to {change.high:+.4g}"
        n = f"{change.pairs} pairs" if change.pairs else f"{change.n[0]}, {change.n[1]}"
        doubt = " ?" if change.moved is None else ""
        rows.add_row(
            Text(change.value),
            f"{change.old:.4g}",
            f"{change.new:.4g}",
            f"{change.by:+.4g}{share}{doubt}",
            interval,
            n,
            style="bold" if change.moved else "dim",
        )
    moved = sum(change.moved is True for change in found.changes)
    rows.title = f"{found.suite}: {moved} of {len(found.changes)} values moved beyond noise"
    return rows
