"""The memory of a child: checked by the parent, with a hard limit inside the child.

The parent checks a few times a second, which is enough for a leak. An allocation storm takes gigabytes
between two checks, so the system must refuse it: RLIMIT_DATA counts private writable memory. RLIMIT_AS
would count address space, of which model runtimes and CUDA reserve much that they never use.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NamedTuple

MIB = 1024 * 1024
# Writable memory is more than resident memory: measured 1.3 times for PocketSphinx, 1.7 times for a small
# ONNX model. The checks should end a leak; the hard limit is for what is faster than they are.
HARD_FACTOR = 2
HARD_EXTRA_BYTES = 256 * MIB
# Exit status of a child whose allocation was refused.
OUT_OF_MEMORY = 87
# Fields of /proc/PID/stat after the name, which is in brackets and may contain anything.
_STATE, _USER_TICKS, _SYSTEM_TICKS, _RESIDENT_PAGES = 0, 11, 12, 21
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class ProcessStatus(NamedTuple):
    """The status of a process; `waits` for anything except a core."""

    resident_bytes: int
    stopped: bool
    waits: bool
    cpu_ticks: int


def status_of(pid: int) -> ProcessStatus | None:
    """The status of a process; None if it has ended, or the system has no /proc."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    fields = text[text.rindex(b")") + 2 :].split()
    return ProcessStatus(
        int(fields[_RESIDENT_PAGES]) * _PAGE_BYTES,
        stopped=fields[_STATE] in {b"T", b"t"},
        waits=fields[_STATE] != b"R",
        cpu_ticks=int(fields[_USER_TICKS]) + int(fields[_SYSTEM_TICKS]),
    )


def hard_limit_bytes(memory_mb: float) -> int:
    """The hard limit of a child that may have `memory_mb` resident."""
    return round(memory_mb * MIB * HARD_FACTOR) + HARD_EXTRA_BYTES


def limit_this_process(limit_bytes: int) -> None:
    """Make allocations beyond this fail; does nothing where the system cannot."""
    if limit_bytes <= 0 or sys.platform == "win32":
        return
    import resource

    _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    allowed = limit_bytes if hard == resource.RLIM_INFINITY else min(limit_bytes, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (allowed, hard))
