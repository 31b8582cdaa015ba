"""The recognition of the player's turns: started, finalized, ended or cancelled as the turn table says."""

from __future__ import annotations

import asyncio
import logging

from cachetools import FIFOCache

from frametalk.adapters.base import Hypothesis, Recogniser, TurnDetector
from frametalk.context import SessionContext, Timer
from frametalk.core.actions import (
    CommitTurn,
    FinalizeRecognition,
    ResumeRecognition,
    StartRecognition,
)
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.core.commands import words_of
from frametalk.core.completeness import DETECTOR_SILENCE_MS, UNSURE, Completeness
from frametalk.core.events import BargeIn, Foreseen, Recognised
from frametalk.errors import FrametalkError
from frametalk.logs import SpokenText
from frametalk.pipeline.endpoints import Endpoints
from frametalk.pipeline.interpreter import Interpreter
from frametalk.pipeline.microphone import Microphone
from frametalk.pipeline.repeatable_stream import RepeatableStream
from frametalk.pipeline.spoken_turn import SpokenTurn
from frametalk.pipeline.turn_states import TurnStates
from frametalk.pipeline.utterance import Utterance
from frametalk.pipeline.world import World
from frametalk.trace import TurnTrace
from frametalk.wire.messages import Transcript, WordHeard

log = logging.getLogger(__name__)

KEPT_REVISIONS = 8  # their words and instants may still be asked for


