"""docs/tavern.md shows the current tavern and what its blacksmith answers."""

from __future__ import annotations

import runpy
from pathlib import Path

from conftest import ROOT


def test_the_page_is_up_to_date(tmp_path: Path) -> None:
    runpy.run_path(str(ROOT / "docs" / "export_tavern.py"))["write"](tmp_path)
    exported = (tmp_path / "tavern.md").read_text(encoding="utf-8")
    committed = (ROOT / "docs" / "tavern.md").read_text(encoding="utf-8")
    assert committed == exported, "run: python docs/export_tavern.py"
