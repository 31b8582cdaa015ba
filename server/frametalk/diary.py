"""What a session did lately and why, for the page /debug and its traces. It has no spoken words."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

MAX_ENTRIES = 2_000  # about half a megabyte
MAX_TURNS = 50

Kind = Literal["step", "event", "decision", "error"]


class Entry(NamedTuple):
    """A step that took `seconds`, or something that happened at `at_s` of the server's clock."""

    kind: Kind
    name: str
    at_s: float
    seconds: float = 0.0
    turn: int = 0


@dataclass(frozen=True, slots=True)
class TurnEntry:
    """An answered turn. `stages`: its waterfall, in ms; `unseen`: stages that it lacks.

    `heard_s`: when the first audible sample left the client's output, as far as the clocks can tell.
    """

    turn: int
    reply: int
    ended_s: float
    mouth_to_ear_ms: float | None
    stages: tuple[tuple[str, float], ...]
    unmeasured: str
    ready: bool
    discarded: int
    heard_s: float | None = None
    unseen: tuple[str, ...] = ()


class Diary:
    """The newest entries of one session. `now` returns the server's monotonic seconds.

    It is no clock of the session's, so that a session does the same with a diary and without one.
    """

    is_kept = True

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.began_s = now()
        self.entries: deque[Entry] = deque(maxlen=MAX_ENTRIES)
        self.turns: deque[TurnEntry] = deque(maxlen=MAX_TURNS)
        self._turn = 0

    def event(self, what: str, turn: int) -> None:
        """The turn table took an event; `what` says which, and what came of it."""
        self._turn = turn
        self._add("event", what)

    def decision(self, why: str) -> None:
        """Something was decided: what, and why."""
        self._add("decision", why)

    def error(self, code: str) -> None:
        """An error was reported to the client."""
        self._add("error", code)

    def step(self, name: str, seconds: float) -> None:
        """A step has ended that took this long."""
        self.entries.append(Entry("step", name, self.now() - seconds, seconds, self._turn))

    def answered(self, turn: TurnEntry) -> None:
        """A turn was answered, and its waterfall is known."""
        self.turns.append(turn)

    def _add(self, kind: Kind, name: str) -> None:
        self.entries.append(Entry(kind, name, self.now(), 0.0, self._turn))


class NoDiary(Diary):
    """Keeps nothing."""

    is_kept = False

    def __init__(self) -> None:
        super().__init__(lambda: 0.0)

    def event(self, what: str, turn: int) -> None:
        """Nothing."""

    def decision(self, why: str) -> None:
        """Nothing."""

    def error(self, code: str) -> None:
        """Nothing."""

    def step(self, name: str, seconds: float) -> None:
        """Nothing."""

    def answered(self, turn: TurnEntry) -> None:
        """Nothing."""


NO_DIARY = NoDiary()