class Recognition:
    """Carries out what the turn table asks of the recogniser; tells the client what was recognised."""

    def __init__(
        self,
        context: SessionContext,
        recogniser: Recogniser,
        detector: TurnDetector | None,
        *,
        microphone: Microphone,
        endpoints: Endpoints,
        world: World,
        interpreter: Interpreter,
        states: TurnStates,
    ) -> None:
        self._context = context
        self._recogniser = recogniser
        self._detector = detector
        self._microphone = microphone
        self._endpoints = endpoints
        self._world = world
        self._interpreter = interpreter
        self._states = states
        self._utterance: Utterance | None = None
        self._spoken: FIFOCache[tuple[int, int], SpokenTurn] = FIFOCache(KEPT_REVISIONS)
        self._foreseen: SpokenTurn | None = None  # a draft was made of it while the player speaks
        self._foreseeing: Timer | None = None
        # The newest stream that was opened before the first scene's model was there.
        self._repeatable: RepeatableStream | None = None
        world.after_scene_model(self._read_again)

    # ---- what the turn table asks for ------------------------------------------------------------

    def start(self, action: StartRecognition) -> None:
        """Recognise a turn, biased towards the words of the scene."""
        before = self._close()
        if before is not None:
            before.stream.cancel()
        microphone, over_reply = self._microphone, self._interpreter.over_reply
        first = microphone.first_sample(action.at)
        stream = self._recogniser.open(self._world.bias, lambda text: self._partial(one, text))
        if not self._world.has_scene_model:
            stream = self._repeatable = RepeatableStream(stream)
        one = Utterance(action.turn, stream, first, microphone.rate_hz, over_reply=over_reply)
        self._utterance = one
        microphone.attach(stream, first)

    def _read_again(self) -> None:
        """The scene's words are known now: read what the player said meanwhile with them."""
        one, stream = self._utterance, self._repeatable
        self._repeatable = None
        if one is None or stream is None or not stream.can_repeat:
            return
        stream.repeat(
            self._recogniser.open(self._world.bias, lambda text: self._partial(one, text))
        )

    def finalize(self, action: FinalizeRecognition) -> None:
        """Get the text as if only silence followed, then emit `Recognised`."""
        utterance, spoken = self._utterance, self._keep(action)
        if utterance is None or not utterance.open:
            self._context.emit(Recognised(action.turn, action.rev, ""))
            return
        utterance.rev = action.rev
        utterance.finalizing += 1
        self._endpoints.expect_text()
        if self._detector is not None:
            spoken.end_probability = UNSURE  # until it is known
        name = f"{action.turn}.{action.rev}"
        self._context.tasks.start(self._finalize(utterance, spoken), f"recognise turn {name}")
        if self._detector is not None:
            work = self._detect_end(self._detector, utterance, spoken)
            self._context.tasks.start(work, f"detect the end of turn {name}")

    def pause(self) -> None:
        """Feed no sound while the reply is heard, until the player continues the turn."""
        utterance = self._utterance
        if utterance is not None and utterance.open:
            self._microphone.detach()
            utterance.paused_at = self._microphone.heard
        self._endpoints.cancel()

    def resume(self, action: ResumeRecognition) -> None:
        """The player speaks over the reply's first sound: feed the sound from shortly before that."""
        utterance, microphone = self._utterance, self._microphone
        if utterance is None or not utterance.open:
            return
        first = max(microphone.first_sample(action.at), utterance.paused_at or 0)
        before = self._spoken.get((utterance.turn, utterance.rev))
        text = before.heard.text if before is not None and before.heard is not None else ""
        silence = utterance.resume(first, text)
        utterance.stream.feed(bytes(2 * silence))
        microphone.attach(utterance.stream, first)

    def end(self) -> None:
        """Feed no more sound; a text that was asked for still comes."""
        utterance = self._close()
        if utterance is not None and not utterance.finalizing:
            utterance.stream.cancel()

    def cancel(self) -> None:
        """Stop recognising; the text is not wanted."""
        utterance = self._close()
        if utterance is not None:
            utterance.stream.cancel()
        self._endpoints.cancel()

    def commit(self, action: CommitTurn) -> None:
        """The turn has ended: send its final transcript. A typed turn has none."""
        spoken = self._spoken.get((action.turn, action.rev))
        if spoken is not None:
            spoken.trace.mark("endpoint_wait", self._endpoints.ended_s)
            self._send(spoken.turn, spoken.rev, action.text, spoken.words, final=True)

    def spoken(self, turn: int, rev: int) -> SpokenTurn:
        """How a turn was said; for a typed turn, an empty account."""
        early = self._foreseen_in(turn, rev)
        typed = SpokenTurn(turn, rev, None, self._microphone.rate_hz)
        return self._spoken.get((turn, rev), early or typed)

    def _keep(self, action: FinalizeRecognition) -> SpokenTurn:
        rate_hz = self._microphone.rate_hz
        end = action.at * rate_hz // RECOGNITION_RATE_HZ
        early = self._foreseen_in(action.turn, action.rev)
        spoken = early or SpokenTurn(action.turn, action.rev, None, rate_hz)
        spoken.speech_end = end
        arrived_s = self._microphone.arrived_at(action.at)
        if arrived_s is not None:
            spoken.trace.mark("capture", arrived_s)
        self._spoken[spoken.turn, spoken.rev] = spoken
        return spoken

    def _close(self) -> Utterance | None:
        """Stop feeding the open utterance; returns it, None if there is none."""
        utterance = self._utterance
        if utterance is None or not utterance.open:
            return None
        utterance.open = False
        self._microphone.detach()
        self._stop_foreseeing()
        return utterance

    # ---- texts -----------------------------------------------------------------------------------

    def _partial(self, one: Utterance, heard: Hypothesis) -> None:
        endpoints = self._endpoints
        if not endpoints.in_turn:
            return  # the turn has ended: only if it continues do further words count
        if (one.turn, one.rev) in self._spoken and not endpoints.paused:
            one.rev += 1
        spoken = self._spoken.get((one.turn, one.rev))
        final = spoken.heard if spoken is not None else None
        heard = self._interpreter.likelier(heard)
        completeness = self._interpreter.completeness(heard)
        was = None if final is None else self._interpreter.completeness(final)
        if was is Completeness.COMPLETE and completeness is not Completeness.COMPLETE:
            return  # a breath after a complete command is easily recognised as another word
        endpoints.expect(completeness, None if spoken is None else spoken.end_probability)
        if self._is_over_reply(one):
            # The reply is paused meanwhile: wait whether the next text interrupts as well.
            suspected, one.suspected = one.suspected, self._interrupts(one, heard)
            # Over its first sound only the whole text tells "no, stop" from "no door was open".
            unclear = self._interpreter.in_soft_start(one.turn) and not self._continues(one, heard)
            if unclear or not (suspected and one.suspected):
                return
            self._context.emit(BargeIn(one.turn))
        words = one.on_mic_clock(heard)
        self._send(one.turn, one.rev, heard.text, words, stable=heard.stable)
        if spoken is None:
            self._foresee_later(one, heard)
        if spoken is not None and final is not None and final.text != heard.text:
            # The last word came out only in the silence.
            spoken.heard, spoken.words = heard, words
            self._context.emit(self._recognised(one, spoken))

    # ---- before the player's pause ---------------------------------------------------------------

    def _foresee_later(self, one: Utterance, heard: Hypothesis) -> None:
        """A draft is made of these words if they stay for a while. One of other words is discarded."""
        wait_ms = self._context.settings.turns.early_draft_ms
        if not wait_ms or words_of(one.newest) == words_of(heard.text):
            return
        one.newest = heard.text
        self._stop_foreseeing()
        if self._foreseen_in(one.turn, one.rev) is not None:
            self._foreseen = None
            self._context.emit(Foreseen(one.turn, one.rev, ""))
        if not self._is_over_reply(one):
            self._foreseeing = self._context.client_time.after(
                wait_ms / 1000, lambda: self._foresee(one, heard)
            )

    def _foresee(self, one: Utterance, heard: Hypothesis) -> None:
        self._foreseeing = None
        speaks = one is self._utterance and self._endpoints.in_turn and not self._endpoints.paused
        if not (speaks and self._interpreter.may_draft(one.turn, heard)):
            return
        self._foreseen = SpokenTurn(one.turn, one.rev, None, self._microphone.rate_hz, heard=heard)
        self._context.emit(Foreseen(one.turn, one.rev, heard.text, heard.alternatives))

    def _check_foreseen(self, spoken: SpokenTurn, heard: Hypothesis) -> None:
        """The instants of a draft that is made of other words are not those of the next one."""
        if self._foreseen is not spoken or spoken.heard is None:
            return
        if words_of(spoken.heard.text) != words_of(heard.text):
            kept = ("capture", "recognition")
            instants = {name: at_s for name, at_s in spoken.trace.instants.items() if name in kept}
            spoken.trace = TurnTrace(instants)

    def _foreseen_in(self, turn: int, rev: int) -> SpokenTurn | None:
        early = self._foreseen
        return early if early is not None and (early.turn, early.rev) == (turn, rev) else None

    def _stop_foreseeing(self) -> None:
        if self._foreseeing is not None:
            self._foreseeing.cancel()
            self._foreseeing = None

    async def _finalize(self, one: Utterance, spoken: SpokenTurn) -> None:
        try:
            with self._context.step("recognition", spoken.trace):
                await self._world.scene_model()  # without it, a command is read as other words
                heard = self._interpreter.likelier(await one.stream.finalize())
        except FrametalkError as error:
            self._context.report(error)
            heard = Hypothesis("")
        finally:
            self._finalized(one)
        log.debug("turn %d.%d recognised: %s", spoken.turn, spoken.rev, SpokenText(heard.text))
        self._check_foreseen(spoken, heard)
        spoken.heard, spoken.words = heard, one.on_mic_clock(heard)
        completeness = self._interpreter.completeness(heard)
        self._expect(one, spoken)
        if heard.text and not self._is_over_reply(one):
            self._send(one.turn, spoken.rev, heard.text, spoken.words, stable=heard.stable)
            if completeness is not Completeness.COMPLETE:
                self._states.gesture("nod")
        self._context.emit(self._recognised(one, spoken))

    def _finalized(self, one: Utterance) -> None:
        """A text has come; a stream that was closed meanwhile ends with the last of them."""
        one.finalizing -= 1
        if not one.finalizing and not one.open:
            one.stream.cancel()

    async def _detect_end(self, detector: TurnDetector, one: Utterance, spoken: SpokenTurn) -> None:
        """Adjust the endpoint delay by the sound, with as much silence as detectors were trained on."""
        await asyncio.sleep(DETECTOR_SILENCE_MS / 1000)
        if not (self._is_present(one, spoken) and self._endpoints.paused):
            return
        heard = spoken.heard
        if heard is not None and self._interpreter.completeness(heard) is Completeness.COMPLETE:
            return  # the words decide; the detector would take a core from the voice
        try:
            with self._context.step("turn_detector"):
                probability = await detector.end_probability(self._microphone.turn_sound())
        except FrametalkError as error:
            self._context.report(error)
            spoken.end_probability = None
        else:
            spoken.end_probability = probability
        if spoken.heard is not None:
            self._expect(one, spoken)

    def _expect(self, one: Utterance, spoken: SpokenTurn) -> None:
        """Set the endpoint delay by the words and the sound, if the player is still in that pause."""
        if self._is_present(one, spoken) and spoken.heard is not None:
            kind = self._interpreter.completeness(spoken.heard)
            self._endpoints.expect(kind, spoken.end_probability)

    def _is_present(self, one: Utterance, spoken: SpokenTurn) -> bool:
        return one is self._utterance and one.rev == spoken.rev

    def _recognised(self, one: Utterance, spoken: SpokenTurn) -> Recognised:
        heard = spoken.heard or Hypothesis("")
        return Recognised(
            one.turn,
            spoken.rev,
            heard.text,
            heard.alternatives,
            may_draft=self._interpreter.may_draft(one.turn, heard),
            is_turn=not self._is_over_reply(one) or self._interrupts(one, heard),
            continues=self._continues(one, heard),
        )

    def _is_over_reply(self, one: Utterance) -> bool:
        """Whether it started, or continues, over a reply and has not interrupted that."""
        started = one.over_reply and not self._interpreter.has_interrupted(one.turn)
        return started or self._interpreter.in_soft_start(one.turn)

    def _interrupts(self, one: Utterance, heard: Hypothesis) -> bool:
        newer, speech_ms = one.newer(heard), self._endpoints.speech_ms
        return self._interpreter.interrupts(one.turn, newer, speech_ms)

    def _continues(self, one: Utterance, heard: Hypothesis) -> bool:
        return self._interpreter.continues(one.newer(heard))

    def _send(
        self,
        turn: int,
        rev: int,
        text: str,
        words: tuple[WordHeard, ...],
        *,
        stable: int = 0,
        final: bool = False,
    ) -> None:
        stable = len(text) if final else stable
        self._context.send(
            Transcript(turn=turn, rev=rev, text=text, stable=stable, final=final, words=words)
        )
