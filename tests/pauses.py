"""How often work lets others have their turn."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any


def pauses(work: Coroutine[Any, Any, object]) -> int:
    """Run work that waits for nothing but `asyncio.sleep(0)`; how often it does."""
    count = 0
    while True:
        try:
            work.send(None)
        except StopIteration:
            return count
        count += 1
