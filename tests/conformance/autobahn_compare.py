"""Compares outcomes of Autobahn's cases: autobahn_compare.py EXPECTED.json PLAIN [SERVER ...].

PLAIN and each SERVER is the path of a file of results without its `.json`; its name is the server's.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Outcome = tuple[str, str]
"""How a server behaved in a case, and how the connection was closed."""

Outcomes = Mapping[str, Outcome]
"""By the case's number, `7.1.5`."""

# What Autobahn calls them; a higher number is worse. Informational cases judge nothing.
RANKS = {
    "OK": 0,
    "INFORMATIONAL": 0,
    "NON-STRICT": 1,
    "FAILED BY CLIENT": 1,
    "WRONG CODE": 2,
    "UNCLEAN": 2,
    "UNIMPLEMENTED": 2,
    "FAILED": 3,
    "ABSENT": 4,
}
ABSENT: Outcome = ("ABSENT", "ABSENT")


@dataclass(frozen=True)
class Difference:
    """A case in which a server is worse than plain websockets, or other than expected."""

    case: str
    server: str
    seen: Outcome
    plain: Outcome
    expected: Outcome

    @property
    def worse(self) -> bool:
        """Whether the server is worse than plain websockets, in the case or in its close."""
        return any(
            RANKS[seen] > RANKS[plain] for seen, plain in zip(self.seen, self.plain, strict=True)
        )


def differences(
    expected: Outcomes, plain: Outcomes, servers: Mapping[str, Outcomes]
) -> list[Difference]:
    """What is worse than plain websockets or other than expected, by case and server."""
    found = (
        Difference(
            case,
            server,
            outcomes.get(case, ABSENT),
            plain.get(case, ABSENT),
            expected.get(case, ABSENT),
        )
        for case in _in_order({*expected, *plain}.union(*servers.values()))
        for server, outcomes in servers.items()
    )
    return [one for one in found if one.worse or one.seen != one.expected]


def _in_order(cases: set[str]) -> list[str]:
    return sorted(cases, key=lambda case: [int(part) for part in case.split(".")])


def report(plain: Outcomes, servers: Mapping[str, Outcomes], found: Sequence[Difference]) -> str:
    """Totals of each server, the differences, and a last line that counts what is worse."""
    lines = [
        f"{server:<10} " + ", ".join(f"{n} {name}" for name, n in _totals(outcomes))
        for server, outcomes in {"plain": plain, **servers}.items()
    ]
    if found:
        lines.append("")
        lines.append(_row("case", "server", "seen", "plain", "expected", ""))
    for row in found:
        outcomes = (" / ".join(outcome) for outcome in (row.seen, row.plain, row.expected))
        lines.append(_row(row.case, row.server, *outcomes, "worse" if row.worse else ""))
    worse = len({row.case for row in found if row.worse})
    cases = len(set(plain).union(*servers.values()))
    return "\n".join([*lines, "", f"{cases} cases, {worse} worse than plain websockets"])


def _totals(outcomes: Outcomes) -> list[tuple[str, int]]:
    return sorted(Counter(behaviour for behaviour, _ in outcomes.values()).items(), key=_by_rank)


def _by_rank(total: tuple[str, int]) -> int:
    return RANKS[total[0]]


def _row(*cells: str) -> str:
    widths = (8, 10, 32, 32, 32, 5)
    return "".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def load(file: Path) -> dict[str, Outcome]:
    """Outcomes from JSON: {"7.1.5": ["FAILED", "WRONG CODE"]}."""
    outcomes = json.loads(file.read_text(encoding="utf-8"))
    return {case: (behaviour, close) for case, (behaviour, close) in outcomes.items()}


def main() -> int:
    expected, plain, *others = (Path(argument) for argument in sys.argv[1:])
    of_plain = load(plain.with_suffix(".json"))
    servers = {other.name: load(other.with_suffix(".json")) for other in others}
    found = differences(load(expected), of_plain, servers)
    print(report(of_plain, servers, found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
