"""One reply in the making: what its stages share, its pace, and what of it may leave."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from frametalk.context import ClientTime, SessionContext, Timer
from frametalk.core.actions import StartReply
from frametalk.core.audio import RECOGNITION_RATE_HZ, ms_to_samples
from frametalk.core.heard import KeptLedger, Ledger
from frametalk.errors import FrametalkError, Stage
from frametalk.pipeline.answer_sound import AnswerSound
from frametalk.pipeline.lead import Lead
from frametalk.pipeline.microphone import Microphone
from frametalk.pipeline.spoken_turn import SpokenTurn
from frametalk.wire.codec import Media
from frametalk.wire.messages import ServerMessage

SCRIPT_ITEMS = 8  # clauses and calls that the mind may be ahead of the voice
FRAMES = 250  # frames that the voice may be ahead of sending: 5 s of 20 ms
EARLY_S = 0.001  # a timer may be due so much too early


@dataclass(frozen=True, slots=True)
class SayClause:
    """Speak this next. A filler bridges the time until the answer begins."""

    text: str
    filler: bool = False


@dataclass(frozen=True, slots=True)
class CallTool:
    """Call this tool when the clauses before it have been heard."""

    call: int


class ReplyOutput:
    """What one reply sends: kept while the reply is a draft, nothing after its end.

    What is kept is bounded by the reply's queues: its voice waits when 5 s of sound have not been sent.
    """

    def __init__(self, context: SessionContext, microphone: Microphone, *, draft: bool) -> None:
        self.released = asyncio.Event()
        self.ended = False  # cut or discarded
        self._context = context
        self._microphone = microphone
        self._kept: list[Callable[[], None]] = []
        if not draft:
            self.released.set()

    def send(self, message: ServerMessage) -> None:
        """Send a control message."""
        self.when_released(self._context.send, message)

    def send_media(self, frame: Media) -> None:
        """Send a frame, and expect its echo."""
        self.when_released(self._send_media, frame)

    def when_released(self, act: Callable[..., None], *args: Any) -> None:
        """Call `act` now, or when the draft is released; never after the reply's end."""
        # Tasks of a reply run on for a step or two after they are cancelled.
        if self.ended:
            return
        if self.released.is_set():
            act(*args)
        else:
            self._kept.append(partial(act, *args))

    def release(self) -> None:
        """The draft is released: what was kept goes out, in order."""
        self.released.set()
        kept, self._kept = self._kept, []
        for act in kept:
            act()

    def end(self) -> None:
        """The reply was cut or discarded: nothing more goes out."""
        self.ended = True
        self._kept.clear()

    def _send_media(self, frame: Media) -> None:
        self._microphone.reply_sent(frame)
        self._context.send_media(frame)


class FrameQueue:
    """Frames from the voice to the link; `put` waits while there are `bound`. None ends it."""

    def __init__(self, bound: float) -> None:
        self._bound = bound
        self._items: deque[Media | None] = deque()
        self._changed = asyncio.Event()

    @property
    def frames(self) -> tuple[Media, ...]:
        """Those that wait."""
        return tuple(frame for frame in self._items if frame is not None)

    def widen(self) -> None:
        """From now on there is no bound."""
        self._bound = math.inf
        self._changed.set()

    async def put(self, frame: Media | None) -> None:
        """Add at the end."""
        while len(self._items) >= self._bound:
            await self._change()
        self._items.append(frame)
        self._changed.set()

    async def get(self) -> Media | None:
        """Remove the oldest."""
        while not self._items:
            await self._change()
        self._changed.set()
        return self._items.popleft()

    async def _change(self) -> None:
        """Wait until another side has changed something. There is one on each end."""
        self._changed.clear()
        await self._changed.wait()

    def fill(self, frames: Iterable[Media]) -> None:
        """Put all of it there at once, and its end."""
        self._items.extend((*frames, None))


@dataclass(frozen=True, slots=True)
class KeptReply:
    """A reply under way as it outlives a server that restarts. `frames` have not been sent.

    `whole`: its voice has made all of it.
    """

    action: StartReply
    rate_hz: int
    ledger: KeptLedger
    frames: tuple[Media, ...]
    made: int
    frames_made: int
    onset: int | None
    established: bool
    underruns: int
    ending: str
    all_sent: bool
    traced: bool
    whole: bool


