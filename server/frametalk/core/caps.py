"""What sessions, players and days may use: tokens, seconds of speech, minutes and money."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, fields
from math import inf

DAY_S = 86_400
MAX_SUBJECTS = 100_000  # that are remembered; the one that was charged longest ago is forgotten


@dataclass(frozen=True, slots=True)
class Amounts:
    """Amounts used, or the most that may be used; 0 of a limit: any. `money` is in the prices' currency."""

    tokens: float = 0
    speech_s: float = 0
    minutes: float = 0
    money: float = 0

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Amounts)))

    def beyond(self, limits: Amounts) -> str:
        """The name of the first amount that has reached its limit; empty if none has."""
        for field in fields(Amounts):
            limit = getattr(limits, field.name)
            if limit and getattr(self, field.name) >= limit:
                return field.name
        return ""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most for one session, for one player in a day, and for all together in a day."""

    session: Amounts = Amounts()
    subject: Amounts = Amounts()
    day: Amounts = Amounts()


class Accounts:
    """What a server's players have used today. Days are those of UTC; `now_s` counts from 1970."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._day = -1
        self._total = Amounts()
        self._subjects: OrderedDict[str, Amounts] = OrderedDict()

    def charge(self, subject: str, used: Amounts, now_s: float) -> None:
        """Add what a player has used; an empty subject is nobody that is known."""
        self._turn_page(now_s)
        self._total = self._total + used
        if subject:
            self._subjects[subject] = self._subjects.get(subject, Amounts()) + used
            self._subjects.move_to_end(subject)
            while len(self._subjects) > MAX_SUBJECTS:
                self._subjects.popitem(last=False)

    def reached(self, subject: str, now_s: float) -> str:
        """The cap that is reached today, as its setting is named; empty if none is."""
        self._turn_page(now_s)
        if name := self._total.beyond(self.limits.day):
            return f"day_{name}"
        if subject and (name := self._subjects.get(subject, Amounts()).beyond(self.limits.subject)):
            return f"subject_{name}"
        return ""

    def minutes_left(self, subject: str, now_s: float) -> float:
        """How many minutes are left today of the caps that sessions share; `inf` without such a cap."""
        self._turn_page(now_s)
        caps = [(self.limits.day.minutes, self._total)]
        if subject:
            caps.append((self.limits.subject.minutes, self._subjects.get(subject, Amounts())))
        return min((limit - used.minutes for limit, used in caps if limit), default=inf)

    def _turn_page(self, now_s: float) -> None:
        day = int(now_s // DAY_S)
        if day != self._day:
            self._day, self._total = day, Amounts()
            self._subjects.clear()
