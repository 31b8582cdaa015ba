"""One reply in the making: what its stages share, its pace, and what of it may leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ParamSpec

from frametalk.core.audio import ms_to_samples
from frametalk.core.heard import Ledger
from frametalk.errors import FrametalkError, Stage
from frametalk.pipeline.recognition import SpokenTurn
from frametalk.wire.codec import Media

SCRIPT_ITEMS = 8  # clauses and calls that the mind may be ahead of the voice
FRAMES = 250  # frames that the voice may be ahead of sending: 5 s of 20 ms


@dataclass(frozen=True, slots=True)
class SayClause:
    """Speak this next."""

    text: str


@dataclass(frozen=True, slots=True)
class CallTool:
    """Ask the game for this when the clauses before it have been heard."""

    call: int


_P = ParamSpec("_P")


class Gate:
    """What a reply sends goes through here: kept while it is closed, dropped once it is void.

    A draft's gate is closed until the turn is over. What is kept is bounded by the reply's queues: its
    voice waits when 5 s of sound have not been sent.
    """

    def __init__(self, *, closed: bool) -> None:
        self.void = False
        self.opened = asyncio.Event()
        self._kept: list[Callable[[], None]] = []
        if not closed:
            self.opened.set()

    @property
    def closed(self) -> bool:
        """Whether the reply is only a draft."""
        return not self.opened.is_set()

    def through(self, send: Callable[_P, None]) -> Callable[_P, None]:
        """`send`, for as long as the reply is wanted and not before."""

        def gated(*args: _P.args, **kwargs: _P.kwargs) -> None:
            # A reply's tasks run on for a step or two after they are cancelled.
            if self.void:
                return
            if self.closed:
                self._kept.append(partial(send, *args, **kwargs))
            else:
                send(*args, **kwargs)

        return gated

    def open(self) -> None:
        """The reply is wanted: what was kept goes out, in order."""
        self.opened.set()
        kept, self._kept = self._kept, []
        for send in kept:
            send()

    def destroy(self) -> None:
        """The reply is not wanted, or not any more."""
        self.void = True
        self._kept.clear()


class Reply:
    """One reply. `script` goes from the mind to the voice, `frames` from the voice to the link.

    Both queues are bounded, so a mind or voice that is faster than the ear waits; None ends each.
    """

    def __init__(
        self, reply: int, spoken: SpokenTurn, rate_hz: int, lead_ms: float, *, draft: bool = False
    ) -> None:
        self.id = reply
        self.spoken = spoken
        self.turn = spoken.turn
        self.stream = reply % 65_536
        self.rate_hz = rate_hz
        self.trace = spoken.trace
        self.ledger = Ledger()
        self.gate = Gate(closed=draft)
        self.script: asyncio.Queue[SayClause | CallTool | None] = asyncio.Queue(SCRIPT_ITEMS)
        self.frames: asyncio.Queue[Media | None] = asyncio.Queue(FRAMES)
        self.thought = asyncio.Event()  # the mind has begun to answer
        self.made = 0  # samples that the voice has made
        self.calls = 0  # that its mind asked for, also those that could not be made
        self.begun = False  # `reply.begin` was sent, or waits at the gate
        self.made_something = False  # a sound or a call
        self.ready = False  # there was something when the turn was called over
        self.onset: int | None = None  # first audible sample
        self.underruns = 0
        self.traced = False
        self.played_out = asyncio.Event()
        self._lead_samples = ms_to_samples(lead_ms, rate_hz)
        self._progress = asyncio.Event()

    @property
    def cut(self) -> bool:
        """Whether the rest of it was taken back."""
        return self.gate.void

    def report(self, sample: int, *, done: bool) -> None:
        """The client's word on how far it has played; see Ledger.report for errors."""
        self.ledger.report(sample)
        self._progress.set()
        if done:
            self.played_out.set()

    async def room_for(self, sample: int, timeout_ms: float) -> None:
        """Wait until a frame that begins at `sample` may be sent.

        Raises FrametalkError `played_missing` when the client has reported nothing for too long.
        """
        while sample >= self.ledger.played + self._lead_samples:
            self._progress.clear()
            await self._wait(self._progress, timeout_ms)

    async def until_played(self, timeout_ms: float) -> None:
        """Wait for the client's `done`. Raises `played_missing` when it goes silent."""
        while not self.played_out.is_set():
            self._progress.clear()
            await self._wait(self._progress, timeout_ms)

    async def _wait(self, progress: asyncio.Event, timeout_ms: float) -> None:
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                await progress.wait()
        except TimeoutError:
            raise FrametalkError(
                "played_missing",
                f"nothing was reported as played of reply {self.id} for {timeout_ms:.0f} ms",
                stage=Stage.SPEAK,
                remedy="send `played` at least every 100 ms while a reply plays, and at its end",
            ) from None
