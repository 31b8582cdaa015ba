"""The page's copy of the world of `frametalk demo`, because a page cannot read TOML."""

from __future__ import annotations

import runpy

from conftest import ROOT

DEMO = ROOT / "engine_clients" / "webxr" / "demo"


def test_the_pages_world_is_the_packages() -> None:
    world = runpy.run_path(str(DEMO / "export_world.py"))["world"]()
    stale = "run python engine_clients/webxr/demo/export_world.py, then npm run build there"
    assert (DEMO / "src" / "tavern.json").read_text(encoding="utf-8") == world, stale
