"""Measured speeds of engines on this machine, kept in the user's data, so that a trial runs once."""

from __future__ import annotations

import json
import logging
import os
import platform
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from frametalk.places import user_data

log = logging.getLogger(__name__)

FILE = "trials.json"
SLOW_FOR_S = 3_600.0  # a machine that was busy gets another chance


class Kept(msgspec.Struct, frozen=True):
    """One trial: the real-time factor, and when it was measured (seconds since 1970)."""

    factor: float
    at_s: float


def load(key: str, limit: float, now: Callable[[], float] = time.time) -> float | None:
    """The kept factor; None without one, and for one above `limit` that is an hour old."""
    found = _read().get(key)
    if found is None or (found.factor > limit and now() - found.at_s > SLOW_FOR_S):
        return None
    return found.factor


def save(key: str, factor: float, now: Callable[[], float] = time.time) -> None:
    """Keep a factor; where the folder cannot be written, the trial runs again next time."""
    file = user_data() / FILE
    part = file.with_name(f"{FILE}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.encode({**_read(), key: Kept(factor, now())}))
        part.replace(file)
    except OSError as error:
        log.debug("the trial's result is not kept: %s", error)


def key_of(adapter: str, packages: tuple[str, ...], model: Path, options: dict[str, Any]) -> str:
    """What a result depends on: engine, its packages' versions, model file, options, and machine."""
    stat = model.stat()
    machine = (platform.node(), platform.machine(), _cores())
    parts = [
        adapter,
        [_version(package) for package in ("frametalk", *packages)],
        [str(model), stat.st_size, stat.st_mtime_ns],
        options,
        machine,
    ]
    return json.dumps(parts, sort_keys=True, default=str)


def _read() -> dict[str, Kept]:
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode((user_data() / FILE).read_bytes(), type=dict[str, Kept])
    return {}


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _version(package: str) -> str:
    with suppress(PackageNotFoundError):
        return version(package)
    return ""