class Reply:
    """One reply. `script` goes from the mind to the voice, `frames` from the voice to the link.

    Both queues are bounded, so a mind or voice that is faster than playback waits; None ends each.
    """

    def __init__(
        self,
        action: StartReply,
        spoken: SpokenTurn,
        output: ReplyOutput,
        rate_hz: int,
        lead: Lead,
        time: ClientTime,
    ) -> None:
        self.id = action.reply
        self.action = action
        self.spoken = spoken
        self.output = output
        self.turn = spoken.turn
        self.stream = action.reply % 65_536
        self.rate_hz = rate_hz
        self.trace = spoken.trace
        self.ledger = Ledger()
        self.script: asyncio.Queue[SayClause | CallTool | None] = asyncio.Queue(SCRIPT_ITEMS)
        self.frames = FrameQueue(FRAMES)
        self.thought = asyncio.Event()  # the mind has begun to answer
        self.waiting: Media | None = None  # a frame that is too early to be sent
        self.made = 0  # samples that the voice has made
        self.frames_made = 0
        self.whole = False  # the voice has made all of it
        self.calls = 0  # that its mind asked for, also those that were refused
        self.begun = False  # `reply.begin` was sent, or is kept
        self.has_content = False  # a sound or a call
        self.ready = False  # there was content when the turn ended
        self.onset: int | None = None  # first audible sample
        self.answer = AnswerSound()
        self.established = False  # heard beyond its soft start
        self.underruns = 0
        self.ending: Literal["finished", "guard", "cap"] = "finished"
        self.all_sent = False  # `reply.end` was sent
        self.traced = False
        self.reported_at: int | None = None  # when it was reported, on the recognition clock
        self.played_out = asyncio.Event()
        self._lead = lead
        self._progress = asyncio.Event()
        self._time = time
        self._timer: Timer | None = None
        self._waits_since_s: float | None = None  # for a report
        self._is_silent = False  # a report did not come in time

    def kept(self, *, sound: bool) -> KeptReply:
        """What to restore elsewhere; with `sound` also the frames that were not sent."""
        first = () if self.waiting is None else (self.waiting,)
        frames = (*first, *self.frames.frames) if sound else ()
        return KeptReply(
            self.action,
            self.rate_hz,
            self.ledger.kept(),
            frames,
            self.made,
            self.frames_made,
            self.onset,
            self.established,
            self.underruns,
            self.ending,
            self.all_sent,
            self.traced,
            self.whole,
        )

    def restore(self, kept: KeptReply) -> None:
        """Go on with a reply that another server began. Only its sending is left to do."""
        self.ledger.restore(kept.ledger)
        self.frames.fill(kept.frames)
        self.begun = self.has_content = True
        self.made, self.frames_made, self.onset = kept.made, kept.frames_made, kept.onset
        self.established, self.underruns = kept.established, kept.underruns
        self.ending = kept.ending  # type: ignore[assignment]  # it was one of the literals
        self.all_sent, self.traced, self.whole = kept.all_sent, kept.traced, kept.whole
        self.answer.onset = kept.onset
        self.trace.void("the server was restarted")

    @property
    def is_draft(self) -> bool:
        """Whether it has not been released."""
        return not self.output.released.is_set()

    @property
    def ended(self) -> bool:
        """Whether it was cut or discarded."""
        return self.output.ended

    @property
    def heard_ms(self) -> float:
        """How much was heard from its first audible sample on; 0 if that has not been heard."""
        if self.onset is None:
            return 0.0
        return max(0, self.ledger.played - self.onset) * 1000 / self.rate_hz

    @property
    def ends_at(self) -> int | None:
        """Where its sound ends on the recognition clock, by the newest report; None: it is not known."""
        if not self.all_sent or self.reported_at is None:
            return None
        left = self.ledger.sent - self.ledger.played
        return self.reported_at + left * RECOGNITION_RATE_HZ // self.rate_hz

    def close(self) -> None:
        """Nothing more of it is done: stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def report(self, sample: int, *, done: bool) -> None:
        """The client's report on how far it has played; see Ledger.report for errors."""
        self.ledger.report(sample)
        self._progress.set()
        if done:
            self.played_out.set()

    async def room_for(self, sample: int, timeout_ms: float) -> None:
        """Wait until a frame that begins at `sample` may be sent.

        Raises FrametalkError `played_missing` when the client reports nothing for `timeout_ms`.
        """
        while sample >= self.ledger.played + ms_to_samples(self._lead.ms, self.rate_hz):
            await self._next_report(timeout_ms)

    async def until_played(self, timeout_ms: float) -> None:
        """Wait for the client's `done`. Raises `played_missing` as `room_for` does."""
        while not self.played_out.is_set():
            await self._next_report(timeout_ms)

    async def _next_report(self, timeout_ms: float) -> None:
        self._progress.clear()
        self._waits_since_s = self._time.now()
        # One timer for many reports: each is waited for only for moments.
        if self._timer is None:
            self._timer = self._time.after(
                timeout_ms / 1000, partial(self._check, timeout_ms / 1000)
            )
        try:
            await self._progress.wait()
        finally:
            self._waits_since_s = None
        if self._is_silent:
            raise FrametalkError(
                "played_missing",
                f"nothing was reported as played of reply {self.id} for {timeout_ms:.0f} ms",
                stage=Stage.SPEAK,
                remedy="send `played` at least every 100 ms while a reply plays, and at its end",
            )

    def _check(self, timeout_s: float) -> None:
        """End the wait for a report if it has lasted so long; look again later if not."""
        self._timer = None
        if self._waits_since_s is None:
            return
        left_s = self._waits_since_s + timeout_s - self._time.now()
        if left_s > EARLY_S:
            self._timer = self._time.after(left_s, partial(self._check, timeout_s))
        else:
            self._is_silent = True
            self._progress.set()
