"""Says what is here, what is missing and how to get it; the engines are started for real."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal, NamedTuple

from frametalk import __version__, models
from frametalk.adapters import registry
from frametalk.adapters.base import Checked
from frametalk.config import FrametalkSettings
from frametalk.engines import adapter_names, adapter_options
from frametalk.errors import FrametalkError
from frametalk.model_store import manifest

START_LIMIT_S = 30.0

State = Literal["ready", "failed", "there", "absent"]


class Library(NamedTuple):
    """A package that frametalk uses: for what, and the extras that bring it (none: frametalk itself)."""

    name: str
    use: str
    extras: tuple[str, ...] = ()


LIBRARIES = (
    Library("websockets", "sockets"),
    Library("msgspec", "messages and settings"),
    Library("numpy", "sound"),
    Library("soxr", "sample rates"),
    Library("uvloop", "a quicker event loop"),
    Library("num2words", "numbers in words"),
    Library("filelock", "one pull of a model at a time"),
    Library("onnxruntime", "voice activity (silero), voices (piper)", ("embedded", "piper")),
    Library(
        "faster-whisper",
        "recogniser (faster_whisper); carries the model of silero",
        ("embedded", "whisper"),
    ),
    Library("pocketsphinx", "recogniser and its English model", ("embedded",)),
    Library("rapidfuzz", "scripted mind", ("embedded",)),
    Library("espeakng-loader", "voice (espeak), library and data", ("embedded",)),
    Library("soundfile", "FLAC and WAV files of `simulate` and `hear`", ("embedded",)),
    Library("openai", "minds behind OpenAI-compatible servers", ("openai",)),
    Library("piper-tts", "voices (piper)", ("piper",)),
    Library("onnx", "takes Piper's voices apart, so that they stream", ("piper",)),
    Library("matplotlib", "pictures of `say` and `bench`", ("plot",)),
)

PROGRAMS = {
    "flite": "speaks for simulated players",
    "espeak-ng": "speaks for simulated players where flite is absent",
    "sox": "listens to what `--wav` wrote: `play FILE`",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `remedy` says how to get what is absent or failed."""

    area: Literal["system", "engine", "adapter", "model", "library", "program"]
    name: str
    state: State
    detail: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All findings; `ok` when every engine that the settings name started."""

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether `frametalk serve` with these settings would run."""
        return all(one.state == "ready" for one in self.findings if one.area == "engine")


async def examine(settings: FrametalkSettings) -> Report:
    """Look at everything. The engines that `settings` name are started and closed, side by side."""
    chosen, options = adapter_names(settings), adapter_options(settings)
    engines = await asyncio.gather(
        *(_try_engine(kind, name, options[kind]) for kind, name in chosen.items())
    )
    others = [
        _other_adapter(kind, name)
        for kind in options
        for name in registry.names(kind)
        if name != chosen.get(kind)
    ]
    return Report((*_system(), *engines, *others, *_models(), *_libraries(), *_programs()))


async def _try_engine(kind: registry.Kind, name: str, options: dict[str, Any]) -> Finding:
    label = f"{kind}: {name}"
    began_s = time.monotonic()
    try:
        adapter = registry.create(kind, name, options)
        try:
            async with asyncio.timeout(START_LIMIT_S):
                await adapter.start()
                if isinstance(adapter, Checked):
                    await adapter.check()
            took_ms = (time.monotonic() - began_s) * 1000
        finally:
            await adapter.close()
    except FrametalkError as error:
        return Finding("engine", label, "failed", error.text, error.remedy)
    except TimeoutError:
        return Finding("engine", label, "failed", f"not ready after {START_LIMIT_S:.0f} s")
    except Exception as error:  # noqa: BLE001  (a stranger's engine; the others are still looked at)
        return Finding("engine", label, "failed", f"{type(error).__name__}: {error}")
    return Finding("engine", label, "ready", f"started in {took_ms:.0f} ms")


def _other_adapter(kind: registry.Kind, name: str) -> Finding:
    """An installed adapter that is not chosen: what it needs is looked for, not loaded."""
    label, module = f"{kind}: {name}", registry.module_of(kind, name)
    if not _can_be_imported(module):
        return Finding("adapter", label, "absent", f"no module {module}")
    extra = registry.extra_of(kind, name)
    absent = [one.name for one in LIBRARIES if extra in one.extras and not _version(one.name)]
    if absent:
        return Finding("adapter", label, "absent", f"needs {', '.join(absent)}", _extra(extra))
    return Finding("adapter", label, "there", f"choose it with --set {kind}.adapter={name}")


def _extra(name: str) -> str:
    return f'pip install "frametalk[{name}]"'


def _can_be_imported(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ImportError:
        return False


def _system() -> Iterator[Finding]:
    yield Finding("system", "frametalk", "there", __version__)
    yield Finding("system", "Python", "there", f"{platform.python_version()} at {sys.executable}")
    yield Finding("system", "machine", "there", f"{platform.system()} {platform.machine()}")


def _models() -> Iterator[Finding]:
    """Models that were pulled or put into the models folder; `frametalk models verify` checks them."""
    folder, here = models.folder(), manifest.here()
    if not here:
        yield Finding(
            "model", "models", "absent", f"none in {folder}; optional", "frametalk models list"
        )
    for name, found in here.items():
        detail = f"{found.size / 1e6:.0f} MB from {found.origin}" if found else "put there by hand"
        yield Finding("model", name, "there", f"{detail}, in {folder}")


def _libraries() -> Iterator[Finding]:
    for name, use, extras in LIBRARIES:
        if found := _version(name):
            yield Finding("library", name, "there", f"{found}: {use}")
        else:
            remedy = _extra(extras[0]) if extras else f"pip install {name}"
            yield Finding("library", name, "absent", use, remedy)


def _version(package: str) -> str:
    """Of an installed package; empty where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _programs() -> Iterator[Finding]:
    for name, use in PROGRAMS.items():
        path = shutil.which(name)
        if path:
            yield Finding("program", name, "there", f"{path}: {use}")
        else:
            yield Finding("program", name, "absent", f"{use}; optional", f"apt-get install {name}")


# ---- showing it ----------------------------------------------------------------------------------


def as_json(report: Report) -> str:
    """The report as an indented JSON object with `ok` and `findings`."""
    findings = [asdict(finding) for finding in report.findings]
    return json.dumps({"ok": report.ok, "findings": findings}, indent=2)


def show(report: Report) -> None:
    """Print a table for people, and one line that sums it up."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colours = {"ready": "green", "there": "green", "absent": "yellow", "failed": "bold red"}
    rows = Table("", "what", "state", "detail", "how to get it", box=None, pad_edge=False)
    area = ""
    for one in report.findings:
        heading, area = ("" if one.area == area else one.area), one.area
        rows.add_row(
            *(Text(text) for text in (heading, one.name)),
            Text(one.state, style=colours[one.state]),
            *(Text(text) for text in (one.detail, one.remedy)),
        )
    console = Console()
    console.print(rows)
    failed = [one.name for one in report.findings if one.state == "failed"]
    summary = f"Not ready: {', '.join(failed)}." if failed else "Ready: `frametalk demo` will run."
    console.print(Text(f"\n{summary}", style="bold red" if failed else "bold green"))
