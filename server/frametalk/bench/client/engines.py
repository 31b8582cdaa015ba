"""The game engines whose clients can be measured, by name."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from frametalk.errors import ConfigError

CLIENTS = Path(__file__).resolve().parents[4] / "engine_clients"


class Engine(NamedTuple):
    """How a client is measured: the command that talks to the server at `url` and writes `result`.

    The command plays a conversation of several replies, writes one JSON object and exits with 0: `engine`,
    its name and version; `replies`, how many were played; `frame_ms`, what the client cost the main thread
    in each frame while a reply was heard; `lips_ms`, for each such frame the sample that the mouth showed
    less the sample that was mixed for the loudspeaker. It may add `garbage_bytes_per_frame`, what the main
    thread allocated. After each reply it replaces the file by one of what it has up to then, for a run that
    is stopped; `lips_ms` may be empty there. Raises ConfigError when a program is missing.
    """

    command: Callable[[str, Path], list[str]]


def godot(url: str, result: Path) -> list[str]:
    """Real Godot without a window, its audio driver the one that needs no device."""
    program = os.environ.get("GODOT") or shutil.which("godot4") or shutil.which("godot")
    project = CLIENTS / "godot"
    if not program:
        raise ConfigError(
            "Godot is not on PATH", remedy="install Godot 4.4 or later, or set GODOT to it"
        )
    if not (project / "project.godot").exists():
        raise ConfigError(f"{project} is not there", remedy="run it in a clone of the repository")
    if not (project / ".godot" / "global_script_class_cache.cfg").exists():
        _import(program, project)
    script = ["--script", "tests/bench.gd", "--", url, str(result)]
    return [program, "--headless", "--audio-driver", "Dummy", "--path", str(project), *script]


def _import(program: str, project: Path) -> None:
    """Have Godot find the project's classes, once in a fresh clone. Raises ConfigError."""
    command = [program, "--headless", "--path", str(project), "--import"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (Godot)
    if done.returncode:
        raise ConfigError(
            f"{project} cannot be imported: {done.stderr.strip()[-300:]}",
            remedy="open the project once with Godot 4.4 or later",
        )


def csharp(url: str, result: Path) -> list[str]:
    """The Unity package on mono, in the frame loop of a stub of UnityEngine."""
    script = CLIENTS / "unity" / "bench.sh"
    if not shutil.which("mcs"):
        raise ConfigError("mcs is not on PATH", remedy="install mono-mcs and mono-runtime")
    if not script.exists():
        raise ConfigError(f"{script} is not there", remedy="run it in a clone of the repository")
    return [str(script), url, str(result)]


def web(url: str, result: Path) -> list[str]:
    """The web client in Debian's Chromium without a window."""
    folder = CLIENTS / "webxr"
    if not importlib.util.find_spec("playwright"):
        raise ConfigError("playwright is not installed", remedy="pip install playwright")
    if not shutil.which("chromium"):
        raise ConfigError("chromium is not on PATH", remedy="install Debian's package chromium")
    if not (folder / "package.json").exists():
        raise ConfigError(f"{folder} is not there", remedy="run it in a clone of the repository")
    if not (folder / "dist" / "frametalk.js").exists():
        raise ConfigError(
            "the web client is not built", remedy=f"cd {folder} && npm ci && npm run build"
        )
    return [sys.executable, str(folder / "bench" / "bench.py"), url, str(result)]


ENGINES: dict[str, Engine] = {
    "godot": Engine(godot),
    "csharp": Engine(csharp),
    "web": Engine(web),
}
