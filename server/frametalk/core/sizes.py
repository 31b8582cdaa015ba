"""About how much memory what a client sent holds, so that sessions are bounded by bytes."""

from __future__ import annotations

from typing import Any

OBJECT_BYTES = 56  # a short text, or an empty list
SLOT_BYTES = 8
LARGE_BYTES = 256 * 1024  # so much is not looked at more closely
# A message of 60 KiB that is full of texts of two characters, the most that one can hold.
LARGEST_BYTES = 2 * 1024 * 1024


def held_bytes(value: Any) -> int:
    """Bytes of a decoded value with all that is in it; of a large one `LARGEST_BYTES`."""
    total, left = 0, [value]
    while left:
        part = left.pop()
        total += SLOT_BYTES
        if isinstance(part, str):
            total += OBJECT_BYTES + len(part) * (1 if part.isascii() else 4)
        elif isinstance(part, dict):
            total += OBJECT_BYTES + 3 * SLOT_BYTES * len(part)
            left.extend(part)
            left.extend(part.values())
        elif isinstance(part, list | tuple):
            total += OBJECT_BYTES
            left.extend(part)
        if total > LARGE_BYTES:
            return LARGEST_BYTES
    return total
