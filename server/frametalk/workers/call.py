"""One call to a worker, in the parent."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

from frametalk.errors import AdapterError
from frametalk.workers import framing

# A call with more unread items than this fails.
MAX_UNREAD_BYTES = 64 * 1024 * 1024
# Input is kept for a rerun up to this size, two minutes of speech; a longer call is not run again.
MAX_REPLAY_BYTES = 4 * 1024 * 1024

Rerun = bool | Callable[[], bool]
"""Whether a call may run again in another child when its own is lost.

True: unless its caller got an item. A function is called at that moment; it may discard items it got.
"""


class WorkerCall:
    """A call under way: takes further input, yields items and returns one result.

    Items go to `on_item` on the event loop; without one they wait for `async for`. After `cancel` no item
    arrives, iteration ends and `result` raises CancelledError.
    """

    def __init__(
        self,
        opening: framing.Open,
        send: Callable[[framing.Input | framing.Cancel], int],
        on_item: Callable[[Any], None] | None,
        rerun: Rerun,
    ) -> None:
        self.id = opening.id
        self.lost_children = 0  # in a row, see `Calls.move`
        self.reruns = 0
        self.on_end: Callable[[], None] | None = None
        self._opening = opening
        self._send = send
        self._on_item = on_item
        self._rerun = rerun
        self._inputs: list[Any] = []
        self._inputs_bytes = 0
        self._items: deque[tuple[Any, int]] = deque()
        self._unread_bytes = 0
        self._had_items = False
        self._ended = asyncio.Event()
        self._changed = asyncio.Event()
        self._value: Any = None
        self._error: AdapterError | None = None
        self._cancelled = False

    @property
    def ended(self) -> bool:
        """Whether the call has ended, for any reason."""
        return self._ended.is_set()

    def send(self, item: Any) -> None:
        """Send the handler further input. Never blocks; does nothing after the end."""
        if self.ended:
            return
        size = self._send(framing.Input(self.id, item))
        if self._rerun is not False:
            self._keep_for_rerun(item, size)

    def _keep_for_rerun(self, item: Any, size: int) -> None:
        self._inputs_bytes += size
        if self._inputs_bytes > MAX_REPLAY_BYTES:
            self._rerun = False
            self._inputs.clear()
        else:
            self._inputs.append(item)

    def rerun_frames(self) -> list[framing.Open | framing.Input] | None:
        """The frames that run it again; None if it must not. Unread items are discarded."""
        allowed = self._rerun() if callable(self._rerun) else self._rerun and not self._had_items
        if not allowed:
            return None
        self._items.clear()
        self._unread_bytes = 0
        return [self._opening, *(framing.Input(self.id, item) for item in self._inputs)]

    def cancel(self) -> None:
        """Cancel the call, also in the child. Safe at any time and twice."""
        if self.ended:
            self._items.clear()
            return
        self._cancelled = True
        self._items.clear()
        self._end()
        self._send(framing.Cancel(self.id))

    async def result(self) -> Any:
        """The value of the handler's `done`. Raises AdapterError, or CancelledError after `cancel`."""
        await self._ended.wait()
        if self._cancelled:
            raise asyncio.CancelledError
        if self._error is not None:
            raise self._error
        return self._value

    async def __aiter__(self) -> AsyncIterator[Any]:
        """Items in order, until the call ends. Raises AdapterError if it fails."""
        while True:
            while self._items:
                item, size = self._items.popleft()
                self._unread_bytes -= size
                self._had_items = True
                yield item
            if self.ended:
                break
            self._changed.clear()
            await self._changed.wait()
        if self._error is not None:
            raise self._error

    def receive(self, item: Any, size: int) -> bool:
        """Take an item from the child. False when there are too many unread ones."""
        if self.ended:
            return True
        if self._on_item is not None:
            self._had_items = True
            self._on_item(item)
            return True
        self._items.append((item, size))
        self._unread_bytes += size
        self._changed.set()
        return self._unread_bytes <= MAX_UNREAD_BYTES

    def finish(self, value: Any) -> None:
        """End the call with its value."""
        if not self.ended:
            self._value = value
            self._end()

    def fail(self, error: AdapterError) -> None:
        """End the call with an error."""
        if not self.ended:
            self._error = error
            self._end()

    def _end(self) -> None:
        self._inputs.clear()
        self._ended.set()
        self._changed.set()
        if self.on_end is not None:
            self.on_end()
