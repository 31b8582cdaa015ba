"""Who may import whom: the house of docs/architecture.md, kept by reading every import.

Imports inside functions count too. The table itself is `layers.py`.
"""

from __future__ import annotations

import ast
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT
from layers import LAYERS, Layer

PACKAGE = ROOT / "server" / "frametalk"

# The core decides: it never waits, reads a clock, rolls dice it was not given, or touches the world.
NOT_IN_CORE = frozenset(
    {"asyncio", "datetime", "http", "logging", "multiprocessing", "os", "random", "selectors"}
    | {"socket", "subprocess", "threading", "time", "urllib"}
)


def modules(package: Path) -> Iterator[tuple[str, ast.Module]]:
    """Each module of the package, named without its first part (`core.turn`), and its tree."""
    for file in sorted(package.rglob("*.py")):
        parts = list(file.relative_to(package.parent).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        name = ".".join(parts[1:]) or parts[0]
        yield name, ast.parse(file.read_text(encoding="utf-8"), str(file))


def imports(tree: ast.Module, known: frozenset[str]) -> set[tuple[int, str]]:
    """Line and full name of everything imported; `from frametalk import trace` names the module."""
    return set(_imports(tree, known))


def _imports(tree: ast.Module, known: frozenset[str]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield node.lineno, whole if whole.removeprefix("frametalk.") in known else base


def layer_of(module: str, layers: dict[str, Layer]) -> str | None:
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        if (name := ".".join(parts[:length])) in layers:
            return name
    return None


def violations(package: Path) -> list[str]:
    """Every import that the layers forbid, as `module:line imports what`."""
    trees = dict(modules(package))
    known = frozenset(trees)
    found = []
    for module, tree in trees.items():
        name = layer_of(module, LAYERS)
        if name is None:
            found.append(f"{module} belongs to no layer")
            continue
        found += [
            f"{module}:{line} imports {target}"
            for line, target in sorted(imports(tree, known))
            if not allowed(module, name, target)
        ]
    return found


def allowed(module: str, name: str, target: str) -> bool:
    rules, top = LAYERS[name], target.partition(".")[0]
    if top == "frametalk":
        ours = target.removeprefix("frametalk.")
        return any(ours == other or ours.startswith(f"{other}.") for other in rules.ours)
    if top in sys.stdlib_module_names:
        return not (name == "core" and top in NOT_IN_CORE)
    return top in rules.third_party


def loose_tasks(package: Path) -> list[str]:
    """Calls of `create_task` on a loop, which has no name that the linter could ban."""
    return [
        f"{module}:{node.lineno}"
        for module, tree in modules(package)
        if module != "tasks"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "create_task"
        and "loop" in ast.unparse(node.func.value).lower()
    ]


def test_no_module_imports_what_its_layer_must_not_know() -> None:
    assert violations(PACKAGE) == []


def test_every_task_has_an_owner() -> None:
    assert loose_tasks(PACKAGE) == []


def test_the_page_of_the_architecture_shows_the_table() -> None:
    export = runpy.run_path(str(ROOT / "docs" / "export_layers.py"))
    written = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert written == export["page"](), "run: python docs/export_layers.py"


def test_every_part_says_what_it_does() -> None:
    does = runpy.run_path(str(ROOT / "docs" / "export_layers.py"))["_does"]
    assert [name for name in LAYERS if name != "frametalk" and not does(name)] == []


# ---- the checker itself --------------------------------------------------------------------------


def plant(folder: Path, module: str, source: str) -> Path:
    """A package with one module in it, and the modules that the tests below import."""
    package = folder / "frametalk"
    for name in ("__init__", "errors", "trace", "core/__init__", "core/turn", "wire/codec"):
        file = package / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    file = package / f"{module}.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source, encoding="utf-8")
    return package


@pytest.mark.parametrize(
    ("module", "source", "named"),
    [
        ("core/bad", "import asyncio\n", "core.bad:1 imports asyncio"),
        ("core/bad", "import msgspec\n", "core.bad:1 imports msgspec"),
        ("core/bad", "from frametalk import trace\n", "core.bad:1 imports frametalk.trace"),
        (
            "core/bad",
            "def late():\n    from frametalk.wire import codec\n",
            "core.bad:2 imports frametalk.wire.codec",
        ),
        (
            "core/bad",
            "def late():\n    import time\n",
            "core.bad:2 imports time",
        ),
        (
            "wire/bad",
            "from frametalk.transports.link import Link\n",
            "wire.bad:1 imports frametalk.transports.link",
        ),
        (
            "pipeline/bad",
            "from frametalk.adapters.tts.espeak.voice import EspeakVoice\n",
            "pipeline.bad:1 imports frametalk.adapters.tts.espeak.voice",
        ),
        (
            "adapters/asr/bad",
            "import pocketsphinx\n",
            "adapters.asr.bad:1 imports pocketsphinx",
        ),
        (
            "adapters/asr/bad",
            "from frametalk.adapters.llm import scripted\n",
            "adapters.asr.bad:1 imports frametalk.adapters.llm",
        ),
        ("session", "import frametalk.app\n", "session:1 imports frametalk.app"),
        ("oddity", "", "oddity belongs to no layer"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, module: str, source: str, named: str) -> None:
    assert violations(plant(tmp_path, module, source)) == [named]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("core/good", "import numpy as np\nfrom frametalk.core.turn import State\n"),
        ("core/good", "import math\nfrom frametalk.errors import WireError\n"),
        ("wire/good", "import msgspec\nfrom frametalk.core import turn\n"),
        ("adapters/asr/pocketsphinx/worker", "def f():\n    import pocketsphinx\n"),
        ("session", "from frametalk import __version__, trace\n"),
    ],
)
def test_what_is_allowed_is_not_reported(tmp_path: Path, module: str, source: str) -> None:
    assert violations(plant(tmp_path, module, source)) == []


def test_a_planted_loose_task_is_found(tmp_path: Path) -> None:
    source = (
        "import asyncio\n\nasyncio.get_running_loop().create_task(f())\ngroup.create_task(g())\n"
    )
    assert loose_tasks(plant(tmp_path, "session", source)) == ["session:3"]
