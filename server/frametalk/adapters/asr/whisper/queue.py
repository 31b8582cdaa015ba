"""Whose sound is read next: one model, many turns."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)

# Behind more than these a text would come when the conversation has moved on.
MOST_FINALS = 64
MOST_PARTIALS = 64


class Queue(Generic[T]):
    """Turns that want a text, taken in batches.

    Final texts go before partial ones. Within a kind they are taken in the order they came; a turn waits
    once at most, so nobody is served twice before all others were. A final that does not fit is refused,
    a partial is dropped: it is asked for again with the next sound.
    """

    def __init__(self) -> None:
        self._finals: OrderedDict[T, None] = OrderedDict()
        self._partials: OrderedDict[T, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._finals) + len(self._partials)

    @property
    def urgent(self) -> bool:
        """Whether a final text is wanted. May be asked from another thread."""
        return bool(self._finals)

    def ask_final(self, turn: T, *, first: bool = False) -> bool:
        """Want a final text, `first` of all if it has waited already. False when too many wait."""
        if turn not in self._finals and len(self._finals) >= MOST_FINALS and not first:
            return False
        self._finals.setdefault(turn)
        if first:
            self._finals.move_to_end(turn, last=False)
        self._partials.pop(turn, None)  # the final says it all
        return True

    def ask_partial(self, turn: T) -> None:
        """Want a partial text, unless this turn waits already or too many do."""
        if turn not in self._finals and len(self._partials) < MOST_PARTIALS:
            self._partials.setdefault(turn)

    def forget(self, turn: T) -> None:
        """A turn wants nothing any more."""
        self._finals.pop(turn, None)
        self._partials.pop(turn, None)

    def take(
        self, shape: Callable[[T], Hashable], most_finals: int, most_partials: int
    ) -> tuple[list[T], bool]:
        """The next batch, of one kind and one `shape`, and whether it is of finals."""
        final = bool(self._finals)
        waiting, most = (self._finals, most_finals) if final else (self._partials, most_partials)
        batch: list[T] = []
        first: Hashable = None
        for turn in waiting:
            if len(batch) == most:
                break
            if not batch:
                first = shape(turn)
            elif shape(turn) != first:
                continue
            batch.append(turn)
        for turn in batch:
            del waiting[turn]
        return batch, final
