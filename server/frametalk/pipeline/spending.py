"""What one session uses of its caps, and how it ends when one is reached."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf

from frametalk.context import SessionContext, Timer
from frametalk.core.caps import Accounts, Amounts, Limits
from frametalk.core.events import Prompted
from frametalk.errors import FrametalkError, Stage
from frametalk.pipeline.set_lines import SetLineBook

POLICY_VIOLATION = 1008
PARTING_S = 30.0  # from a cap of time to the session's end, whatever is said until then
LONGEST_S = (
    10.0  # between two looks at the minutes: other sessions use those of the player and of the day
)
SHORTEST_S = 0.01


class SessionSpending:
    """Charges one session's use. `wall_s` returns seconds since 1970, for the day.

    A cap that is reached ends the session gracefully: the reply under way ends after its clause with the
    character's parting line, or the next turn is answered by it; then the session is closed.
    """

    def __init__(
        self,
        context: SessionContext,
        accounts: Accounts,
        subject: str,
        lines: SetLineBook,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        self._context = context
        self._accounts = accounts
        self._subject = subject
        self._lines = lines
        self._wall_s = wall_s
        self._used = Amounts()
        self._charged_s = context.now()
        self._timer: Timer | None = None
        self._reached = ""
        self._ended = False

    def begin(self) -> None:
        """The session has begun: its minutes run."""
        limits = self._accounts.limits
        if limits.session.minutes or limits.subject.minutes or limits.day.minutes:
            self._watch_minutes()

    def close(self) -> None:
        """The session has ended: charge its last minutes."""
        if self._timer is not None:
            self._timer.cancel()
        self._charge_time()

    def tokens(self, count: int, money: float) -> None:
        """The mind has used tokens."""
        self._charge(Amounts(tokens=count, money=money))

    def speech(self, seconds: float) -> None:
        """The voice has made so much sound."""
        self._charge(Amounts(speech_s=seconds))

    def reached(self) -> str:
        """The cap that is reached, as its setting is named; empty if none is. It stays so on a new day."""
        if not self._reached:
            self._charge_time()
            if name := self._used.beyond(self._accounts.limits.session):
                self._reached = f"session_{name}"
            else:
                self._reached = self._context.boundary.value(
                    lambda: self._accounts.reached(self._subject, self._wall_s())
                )
        return self._reached

    def end(self) -> None:
        """The parting line was said: close the session."""
        if self._ended:
            return
        self._ended = True
        error = cap_reached(self.reached())
        self._context.audit.write("cap", cap=self.reached())
        self._context.report(error)
        self._context.tasks.start(self._context.link.close(POLICY_VIOLATION, error.code), "cap")

    def _watch_minutes(self) -> None:
        """Take the leave if no minutes are left; else look again when they may be used up."""
        self._charge_time()
        left_s = self._minutes_left() * 60
        if left_s <= 0:
            self._out_of_time()
        else:
            wait_s = min(max(left_s, SHORTEST_S), LONGEST_S)
            self._timer = self._context.client_time.after(wait_s, self._watch_minutes)

    def _minutes_left(self) -> float:
        limits = self._accounts.limits
        own = limits.session.minutes - self._used.minutes if limits.session.minutes else inf
        if not (limits.subject.minutes or limits.day.minutes):
            return own
        return min(
            own,
            self._context.boundary.value(
                lambda: self._accounts.minutes_left(self._subject, self._wall_s())
            ),
        )

    def _out_of_time(self) -> None:
        self.reached()  # from now on, whatever the day
        self._context.emit(Prompted(self._lines.line("parting")))  # if nothing is being said now
        self._timer = self._context.client_time.after(PARTING_S, self.end)

    def _charge_time(self) -> None:
        now_s = self._context.now()
        self._charge(Amounts(minutes=(now_s - self._charged_s) / 60))
        self._charged_s = now_s

    def _charge(self, used: Amounts) -> None:
        self._used = self._used + used
        self._accounts.charge(self._subject, used, self._wall_s())


def cap_reached(name: str, ref: str = "") -> FrametalkError:
    """The error that ends a session whose cap is reached, or refuses another one (`ref`: "hello")."""
    when = "open another session" if name.startswith("session_") else "come back tomorrow"
    error = FrametalkError(
        "cap_reached",
        f"caps.{name} is reached",
        stage=Stage.SESSION,
        remedy=f"{when}, or raise caps.{name}",
        fatal=True,
    )
    error.ref = ref
    return error


def no_caps() -> Accounts:
    """Accounts without limits."""
    return Accounts(Limits())
