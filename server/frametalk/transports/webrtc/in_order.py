"""Puts packets in order, and waits for a missing one only until a few later ones have come."""

from __future__ import annotations

from bisect import insort
from collections import deque
from typing import Generic, NamedTuple, TypeVar

WINDOW, WIDEST = 2, 6  # packets that may wait for a missing one
CALM_PACKETS = 500  # after so many without a late one, the window is made narrower
RECENT_GAPS = 16

_P = TypeVar("_P")


class _Held(NamedTuple, Generic[_P]):
    number: int
    following: int
    packet: _P


class InOrder(Generic[_P]):
    """Each packet says its own number and the number that follows it, so that a missing one shows.

    `next`: the number that is due; None: the first that comes. `lost` counts gaps that were given up,
    `late` packets that came after that; each of these makes the window wider by one, up to `WIDEST`.
    """

    def __init__(self, next_number: int | None = None, window: int = WINDOW) -> None:
        self.next = next_number
        self.lost = 0
        self.late = 0
        self.window = self._narrowest = window
        self._held: list[_Held[_P]] = []
        self._gaps: deque[tuple[int, int]] = deque(maxlen=RECENT_GAPS)
        self._calm = 0

    def put(self, number: int, following: int, packet: _P) -> list[_P]:
        """Take a packet; return those that are due now, in order. One that came before is ignored."""
        if self.next is None:
            self.next = number
        self._calm += 1
        if self._calm >= CALM_PACKETS:
            self._calm, self.window = 0, max(self._narrowest, self.window - 1)
        if following <= self.next:
            self._note_late(number)
            return []
        if any(held.number == number for held in self._held):
            return []
        insort(self._held, _Held(number, following, packet), key=lambda held: held.number)
        if self._held[0].number > self.next and len(self._held) > self.window:
            self.lost += 1
            self._gaps.append((self.next, self._held[0].number))
            self.next = self._held[0].number
        return self._due()

    def flush(self) -> list[_P]:
        """Wait no more for what is missing: all that is held, in order."""
        due = []
        while self._held:
            self.next = max(self.next or 0, self._held[0].number)
            due += self._due()
        return due

    def _due(self) -> list[_P]:
        due = []
        while self._held and self.next is not None and self._held[0].number <= self.next:
            held = self._held.pop(0)
            if held.following > self.next:
                due.append(held.packet)
                self.next = held.following
        return due

    def _note_late(self, number: int) -> None:
        for gap in self._gaps:
            if gap[0] <= number < gap[1]:
                self.late += 1
                self._calm, self.window = 0, max(self.window, min(WIDEST, self.window + 1))
                return
