"""The spoken disclosure: before anything else that it says, a character says that a machine speaks."""

from __future__ import annotations

from frametalk.context import SessionContext, Timer
from frametalk.core.events import Prompted

WAIT_S = 0.5  # after the client is ready, for the game to have the character greet


class SpokenDisclosure:
    """One session's. `line` is empty if nothing is to be said. It is said until it was heard once."""

    def __init__(self, context: SessionContext, line: str) -> None:
        self._context = context
        self._line = line
        self._pending = bool(line)
        self._timer: Timer | None = None

    def ready(self) -> None:
        """The client has sent its scene or opened its microphone: it can play a reply."""
        if self._pending and self._timer is None:
            self._timer = self._context.client_time.after(WAIT_S, self._prompt)

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def opening(self) -> str:
        """What a reply that begins now must say first; empty once that was heard."""
        return self._line if self._pending else ""

    def heard(self, text: str) -> None:
        """So much of a reply was heard."""
        if self._pending and "".join(self._line.split()) in "".join(text.split()):
            self._pending = False

    def _prompt(self) -> None:
        if self._pending:
            self._context.emit(Prompted(self._line))
