"""How fast this machine is: a fixed piece of work, so that costs can be compared between machines."""

from __future__ import annotations

import struct
import time

ROUNDS = 2_000
REPEATS = 25
_HEADER = struct.Struct("<BBHIQ")


def calibrate() -> float:
    """Microseconds of processor time that a round of the loop takes: the best of some.

    A round packs, joins, splits, unpacks and looks up, as a server does with a frame.
    """
    payload, table = bytes(640), {number: str(number) for number in range(64)}
    best_s = float("inf")
    for _ in range(REPEATS):
        began_s = time.thread_time()
        total = 0
        for number in range(ROUNDS):
            frame = _HEADER.pack(1, 0, 1, number, number * 320) + payload
            kind, _flags, _stream, seq, sample = _HEADER.unpack_from(frame)
            total += kind + seq + sample + len(frame[16:]) + len(table[number % 64])
        best_s = min(best_s, time.thread_time() - began_s)
    return best_s / ROUNDS * 1e6
