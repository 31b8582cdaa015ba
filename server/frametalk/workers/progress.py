"""The call that a child is handling, in a few shared bytes that outlive the child.

When a child dies, the call it was handling is the likely cause, not the last one it answered.
"""

from __future__ import annotations

import mmap
import os
import struct
import sys
import tempfile

_RECORD = struct.Struct("<QQ")  # the call (0: none), number of pieces of work begun
# Windows children inherit no open files, so there no call is suspected.
SHARED = sys.platform != "win32"


class Progress:
    """Written by the child for each piece of work, read by the parent, both without a system call."""

    def __init__(self, fd: int) -> None:
        self._map = mmap.mmap(fd, _RECORD.size)
        self._count = 0

    def begin(self, call_id: int) -> None:
        """The child handles this call now; 0 is none."""
        self._count += 1
        _RECORD.pack_into(self._map, 0, call_id, self._count)

    def read(self) -> tuple[int, int]:
        """The current call, and a number that changes with each piece of work."""
        call_id, count = _RECORD.unpack_from(self._map)
        return call_id, count

    def close(self) -> None:
        """Unmap the record."""
        self._map.close()


def new_file() -> int:
    """A descriptor of an empty record, for parent and child; the caller closes it.

    Its bytes are written here, not only reserved: where a disk is full, that is an OSError, while the first
    write to a mapped page without a block behind it ends the process with SIGBUS.
    """
    empty = bytes(_RECORD.size)
    if in_memory := getattr(os, "memfd_create", None):  # Linux: a full disk does not matter
        fd: int = in_memory("frametalk-worker")
        os.write(fd, empty)
        return fd
    with tempfile.TemporaryFile(prefix="frametalk-worker-") as file:
        file.write(empty)
        file.flush()
        return os.dup(file.fileno())
