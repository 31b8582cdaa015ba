"""The player's turns: an ear opened, final or forgotten, and what was understood."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from frametalk.adapters.base import Bias, Hypothesis, RecogniserStream, TurnDetector
from frametalk.core.actions import CommitTurn, FinalizeRecognition, StartRecognition
from frametalk.core.barge_in import BargeInClassifier
from frametalk.core.commands import Commands
from frametalk.core.completeness import Completeness, completeness_of, with_detector
from frametalk.core.events import BargeIn, Event, Recognised
from frametalk.errors import FrametalkError
from frametalk.pipeline.microphone import Microphone
from frametalk.tasks import Tasks
from frametalk.trace import TurnTrace
from frametalk.wire.messages import ServerMessage, Transcript, WordHeard

REMEMBERED = 8  # revisions whose words and instants are still asked for

PlaceWords = Callable[[Hypothesis], tuple[WordHeard, ...]]


@dataclass(slots=True)
class SpokenTurn:
    """How a turn was said: where it ended on the microphone's clock, its instants, and its words."""

    turn: int
    rev: int
    trace: TurnTrace
    speech_end: int | None
    mic_rate_hz: int
    heard: Hypothesis | None = None
    words: tuple[WordHeard, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a turn is heard in. The callables are asked at the moment that counts.

    `ducked`: whether it is still open if the player interrupts a reply; `sounding`: what that reply
    just said; `may_draft(turn)`: whether an answer may be made in vain.
    """

    commands: Callable[[], Commands]
    ducked: Callable[[], bool]
    sounding: Callable[[], str]
    may_draft: Callable[[int], bool]
    show_gesture: Callable[[str], None]
    language: str
    echo: bool
    judge: TurnDetector | None


@dataclass(slots=True)
class _Turn:
    id: int
    rev: int = 1
    over_reply: bool = False  # it began over a reply, and is not known to interrupt it
    suspected: bool = False  # the newest partial text would interrupt it


class Recognition:
    """Carries out what the turn table asks of the ear, and tells the client what was understood."""

    def __init__(
        self,
        hear: Microphone,
        tasks: Tasks,
        surroundings: Surroundings,
        *,
        send: Callable[[ServerMessage], None],
        emit: Callable[[Event], None],
        report_error: Callable[[FrametalkError], None],
        recognised_in_ms: Callable[[float], None],
        now: Callable[[], float],
    ) -> None:
        self._hear = hear
        self._tasks = tasks
        self._around = surroundings
        self._send = send
        self._emit = emit
        self._report_error = report_error
        self._recognised_in_ms = recognised_in_ms
        self._now = now
        self._turn = _Turn(0)
        self._spoken: OrderedDict[tuple[int, int], SpokenTurn] = OrderedDict()
        self._finalizing: dict[RecogniserStream, int] = {}  # how many texts are awaited of it

    # ---- what the turn table asks for ------------------------------------------------------------

    def open(self, action: StartRecognition, bias: Bias) -> None:
        """Recognition for a turn, expecting the words of `bias`."""
        turn = self._turn = _Turn(action.turn, over_reply=self._around.ducked())
        self._hear.open_ear(action.at, bias, lambda heard: self._partial(turn, heard))

    def finalize(self, action: FinalizeRecognition) -> None:
        """Get the text as if nothing more came, then emit `Recognised`."""
        trace = TurnTrace()
        arrived = self._hear.arrived_at(action.at)
        if arrived is not None:
            trace.mark("capture", arrived)
        end, ear = self._hear.to_mic(action.at), self._hear.ear
        spoken = SpokenTurn(action.turn, action.rev, trace, end, self._hear.mic_rate_hz)
        self._remember(spoken)
        self._turn.rev = action.rev
        if ear is None:
            self._emit(Recognised(action.turn, action.rev, ""))
            return
        self._finalizing[ear] = self._finalizing.get(ear, 0) + 1
        self._tasks.start(
            self._finalize(self._turn, spoken, ear, self._hear.word_clock()),
            f"recognise turn {action.turn}.{action.rev}",
        )
        if self._around.judge is not None:
            self._tasks.start(
                self._ask_judge(self._around.judge, action), f"judge turn {action.turn}"
            )

    def close(self) -> None:
        """Nothing more belongs to the turn; a text that is still awaited is."""
        ear = self._hear.take_ear()
        if ear is not None and not self._finalizing.get(ear):
            ear.cancel()

    def cancel(self) -> None:
        """Forget what is being said."""
        self._hear.cancel_ear()
        self._hear.waiting.cancel()

    def commit(self, action: CommitTurn) -> None:
        """The turn is over: tell its words. What was typed is not told."""
        spoken = self._spoken.get((action.turn, action.rev))
        if spoken is None:
            return
        spoken.trace.mark("endpoint_wait", self._hear.waiting.ended_s)
        self._tell(action.turn, action.rev, action.text, spoken.words, final=True)

    def interrupting(self) -> None:
        """What is being said has stopped the reply: it is a turn like any other."""
        self._turn.over_reply = False

    def spoken(self, turn: int, rev: int) -> SpokenTurn:
        """How a turn was said; for one that was not spoken, an empty account."""
        unspoken = SpokenTurn(turn, rev, TurnTrace(), None, self._hear.mic_rate_hz)
        return self._spoken.get((turn, rev), unspoken)

    # ---- what is understood ----------------------------------------------------------------------

    def _partial(self, turn: _Turn, heard: Hypothesis) -> None:
        if not self._hear.waiting.in_turn:
            return  # the turn is over: only if the player goes on do further words count
        if (turn.id, turn.rev) in self._spoken and not self._hear.waiting.paused:
            turn.rev += 1
        spoken = self._spoken.get((turn.id, turn.rev))
        final = spoken.heard if spoken is not None else None
        heard = self._likelier(heard)
        kind = self._finished(heard)
        was = None if final is None else self._finished(final)
        if was is Completeness.COMPLETE and kind is not Completeness.COMPLETE:
            return  # a breath after a whole command is easily taken for another word
        self._hear.waiting.expect(kind)
        if turn.over_reply:
            # The reply stands still meanwhile: time to see whether the next text says so too.
            suspected, turn.suspected = turn.suspected, self._stops(heard.text)
            if not (suspected and turn.suspected):
                return
            self._emit(BargeIn(turn.id))
        words = self._hear.word_clock()(heard)
        self._tell(turn.id, turn.rev, heard.text, words, stable=heard.stable)
        if spoken is not None and final is not None and final.text != heard.text:
            # The last word came out only in the silence.
            spoken.heard, spoken.words = heard, words
            self._emit(self._understood(turn, spoken))

    async def _finalize(
        self, turn: _Turn, spoken: SpokenTurn, ear: RecogniserStream, place: PlaceWords
    ) -> None:
        began = self._now()
        try:
            heard = self._likelier(await ear.finalize())
        except FrametalkError as error:
            self._report_error(error)
            heard = Hypothesis("")
        finally:
            self._finalized(ear)
        spoken.trace.mark("recognition", self._now())
        self._recognised_in_ms((self._now() - began) * 1000)
        spoken.heard, spoken.words = heard, place(heard)
        kind = self._finished(heard)
        if turn is self._turn and turn.rev == spoken.rev:
            self._hear.waiting.expect(kind)
        if not turn.over_reply and heard.text:
            self._tell(turn.id, spoken.rev, heard.text, spoken.words, stable=heard.stable)
            if kind is not Completeness.COMPLETE:
                self._around.show_gesture("nod")
        self._emit(self._understood(turn, spoken))

    def _understood(self, turn: _Turn, spoken: SpokenTurn) -> Recognised:
        heard = spoken.heard or Hypothesis("")
        # Who sounds unfinished goes on, as a rule: an answer to that would be made in vain.
        likely_ended = self._finished(heard) is not Completeness.INCOMPLETE
        return Recognised(
            turn.id,
            spoken.rev,
            heard.text,
            heard.alternatives,
            may_draft=likely_ended and self._around.may_draft(turn.id),
            is_turn=not turn.over_reply or self._stops(heard.text),
        )

    def _finalized(self, ear: RecogniserStream) -> None:
        """An ear that was closed meanwhile is done with when nothing is awaited of it any more."""
        self._finalizing[ear] -= 1
        if not self._finalizing[ear]:
            del self._finalizing[ear]
            if ear is not self._hear.ear:
                ear.cancel()

    async def _ask_judge(self, judge: TurnDetector, action: FinalizeRecognition) -> None:
        """Move the wait by what the sound says; the words say it again when they change."""
        try:
            probability = await judge.end_probability(self._hear.sound())
        except FrametalkError as error:
            self._report_error(error)
            return
        spoken = self._spoken.get((action.turn, action.rev))
        heard = spoken.heard if spoken else None
        if heard is not None and (self._turn.id, self._turn.rev) == (action.turn, action.rev):
            self._hear.waiting.expect(with_detector(self._finished(heard), probability))

    def _likelier(self, heard: Hypothesis) -> Hypothesis:
        """The reading that makes sense here, where the recogniser has several."""
        text = self._around.commands().likelier(heard.text, heard.alternatives)
        if text == heard.text:
            return heard
        others = tuple(one for one in heard.alternatives if one != text)
        return Hypothesis(text, confidence=heard.confidence, alternatives=(heard.text, *others))

    def _finished(self, heard: Hypothesis) -> Completeness:
        around = self._around
        return completeness_of(heard.text, around.commands(), around.language, heard.alternatives)

    def _stops(self, text: str) -> bool:
        around = self._around
        judge = BargeInClassifier(around.commands(), around.language, around.echo)
        return judge.interrupts(text, self._hear.waiting.speech_ms, around.sounding())

    def _remember(self, spoken: SpokenTurn) -> None:
        self._spoken[spoken.turn, spoken.rev] = spoken
        if len(self._spoken) > REMEMBERED:
            self._spoken.popitem(last=False)

    def _tell(
        self,
        turn: int,
        rev: int,
        text: str,
        words: tuple[WordHeard, ...],
        *,
        stable: int = 0,
        final: bool = False,
    ) -> None:
        told = len(text) if final else stable
        self._send(Transcript(turn=turn, rev=rev, text=text, stable=told, final=final, words=words))
