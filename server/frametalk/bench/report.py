"""The facts that the numbers of a bench depend on, and the file for all numbers."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from frametalk import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

STDOUT = Path("-")
PACKAGES = ("msgspec", "numpy", "uvloop", "websockets")


class Machine(msgspec.Struct, frozen=True):
    """Where it was measured. `load_1m` is the load average before the run."""

    system: str
    processor: str
    cores: int
    python: str
    load_1m: float | None


def this_machine() -> Machine:
    """The facts that the numbers depend on."""
    load_1m = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return Machine(
        f"{platform.system()} {platform.release()}",
        platform.processor() or platform.machine(),
        os.cpu_count() or 0,
        platform.python_version(),
        None if load_1m is None else round(load_1m, 2),
    )


def versions(packages: Sequence[str] = PACKAGES) -> dict[str, str]:
    """The versions of frametalk and of those packages that are installed."""
    found = {"frametalk": __version__}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def write(report: Any, file: Path) -> None:
    """Write the JSON to a file, or print it if the file is "-"."""
    if file == STDOUT:
        print(msgspec.json.encode(report).decode())
    else:
        data = msgspec.json.format(msgspec.json.encode(report), indent=2)
        file.write_bytes(data + b"\n")
