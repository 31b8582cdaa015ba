"""The models of `frametalk models pull starter`: hearing, voice and end of turn, fit for this machine."""

from __future__ import annotations

import os
from contextlib import suppress

NAME = "starter"
VOICE = "en_US-joe-medium"
TURN = "smart-turn"
SMALL, MEDIUM = "whisper-tiny.en", "whisper-base"
MEDIUM_CORES = 2  # one for the recogniser, one for all else
MEDIUM_MEMORY_BYTES = 3 << 30


def names() -> tuple[str, ...]:
    """The models, for the cores and the memory of this machine."""
    return (whisper(_cores(), _memory_bytes()), VOICE, TURN)


def whisper(cores: int, memory_bytes: int) -> str:
    """The Whisper model for so many cores and so much memory (0: unknown)."""
    enough = memory_bytes == 0 or memory_bytes >= MEDIUM_MEMORY_BYTES
    return MEDIUM if enough and cores >= MEDIUM_CORES else SMALL


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory_bytes() -> int:
    """The machine's memory; 0 if the system does not say."""
    with suppress(AttributeError, OSError, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return 0
