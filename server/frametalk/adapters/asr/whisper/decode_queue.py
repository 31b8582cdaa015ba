"""Which stream's sound is decoded next: one model, many streams."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)

# A text that waits behind more than these comes too late for the conversation.
MAX_FINALS = 64
MAX_PARTIALS = 64


class DecodeQueue(Generic[T]):
    """Streams that wait for a text, taken in batches.

    Finals go before partials. Within a kind the order is first come, first served, and a stream waits at
    most once, so none is served twice while another waits. When the queue is full a final is refused and
    a partial is dropped; the next sound requests it again.
    """

    def __init__(self) -> None:
        self._finals: OrderedDict[T, None] = OrderedDict()
        self._partials: OrderedDict[T, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._finals) + len(self._partials)

    @property
    def has_finals(self) -> bool:
        """Whether a final waits. May be read from another thread."""
        return bool(self._finals)

    def request_final(self, stream: T, *, first: bool = False) -> bool:
        """Queue a final, in front if it has waited before (`first`). False when the queue is full."""
        if stream not in self._finals and len(self._finals) >= MAX_FINALS and not first:
            return False
        self._finals.setdefault(stream)
        if first:
            self._finals.move_to_end(stream, last=False)
        self._partials.pop(stream, None)  # the final includes it
        return True

    def request_partial(self, stream: T) -> None:
        """Queue a partial, unless the stream waits already or the queue is full."""
        if stream not in self._finals and len(self._partials) < MAX_PARTIALS:
            self._partials.setdefault(stream)

    def remove(self, stream: T) -> None:
        """Take a stream out of the queue, if it is in it."""
        self._finals.pop(stream, None)
        self._partials.pop(stream, None)

    def take(
        self, shape: Callable[[T], Hashable], max_finals: int, max_partials: int
    ) -> tuple[list[T], bool]:
        """The next batch, of one kind and one `shape`, and whether it is of finals."""
        final = bool(self._finals)
        waiting, limit = (self._finals, max_finals) if final else (self._partials, max_partials)
        batch: list[T] = []
        first: Hashable = None
        for stream in waiting:
            if len(batch) == limit:
                break
            if not batch:
                first = shape(stream)
            elif shape(stream) != first:
                continue
            batch.append(stream)
        for stream in batch:
            del waiting[stream]
        return batch, final
