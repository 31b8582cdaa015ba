"""Writes src/tavern.json, the world of `frametalk demo`, because a page cannot read TOML.

python engine_clients/webxr/demo/export_world.py; tests/webxr/test_world.py fails while it is stale.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from frametalk.headless.worldfile import load_world

TARGET = Path(__file__).parent / "src" / "tavern.json"


def world() -> str:
    """The file's content: entities and tools with every default filled in."""
    tree: dict[str, Any] = msgspec.to_builtins(load_world("tavern"))
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(world(), encoding="utf-8")
