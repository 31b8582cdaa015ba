"""How much memory a child may take: watched by the parent, and a hard stop inside the child.

The parent looks a few times a second, which is soon enough for a leak; an allocation storm takes
gigabytes between two looks, so the system refuses it: RLIMIT_DATA, which counts private writable memory.
RLIMIT_AS would count address space as well, of which model runtimes and CUDA reserve much that they
never touch.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NamedTuple

MIB = 1024 * 1024
# What is writable is more than what is resident: measured 1.3 times for PocketSphinx, 1.7 for a small ONNX
# model. The watch should be what ends a leak; the hard stop is for what outruns it.
HARD_FACTOR = 2
HARD_EXTRA_BYTES = 256 * MIB
# Exit status of a child whose allocation was refused.
OUT_OF_MEMORY = 87
# Fields of /proc/PID/stat after the name, which is in brackets and may hold anything.
_STATE, _USER_TICKS, _SYSTEM_TICKS, _RESIDENT_PAGES = 0, 11, 12, 21
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class Look(NamedTuple):
    """What a look at a process shows; `waits` for something else than its turn on a core."""

    resident_bytes: int
    stopped: bool
    waits: bool
    cpu_ticks: int


def look(pid: int) -> Look | None:
    """Look at a process; None where the system has no /proc, and for a process that is gone."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    fields = text[text.rindex(b")") + 2 :].split()
    return Look(
        int(fields[_RESIDENT_PAGES]) * _PAGE_BYTES,
        stopped=fields[_STATE] in {b"T", b"t"},
        waits=fields[_STATE] != b"R",
        cpu_ticks=int(fields[_USER_TICKS]) + int(fields[_SYSTEM_TICKS]),
    )


def hard_limit_bytes(memory_mb: float) -> int:
    """Where allocations begin to fail, for a child that may have `memory_mb` resident."""
    return round(memory_mb * MIB * HARD_FACTOR) + HARD_EXTRA_BYTES


def limit_this_process(limit_bytes: int) -> None:
    """Refuse further private memory beyond this; without effect where the system cannot."""
    if limit_bytes <= 0 or sys.platform == "win32":
        return
    import resource

    _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    allowed = limit_bytes if hard == resource.RLIM_INFINITY else min(limit_bytes, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (allowed, hard))
