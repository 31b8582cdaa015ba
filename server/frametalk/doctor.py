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
from typing import Any, Literal

from frametalk import __version__
from frametalk.adapters import registry
from frametalk.config import FrametalkSettings
from frametalk.errors import FrametalkError

START_LIMIT_S = 30.0

State = Literal["ready", "failed", "there", "absent"]

EMBEDDED = 'pip install "frametalk[embedded]"'

# What each package is for, and whether frametalk itself needs it or an extra brings it.
LIBRARIES = {
    "websockets": "sockets",
    "msgspec": "messages and settings",
    "numpy": "sound",
    "soxr": "sample rates",
    "uvloop": "a quicker event loop",
    "onnxruntime": "voice activity (silero)",
    "faster-whisper": "carries the model of silero",
    "pocketsphinx": "recogniser and its English model",
    "rapidfuzz": "scripted mind",
    "espeakng-loader": "voice (espeak), library and data",
    "soundfile": "FLAC and WAV files of `simulate`",
}
CORE_LIBRARIES = frozenset({"websockets", "msgspec", "numpy", "soxr", "uvloop"})

PROGRAMS = {
    "flite": "speaks for simulated players",
    "espeak-ng": "speaks for simulated players where flite is absent",
    "sox": "listens to what `--wav` wrote: `play FILE`",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `remedy` says how to get what is absent or failed."""

    area: Literal["system", "engine", "adapter", "library", "program"]
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
    chosen: dict[registry.Kind, Any] = {
        "vad": settings.vad,
        "turn": settings.turn,
        "asr": settings.asr,
        "llm": settings.llm,
        "tts": settings.tts,
    }
    engines = await asyncio.gather(
        *(
            _try_engine(kind, each.adapter, each.options)
            for kind, each in chosen.items()
            if each.adapter  # one that is optional may not be chosen
        )
    )
    others = [
        _other_adapter(kind, name)
        for kind in chosen
        for name in registry.names(kind)
        if name != chosen[kind].adapter
    ]
    return Report((*_system(), *engines, *others, *_libraries(), *_programs()))


async def _try_engine(kind: registry.Kind, name: str, options: dict[str, Any]) -> Finding:
    label = f"{kind}: {name}"
    began_s = time.monotonic()
    try:
        adapter = registry.create(kind, name, options)
        try:
            async with asyncio.timeout(START_LIMIT_S):
                await adapter.start()
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
    """An installed adapter that is not chosen: its module is looked for, not loaded."""
    module = registry.module_of(kind, name)
    found = _can_be_imported(module)
    detail = f"choose it with --set {kind}.adapter={name}" if found else f"no module {module}"
    return Finding("adapter", f"{kind}: {name}", "there" if found else "absent", detail)


def _can_be_imported(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ImportError:
        return False


def _system() -> Iterator[Finding]:
    yield Finding("system", "frametalk", "there", __version__)
    yield Finding("system", "Python", "there", f"{platform.python_version()} at {sys.executable}")
    yield Finding("system", "machine", "there", f"{platform.system()} {platform.machine()}")


def _libraries() -> Iterator[Finding]:
    for name, use in LIBRARIES.items():
        try:
            yield Finding("library", name, "there", f"{version(name)}: {use}")
        except PackageNotFoundError:
            remedy = f"pip install {name}" if name in CORE_LIBRARIES else EMBEDDED
            yield Finding("library", name, "absent", use, remedy)


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
