"""The player's turns: an ear opened, finished or forgotten, and what was understood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from frametalk.adapters.base import Bias, Hypothesis, RecogniserStream
from frametalk.core.actions import FinishEar, OpenEar
from frametalk.core.events import Event, Recognised
from frametalk.errors import FrametalkError
from frametalk.pipeline.hear import Hear
from frametalk.tasks import Tasks
from frametalk.trace import TurnTrace
from frametalk.wire.messages import ServerMessage, Transcript, WordHeard

REVISION = 1  # one guess at a turn's end: what was called over stays over

PlaceWords = Callable[[Hypothesis], tuple[WordHeard, ...]]


@dataclass(frozen=True, slots=True)
class Spoken:
    """How a turn was said: where it ended on the microphone's clock, and its instants so far."""

    turn: int
    trace: TurnTrace
    speech_end: int | None
    mic_rate_hz: int


class Listen:
    """Carries out what the turn table asks of the ear, and tells the client what was understood."""

    def __init__(
        self,
        hear: Hear,
        tasks: Tasks,
        *,
        send: Callable[[ServerMessage], None],
        emit: Callable[[Event], None],
        report_error: Callable[[FrametalkError], None],
        recognised_in_ms: Callable[[float], None],
        now: Callable[[], float],
    ) -> None:
        self._hear = hear
        self._tasks = tasks
        self._send = send
        self._emit = emit
        self._report_error = report_error
        self._recognised_in_ms = recognised_in_ms
        self._now = now
        self._spoken: Spoken | None = None

    def open(self, action: OpenEar, bias: Bias) -> None:
        """Listen for a turn, expecting the words of `bias`."""

        def partial(heard: Hypothesis) -> None:
            self._tell(action.turn, heard, self._hear.word_clock(), final=False)

        self._hear.open_ear(action.at, bias, partial)

    def finish(self, action: FinishEar) -> None:
        """No more is said in this turn: get its text, then emit `Recognised`."""
        trace = TurnTrace()
        arrived = self._hear.arrived_at(action.at)
        if arrived is not None:
            trace.mark("capture", arrived)
        trace.mark("endpoint_wait", self._now())
        end = self._hear.to_mic(action.at)
        self._spoken = Spoken(action.turn, trace, end, self._hear.mic_rate_hz)
        ear = self._hear.take_ear()
        if ear is None:
            self._emit(Recognised(action.turn, ""))
            return
        place = self._hear.word_clock()
        self._tasks.start(
            self._finish(action.turn, ear, place, trace), f"recognise turn {action.turn}"
        )

    def cancel(self) -> None:
        """Forget what is being said."""
        self._hear.cancel_ear()

    def spoken(self, turn: int) -> Spoken:
        """How `turn` was said; for a turn that was not spoken, an empty account."""
        if self._spoken is not None and self._spoken.turn == turn:
            return self._spoken
        return Spoken(turn, TurnTrace(), None, self._hear.mic_rate_hz)

    async def _finish(
        self, turn: int, ear: RecogniserStream, place: PlaceWords, trace: TurnTrace
    ) -> None:
        began = self._now()
        try:
            final = await ear.finish()
        except FrametalkError as error:
            self._report_error(error)
            final = Hypothesis("")
        trace.mark("recognition", self._now())
        self._recognised_in_ms((self._now() - began) * 1000)
        self._tell(turn, final, place, final=True)
        self._emit(Recognised(turn, final.text, final.alternatives))

    def _tell(self, turn: int, heard: Hypothesis, place: PlaceWords, *, final: bool) -> None:
        self._send(
            Transcript(
                turn=turn,
                rev=REVISION,
                text=heard.text,
                stable=len(heard.text) if final else heard.stable,
                final=final,
                words=place(heard),
            )
        )
