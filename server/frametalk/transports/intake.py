"""Gives each client its share of the event loop: what a socket receives is parsed in pieces, at a pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

# 75 of the smallest messages, which take two milliseconds. One read can bring two hundred times as many.
PIECE_BYTES = 1_024
SHARE = 0.2  # of a core, in the long run, for all together who use more than their own
OWN_SHARE = 0.05  # of a core, for each; a player who talks needs 0.02
BURST_S = 0.2  # of a core, at once: a scene, or seconds of sound after a break


class Pace:
    """How long a client that uses processor time has to wait, so that it stays within its share."""

    def __init__(self, share: float = SHARE, burst_s: float = BURST_S) -> None:
        self._share = share
        self._burst_s = self._credit_s = burst_s
        self._at_s = 0.0

    def wait_s(self, spent_s: float, now_s: float) -> float:
        """Seconds to wait after `spent_s` of processor time; 0 as long as there is credit."""
        earned_s = (now_s - self._at_s) * self._share
        self._credit_s = min(self._burst_s, self._credit_s + earned_s) - spent_s
        self._at_s = now_s
        return max(0.0, -self._credit_s / self._share)

    def fits(self, spent_s: float, now_s: float) -> bool:
        """Whether there is credit for so much; nothing is spent."""
        credit_s = min(self._burst_s, self._credit_s + (now_s - self._at_s) * self._share)
        return credit_s >= spent_s

    def exceed_s(self, spent_s: float, now_s: float) -> float:
        """The part of `spent_s` for which there is no credit; it leaves no debt."""
        self.wait_s(spent_s, now_s)
        over_s = max(0.0, -self._credit_s)
        self._credit_s += over_s
        return over_s


class ClientPace:
    """How long a client has to wait that uses more than its own share: `crowd` is that of all such clients.

    So several that send as fast as they can take no more from the others than one.
    """

    def __init__(self, crowd: Pace) -> None:
        self._own = Pace(OWN_SHARE)
        self._crowd = crowd

    def wait_s(self, spent_s: float, now_s: float) -> float:
        """Seconds to wait after `spent_s` of processor time."""
        over_s = self._own.exceed_s(spent_s, now_s)
        return self._crowd.wait_s(over_s, now_s) if over_s else 0.0

    def fits(self, spent_s: float, now_s: float) -> bool:
        """Whether its own share has credit for so much; nothing is spent."""
        return self._own.fits(spent_s, now_s)


class Intake:
    """Feeds `parse` with what `transport` receives, and reads no more while it waits.

    `pause` and `resume` are for the consumer of what was parsed.
    """

    def __init__(
        self, transport: asyncio.Transport, parse: Callable[[bytes], None], pace: Pace | ClientPace
    ) -> None:
        self._transport = transport
        self._parse = parse
        self._pace = pace
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()
        self._next: asyncio.Handle | None = None
        self._full = False
        self._reading = True

    def put(self, data: bytes) -> None:
        """Take what was received; parse the first piece at once if nothing waits."""
        if self._received or self._next is not None or self._full or len(data) > PIECE_BYTES:
            self._received += data
            if self._next is None and not self._full:
                self._parse_piece()
        else:
            self._go_on(data)

    def pause(self) -> None:
        """The consumer takes no more."""
        self._full = True
        self._read(False)

    def resume(self) -> None:
        """The consumer takes more."""
        self._full = False
        if self._next is None:
            self._next = self._loop.call_soon(self._parse_piece)

    def close(self) -> None:
        """Discard what was not parsed."""
        self._received.clear()
        if self._next is not None:
            self._next.cancel()

    def _parse_piece(self) -> None:
        self._next = None
        if self._full:
            return
        piece = bytes(self._received[:PIECE_BYTES])
        del self._received[:PIECE_BYTES]
        self._go_on(piece)

    def _go_on(self, piece: bytes) -> None:
        """Parse a piece; the next one follows when it is due."""
        wait_s = 0.0
        if piece:
            began_s = time.thread_time()
            self._parse(piece)
            wait_s = self._pace.wait_s(time.thread_time() - began_s, self._loop.time())
        if wait_s:
            self._next = self._loop.call_later(wait_s, self._parse_piece)
        elif self._received:
            self._next = self._loop.call_soon(self._parse_piece)
        self._read(self._next is None and not self._full)

    def _read(self, reading: bool) -> None:
        if reading is self._reading or self._transport.is_closing():
            return
        self._reading = reading
        with suppress(RuntimeError):  # it is closing
            if reading:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()
