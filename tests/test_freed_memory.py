"""Memory that was freed goes back to the system."""

from __future__ import annotations

import asyncio
import gc
import platform
import weakref
from pathlib import Path

import pytest

from frametalk.freed_memory import EVERY_S, SOON_S, give_back, trimmer

BLOCKS, BLOCK_BYTES = 20_000, 3_000


class Ended:
    """Something whose parts refer to it."""

    def __init__(self) -> None:
        self.part = [self]


def resident_kb() -> int:
    """Memory of this process that is in use for the system."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


@pytest.mark.looptime
async def test_memory_is_given_back_each_minute() -> None:
    times: list[float] = []
    loop = asyncio.get_running_loop()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3.5 * EVERY_S):
            await give_back(lambda: times.append(loop.time()), asyncio.Event())
    assert times == pytest.approx([EVERY_S, 2 * EVERY_S, 3 * EVERY_S], abs=1.0)


@pytest.mark.looptime
async def test_what_only_the_collector_frees_is_freed_each_minute() -> None:
    left = Ended()
    alive = weakref.ref(left)
    gc.collect()
    gc.disable()
    try:
        del left
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.5 * EVERY_S):
                await give_back(lambda: None, asyncio.Event())
        assert alive() is None
    finally:
        gc.enable()


@pytest.mark.looptime
async def test_what_sessions_leave_is_freed_soon_after_they_have_ended() -> None:
    times: list[float] = []
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for after_s in (1.0, 2.0, 20.0):
        loop.call_later(after_s, ended.set)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(EVERY_S):
            await give_back(lambda: times.append(loop.time()), ended)
    assert times == pytest.approx([1.0 + SOON_S, 20.0 + SOON_S], abs=0.5)


def test_without_a_c_library_that_can_nothing_is_given_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda _name: object())
    trimmer()()


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="this system has another C library than GNU's"
)
def test_the_library_gives_back_what_lies_between_blocks_in_use() -> None:
    trim = trimmer()
    blocks = [bytes(BLOCK_BYTES) for _ in range(BLOCKS)]
    kept = [block for number, block in enumerate(blocks) if number % 10 == 0]
    del blocks
    before_kb = resident_kb()
    trim()
    assert before_kb - resident_kb() > BLOCKS * BLOCK_BYTES / 1024 / 4, len(kept)
