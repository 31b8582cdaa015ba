"""A process that ends with the one that started it."""

from __future__ import annotations

import asyncio
import sys

import pytest

from frametalk.bench.server import left_of

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform == "win32", reason="its processes have no parents"),
]

# Prints its process id when it is ready, and then does nothing for a minute.
CHILD = """
import os, sys, time
sys.platform = sys.argv[2]
from frametalk.workers.parent import end_with_parent
end_with_parent(int(sys.argv[1]))
print(os.getpid(), flush=True)
time.sleep(60)
"""
PARENT = """
import os, subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[1], str(os.getpid()), sys.argv[2]])
"""


@pytest.mark.parametrize("platform", [sys.platform, "another Unix"])
async def test_a_process_ends_when_its_parent_is_killed(platform: str) -> None:
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, CHILD, platform), stdout=asyncio.subprocess.PIPE
    )
    assert started.stdout is not None
    child = int(await started.stdout.readline())
    started.kill()
    await started.wait()
    assert await left_of([child], 20) == []


@pytest.mark.parametrize("platform", [sys.platform, "another Unix"])
async def test_a_process_whose_parent_has_gone_already_does_not_begin(platform: str) -> None:
    gone = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await gone.wait()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CHILD, str(gone.pid), platform), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(20):
        assert await child.wait() == -9
