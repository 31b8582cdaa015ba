"""A client's offers and candidates: bounded, and handled one after another."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from frametalk.errors import FrametalkError, Stage
from frametalk.tasks import Tasks
from frametalk.wire import messages as m

OFFERS_PER_MINUTE = 6
MAX_JOBS = 64  # offers and candidates that wait
MINUTE_S = 60.0


class Signalling:
    """Calls `answer` and `add` with what the client sends; `report` gets what these raise, and its type."""

    def __init__(
        self,
        answer: Callable[[m.RtcOffer], Awaitable[None]],
        add: Callable[[m.RtcIce], Awaitable[None]],
        report: Callable[[FrametalkError, str], None],
        tasks: Tasks,
        now: Callable[[], float],
    ) -> None:
        self._answer = answer
        self._add = add
        self._report = report
        self._tasks = tasks
        self._now = now
        self._jobs: deque[m.RtcOffer | m.RtcIce] = deque()
        self._working = False
        self._offers_s: deque[float] = deque(maxlen=OFFERS_PER_MINUTE)

    def take(self, message: m.RtcOffer | m.RtcIce) -> None:
        """Handle it after those before it. Raises FrametalkError `rtc_offers` or `rtc_candidate`."""
        if isinstance(message, m.RtcOffer):
            self._count_offer()
        elif len(self._jobs) >= MAX_JOBS:
            raise FrametalkError(
                "rtc_candidate",
                "more candidates come than can be taken",
                stage=Stage.LINK,
                remedy="send the device's own candidates",
            )
        self._jobs.append(message)
        if not self._working:
            self._working = True
            self._tasks.start(self._work(), "signalling")

    def _count_offer(self) -> None:
        now_s = self._now()
        full = len(self._offers_s) == OFFERS_PER_MINUTE
        if full and now_s - self._offers_s[0] < MINUTE_S:
            raise FrametalkError(
                "rtc_offers",
                f"there were {OFFERS_PER_MINUTE} offers within a minute",
                stage=Stage.LINK,
                remedy="wait, and go on over the WebSocket",
            )
        self._offers_s.append(now_s)

    async def _work(self) -> None:
        try:
            while self._jobs:
                job = self._jobs.popleft()
                try:
                    await (self._answer(job) if isinstance(job, m.RtcOffer) else self._add(job))
                except FrametalkError as error:
                    self._report(error, str(job.__struct_config__.tag))
                await asyncio.sleep(0)  # many candidates must not hold the loop
        finally:
            self._working = False
