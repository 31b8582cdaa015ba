"""Who may import whom: the house of docs/architecture.md, kept by reading every import.

Imports inside functions count too. A layer is the folder or file under `frametalk`; the most specific
name in LAYERS that fits a module is its layer.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import ROOT

PACKAGE = ROOT / "server" / "frametalk"

# Leaves import nothing of frametalk but `errors`; they are what several layers share.
LEAVES = frozenset({"frametalk", "errors", "trace", "tasks", "config", "logs"})


@dataclass(frozen=True)
class Layer:
    """What a layer may import, by name of layer or module, and which third-party packages.

    A name covers everything beneath it; `frametalk` alone is the package's version.
    """

    ours: frozenset[str]
    third_party: frozenset[str] = frozenset()


def layer(ours: str = "", third_party: str = "", *, leaves: bool = True) -> Layer:
    names = frozenset(ours.split()) | (LEAVES if leaves else {"errors"})
    return Layer(names, frozenset(third_party.split()))


ADAPTERS = "core workers adapters.base models"
SESSION = (
    "context core text wire transports pipeline adapters.base engines metrics schemas languages"
    " handshake"
)

LAYERS: dict[str, Layer] = {
    "frametalk": Layer(frozenset()),
    "errors": Layer(frozenset()),
    "trace": layer(leaves=False),
    "clock_offset": layer(leaves=False),
    "waterfall": layer("clock_offset"),
    "tasks": layer(leaves=False),
    # The one part of the core for it: types of settings, which import nothing themselves.
    "config": layer("core.modes", "msgspec", leaves=False),
    "logs": layer(leaves=False),
    "places": layer("", "platformdirs", leaves=False),
    "models": layer("places", leaves=False),
    "metrics": layer("workers", "prometheus_client"),
    "languages": layer("", "langcodes", leaves=False),
    "schemas": layer("core.tools", "jsonschema"),
    "core": layer("core", "numpy", leaves=False),
    "core.modes": Layer(frozenset()),
    "text": layer("core text", leaves=False),
    "text.number_words": layer("text", "num2words", leaves=False),
    "wire": layer("core wire", "msgspec", leaves=False),
    "transports": layer("wire transports", "msgspec"),
    "transports.websocket": layer("wire transports", "msgspec websockets"),
    "transports.websocket_client": layer("wire transports", "msgspec websockets"),
    "transports.websocket_server": layer("wire transports", "msgspec websockets"),
    "workers": layer("workers", "msgspec"),
    # One file per library: the package's other files, and the rest of frametalk, do not know it.
    "adapters": layer("core"),
    "adapters.base": layer("core", "numpy"),
    "adapters.registry": layer("adapters.base", "msgspec"),
    "adapters.onnx_model": layer(third_party="onnxruntime"),
    "adapters.vad": layer(f"{ADAPTERS} adapters.onnx_model adapters.vad", "numpy"),
    "adapters.turn": layer(f"{ADAPTERS} adapters.onnx_model adapters.turn", "numpy"),
    "adapters.asr": layer(f"{ADAPTERS} adapters.asr", "numpy"),
    "adapters.asr.pocketsphinx.scene_language": layer(f"{ADAPTERS} adapters.asr text.number_words"),
    "adapters.asr.pocketsphinx.worker": layer(
        f"{ADAPTERS} adapters.asr", "cachetools pocketsphinx"
    ),
    "adapters.asr.whisper.recogniser": layer(f"{ADAPTERS} adapters.asr models"),
    "adapters.asr.whisper.worker": layer(
        f"{ADAPTERS} adapters.asr", "numpy faster_whisper ctranslate2"
    ),
    "adapters.llm": layer(f"{ADAPTERS} adapters.llm", "msgspec"),
    "adapters.llm.openai.client": layer(f"{ADAPTERS} adapters.llm", "openai httpx2"),
    "adapters.llm.scripted.matching": layer(f"{ADAPTERS} adapters.llm", "rapidfuzz"),
    "adapters.tts": layer(f"{ADAPTERS} adapters.tts", "numpy"),
    "adapters.tts.cached": layer(f"{ADAPTERS} adapters.tts", "cachetools"),
    "adapters.tts.espeak.worker": layer(f"{ADAPTERS} adapters.tts", "espeakng_loader"),
    "model_store": layer("models model_store", "msgspec filelock"),
    "mind_stub": layer("adapters.base adapters.llm.scripted core mind_stub", "msgspec"),
    "mind_stub.http": layer("", "h11"),
    "adapters.tts.piper.sound": layer(f"{ADAPTERS} adapters.tts", "numpy soxr"),
    "adapters.tts.piper.worker": layer(f"{ADAPTERS} adapters.tts", "cachetools numpy piper"),
    "adapters.tts.piper.vits_split": layer(f"{ADAPTERS} adapters.tts", "onnx"),
    "adapters.tts.piper.vits_run": layer(f"{ADAPTERS} adapters.tts", "numpy onnxruntime"),
    "context": layer("core.events wire transports.link metrics", "msgspec"),
    "pipeline": layer(
        "context core text wire pipeline adapters.base clock_offset waterfall", "numpy soxr"
    ),
    "handshake": layer("core wire transports pipeline.microphone adapters.base languages"),
    "conversation": layer(SESSION),
    "session": layer(f"{SESSION} conversation"),
    "engines": layer("adapters.registry adapters.base adapters.tts.cached"),
    "app": layer("text wire transports engines metrics session workers", "msgspec"),
    "byhand": layer("core text adapters.base byhand", "numpy soxr"),
    "byhand.picture": layer("core byhand", "matplotlib numpy"),
    "headless": layer("core wire transports headless", "msgspec numpy soundfile soxr rich"),
    "bench": layer("core wire transports headless bench", "msgspec numpy psutil rich"),
    "bench.engines.whisper": layer(
        "core bench workers adapters.base adapters.asr", "msgspec numpy"
    ),
    "bench.engines.plain_whisper": layer("workers", "numpy faster_whisper"),
    "bench.random_models.whisper": layer("bench", "numpy ctranslate2 tokenizers"),
    # Hears and waits as a session does, but in audio time.
    "bench.turns.replay": layer(
        "core headless bench adapters.registry adapters.base pipeline.world", "msgspec numpy"
    ),
    "bench.engines.workers": layer("bench headless workers adapters.registry", "msgspec"),
    "bench.engines.worker_kills": layer("app bench headless workers"),
    "bench.engines.worker_deaths": layer(
        "bench adapters.base adapters.registry workers", "msgspec"
    ),
    "bench.engines.piper": layer("bench core.marks adapters.base adapters.tts workers", "msgspec"),
    # In a worker process of its own.
    "bench.engines.piper_timing": layer("adapters.tts workers.child", "numpy piper"),
    # They write a voice of random weights.
    "bench.random_models.vits_graph": layer("bench", "numpy onnx"),
    "bench.random_models.piper": layer("bench", "onnx"),
    # Types to whole sessions; the SDK is there to be compared with.
    "bench.engines.typed_game": layer("core wire transports session engines metrics"),
    "bench.engines.injections": layer("core wire bench"),
    "bench.engines.mind": layer("bench engines adapters.base mind_stub", "msgspec openai"),
    "bench.turns.report": layer("bench", "matplotlib rich"),
    "doctor": layer("adapters engines models model_store", "rich"),
    "running": layer("app engines mind_stub", "msgspec uvloop"),
    "demo": layer("app demo places", "msgspec"),
    "demo.lan": layer(leaves=False, third_party="cryptography psutil segno"),
    "commands": layer(
        "adapters.base adapters.registry app bench byhand commands text demo doctor"
        " core.audio headless mind_stub model_store models pipeline.world running",
        "rich",
    ),
    "cli": layer("commands"),
}

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
