"""The parent's side of one call to a worker."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

from frametalk.errors import AdapterError
from frametalk.workers import framing

# Items that nobody takes are worth at most this much memory; then the call is given up.
MAX_UNTAKEN_BYTES = 64 * 1024 * 1024
# Input is kept for another child up to this much, two minutes of speech; a longer call is not run again.
MAX_REPLAY_BYTES = 4 * 1024 * 1024

Rerun = bool | Callable[[], bool]
"""Whether a call may begin again in another child when its own is lost.

True: unless its caller had an item of it. A function is asked at that moment, and may drop what it had.
"""


class WorkerCall:
    """A call under way: takes further input, gives items and one result.

    Items go to `on_item` on the event loop if one was given, else they wait for `async for`. After
    `cancel` no item arrives, iteration ends and `result` raises CancelledError.
    """

    def __init__(
        self,
        opening: framing.Open,
        send: Callable[[framing.Input | framing.Cancel], int],
        on_item: Callable[[Any], None] | None,
        rerun: Rerun,
    ) -> None:
        self.id = opening.id
        self.lost_children = 0
        self._opening = opening
        self._send = send
        self._on_item = on_item
        self._rerun = rerun
        self._inputs: list[Any] = []
        self._inputs_bytes = 0
        self._items: deque[tuple[Any, int]] = deque()
        self._untaken_bytes = 0
        self._had_items = False
        self._ended = asyncio.Event()
        self._news = asyncio.Event()
        self._value: Any = None
        self._error: AdapterError | None = None
        self._cancelled = False

    @property
    def ended(self) -> bool:
        """Whether the call is over, for whatever reason."""
        return self._ended.is_set()

    def send(self, item: Any) -> None:
        """Give the handler further input; never blocks. Nothing happens when the call is over."""
        if self.ended:
            return
        size = self._send(framing.Input(self.id, item))
        if self._rerun is not False:
            self._remember(item, size)

    def _remember(self, item: Any, size: int) -> None:
        self._inputs_bytes += size
        if self._inputs_bytes > MAX_REPLAY_BYTES:
            self._rerun = False
            self._inputs.clear()
        else:
            self._inputs.append(item)

    def begin_again(self) -> list[framing.Open | framing.Input] | None:
        """What runs it once more from its beginning; None if it may not. Untaken items are dropped."""
        may = self._rerun() if callable(self._rerun) else self._rerun and not self._had_items
        if not may:
            return None
        self._items.clear()
        self._untaken_bytes = 0
        return [self._opening, *(framing.Input(self.id, item) for item in self._inputs)]

    def cancel(self) -> None:
        """The call is no longer wanted; the handler is told at once. Safe at any time and twice."""
        if self.ended:
            self._items.clear()
            return
        self._cancelled = True
        self._items.clear()
        self._end()
        self._send(framing.Cancel(self.id))

    async def result(self) -> Any:
        """What the handler's `done` gave. Raises AdapterError, or CancelledError after `cancel`."""
        await self._ended.wait()
        if self._cancelled:
            raise asyncio.CancelledError
        if self._error is not None:
            raise self._error
        return self._value

    async def __aiter__(self) -> AsyncIterator[Any]:
        """Items in order, until the call is done. Raises AdapterError when it fails."""
        while True:
            while self._items:
                item, size = self._items.popleft()
                self._untaken_bytes -= size
                self._had_items = True
                yield item
            if self.ended:
                break
            self._news.clear()
            await self._news.wait()
        if self._error is not None:
            raise self._error

    def emitted(self, item: Any, size: int) -> bool:
        """An item arrived. False when nobody takes the items and there are too many."""
        if self.ended:
            return True
        if self._on_item is not None:
            self._had_items = True
            self._on_item(item)
            return True
        self._items.append((item, size))
        self._untaken_bytes += size
        self._news.set()
        return self._untaken_bytes <= MAX_UNTAKEN_BYTES

    def finish(self, value: Any) -> None:
        """The handler is done."""
        if not self.ended:
            self._value = value
            self._end()

    def fail(self, error: AdapterError) -> None:
        """The call cannot go on."""
        if not self.ended:
            self._error = error
            self._end()

    def _end(self) -> None:
        self._inputs.clear()
        self._ended.set()
        self._news.set()
