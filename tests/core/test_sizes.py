"""Estimates of memory, beside what Python says."""

from __future__ import annotations

import sys
import tracemalloc
from typing import Any

import msgspec
import pytest

from frametalk.core.sizes import LARGE_BYTES, LARGEST_BYTES, held_bytes
from frametalk.wire.codec import MAX_MESSAGE_BYTES

VALUES: dict[str, Any] = {
    "nothing": None,
    "a number": 7,
    "a text": "the cellar door",
    "another script": "Ключ от подвала",
    "texts": [f"thing {number}" for number in range(200)],
    "empty lists": [[] for _ in range(500)],
    "maps": [{"id": number, "state": {"open": True}} for number in range(100)],
    "a deep one": [[[[["deep"]]]]] * 5,
}


def python_bytes(encoded: bytes) -> int:
    """What Python allocates for it."""
    tracemalloc.start()
    try:
        value = msgspec.msgpack.decode(encoded)
        held, _peak = tracemalloc.get_traced_memory()
        assert value is not encoded
        return held
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", VALUES)
def test_no_value_holds_much_more_than_was_estimated(name: str) -> None:
    value = VALUES[name]
    assert python_bytes(msgspec.msgpack.encode(value)) <= 1.5 * held_bytes(value) + 1_000


def test_a_value_is_estimated_at_no_more_than_four_times_its_memory() -> None:
    for value in VALUES.values():
        if isinstance(value, list) and len(value) > 50:
            assert held_bytes(value) <= 4 * python_bytes(msgspec.msgpack.encode(value))


def test_the_largest_message_holds_no_more_than_the_largest_estimate() -> None:
    texts = [f"{number % 2_500:03x}"[-2:] for number in range((MAX_MESSAGE_BYTES - 3) // 3)]
    assert LARGE_BYTES < python_bytes(msgspec.msgpack.encode(texts)) <= LARGEST_BYTES
    assert held_bytes(texts) == LARGEST_BYTES


def test_a_large_value_is_not_looked_at_to_its_end() -> None:
    endless: list[Any] = ["x" * LARGE_BYTES]
    for _ in range(60):
        endless = [endless, endless]
    assert held_bytes(["y" * (LARGE_BYTES + 1), endless][::-1]) == LARGEST_BYTES
    assert sys.getsizeof(endless) < LARGE_BYTES
