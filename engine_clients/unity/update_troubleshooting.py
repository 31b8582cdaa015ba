"""Brings the table of the server's errors in the Unity package's troubleshooting page up to date.

    python engine_clients/unity/update_troubleshooting.py

Codes, fatality and the column *when* come from the table *Errors* of protocols/wire.md. What to do is
written by hand and kept; a code that is new gets the remedy of the wire, which speaks to the author of a
client: rewrite it for a developer of a game where that is another thing.
"""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
WIRE = HERE.parent.parent / "protocols" / "wire.md"
PAGE = HERE / "com.frametalk.client" / "Documentation~" / "troubleshooting.md"
_HEAD = "## Errors of the server\n"
_TITLES = "| code | fatal | when | what to do |\n|---|---|---|---|\n"
_CODE = re.compile(r"^`(\w+)`$")


def _rows(table: str) -> list[list[str]]:
    """The cells of a table's rows that begin with a code."""
    cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines())
    return [row for row in cells if _CODE.match(row[0])]


def updated(page: str, wire: str) -> str:
    """The page with a row for each code of the wire that it does not explain further above."""
    own, _, table = page.partition(_HEAD)
    explained = {row[0] for row in _rows(own)}
    kept = {row[0]: row[-1] for row in _rows(table)}
    lines = []
    for code, _, _, fatal, when, remedy in _rows(wire[wire.index("\n## Errors") :]):
        if code in explained:
            continue
        when_shown = when.replace("as above: ", "at the server's start: ")
        what = "see the server's log" if remedy == "see the text" else remedy
        lines.append(f"| {code} | {fatal} | {when_shown} | {kept.get(code, what)} |\n")
    return f"{own}{_HEAD}\n{_TITLES}{''.join(lines)}"


def main() -> None:
    """Rewrites the page."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(updated(page, WIRE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
