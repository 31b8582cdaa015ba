"""What a test leaves on its event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Set as AbstractSet
from typing import Any


async def all_ended(before: AbstractSet[asyncio.Task[Any]], within_s: float = 2.0) -> None:
    """Fail if a task that is not in `before` does not end by itself within `within_s`.

    The listening socket may accept a client in the very step in which the server closes: the
    WebSocket library answers it with 503 after the server's own end.
    """
    left = asyncio.all_tasks() - before
    if left:
        _, left = await asyncio.wait(left, timeout=within_s)
    assert not left, left
