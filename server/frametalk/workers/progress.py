"""Which call a child is at work on: a few shared bytes that outlive the child.

When a child dies, its last word on the pipe is not what killed it. What it was doing is.
"""

from __future__ import annotations

import mmap
import os
import struct
import sys
import tempfile

_RECORD = struct.Struct("<QQ")  # the call (0: none), how many pieces of work were begun
# Windows gives children no open files; there nobody is blamed.
SHARED = sys.platform != "win32"


class Progress:
    """Written by the child for each piece of work, read by the parent; costs neither a system call."""

    def __init__(self, fd: int) -> None:
        self._map = mmap.mmap(fd, _RECORD.size)
        self._count = 0

    def begin(self, call_id: int) -> None:
        """The child works on this call from now on; 0 is none."""
        self._count += 1
        _RECORD.pack_into(self._map, 0, call_id, self._count)

    def read(self) -> tuple[int, int]:
        """The call at work, and a number that changes with each piece of work."""
        call_id, count = _RECORD.unpack_from(self._map)
        return call_id, count

    def close(self) -> None:
        """The child is gone, or the parent is."""
        self._map.close()


def new_file() -> int:
    """A descriptor of an empty record, for parent and child; to be closed by the caller."""
    with tempfile.TemporaryFile(prefix="frametalk-worker-") as file:
        file.truncate(_RECORD.size)
        return os.dup(file.fileno())
