"""Memory that was freed goes back to the system."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from frametalk.freed_memory import EVERY_S, give_back, trimmer

BLOCKS, BLOCK_BYTES = 20_000, 3_000


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
            await give_back(lambda: times.append(loop.time()))
    assert times == pytest.approx([EVERY_S, 2 * EVERY_S, 3 * EVERY_S], abs=1.0)


async def test_nothing_is_done_where_the_system_cannot() -> None:
    await asyncio.wait_for(give_back(None), 1.0)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the GNU C library is on Linux")
def test_the_library_gives_back_what_lies_between_blocks_in_use() -> None:
    trim = trimmer()
    if trim is None:
        pytest.skip("this Linux has another C library than GNU's")
    blocks = [bytes(BLOCK_BYTES) for _ in range(BLOCKS)]
    kept = [block for number, block in enumerate(blocks) if number % 10 == 0]
    del blocks
    before_kb = resident_kb()
    trim()
    assert before_kb - resident_kb() > BLOCKS * BLOCK_BYTES / 1024 / 4, len(kept)
