"""The table of all percentiles with their intervals."""

from __future__ import annotations

import msgspec
from rich.console import Console

from frametalk.bench.intervals import distributions, table
from frametalk.bench.samples import Distribution


def plain(*values: float) -> dict:
    return msgspec.to_builtins(Distribution.of(values))


def test_distributions_are_found_at_any_depth_but_not_in_lists():
    data = {"a_ms": plain(1), "ours": {"b_ms": plain(2)}, "floods": [plain(3)], "n": 4}
    assert [path for path, _found in distributions(data)] == ["a_ms", "ours.b_ms"]


def test_a_row_has_the_bounds_that_are_known_and_the_same_values_come_once():
    data = {
        "wait_ms": plain(*range(1, 31)),
        "ours": {"wait_ms": plain(*range(1, 31))},
        "few_ms": plain(1, 2),
    }
    console = Console(width=120)
    with console.capture() as captured:
        console.print(table(data))
    rows = [line for line in captured.get().splitlines() if line.startswith("│")]
    assert [[cell.strip() for cell in row.split("│")[1:-1]] for row in rows] == [
        ["wait_ms", "30", "15 [10, 21]", "29 [26, ?]"]
    ]
