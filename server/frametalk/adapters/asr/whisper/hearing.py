"""The recogniser's side of the pipe: turns as they are spoken, read in batches on the model's thread."""

from __future__ import annotations

import math
import threading
import time
import traceback
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from frametalk.adapters.asr.whisper.guards import Verdict, is_quiet, judge, salvaged
from frametalk.adapters.asr.whisper.queue import Queue
from frametalk.adapters.asr.whisper.turn import RATE_HZ, Reading, Request, Turn
from frametalk.core.agreement import TimedWord, bare
from frametalk.workers.child import ChildCall, describe

AUTO = "auto"
# A language is told from this much sound; from less it is told again when there is more.
LANGUAGE_SAMPLES = RATE_HZ
# Partial texts may take this part of the model's time, so that a final one seldom has to wait.
PARTIAL_SHARE = 1 / 3


class Abandoned(Exception):  # noqa: N818  (it is no error)
    """The work was given up because something more urgent waits."""


class Engine(Protocol):
    """The model. It is called from one thread."""

    most_finals: int
    most_partials: int

    def shape(self, request: Request) -> Hashable:
        """Requests of one shape can be decoded together."""
        ...

    def decode(self, requests: Sequence[Request], unwanted: Callable[[], bool]) -> list[Reading]:
        """Read sounds of one shape; one reading of each, in order.

        Raises Abandoned, if it can, when in the middle `unwanted` says so.
        """
        ...


@dataclass(eq=False, slots=True)
class Listening:
    """One stretch of speech. `finalizing` are the calls that wait for its final text."""

    call: ChildCall
    turn: Turn
    partial_every: int  # samples
    asked: int = 0  # samples there were when a partial was last made
    full: bool = False  # the next reading is to be made in full
    told: str = ""
    confidence: float = 1.0
    finalizing: list[ChildCall] = field(default_factory=list)
    request: Request | None = None


class WhisperHearing:
    """Serves `listen` (one stretch of speech) and `finalize`.

    `listen` takes sound as bytes, emits partials and lasts until it is cancelled; `finalize` gives what the
    call `listen` of its arguments has heard. Everything here is done under one lock, but the decoding.
    """

    def __init__(self, engine: Engine, *, language: str, full: bool, partial_ms: float) -> None:
        self._engine = engine
        self._language = language
        self._full = full
        self._partial_samples = int(partial_ms * RATE_HZ / 1000)
        self._queue: Queue[Listening] = Queue()
        self._listening: dict[int, Listening] = {}
        self._news = threading.Condition()
        threading.Thread(target=self._serve, name="whisper", daemon=True).start()

    # ---- what the parent asks --------------------------------------------------------------------

    def open(self, call: ChildCall, op: str, args: Any) -> None:
        """Begin a call."""
        with self._news:
            if op == "finalize":
                self._finalize(call, self._listening.get(args["listen"]))
                return
            language = "" if self._language == AUTO else self._language
            turn = Turn(tuple(args["hints"]), language)
            first = self._partial_samples if language else LANGUAGE_SAMPLES
            self._listening[call.id] = Listening(call, turn, first)

    def input(self, call: ChildCall, item: Any) -> None:
        """More sound."""
        with self._news:
            listening = self._listening[call.id]
            listening.turn.feed(item)
            if listening.turn.fed - listening.asked >= listening.partial_every:
                self._queue.ask_partial(listening)
                self._news.notify()

    def cancelled(self, call: ChildCall) -> None:
        """Forget what was heard. A final text that nobody waits for is not made."""
        with self._news:
            listening = self._listening.pop(call.id, None)
            if listening is not None:
                self._queue.forget(listening)

    def _finalize(self, call: ChildCall, listening: Listening | None) -> None:
        if listening is None:  # heard by a worker that is gone
            call.fail("hear_failed", "what was said so far is lost")
        elif listening.turn.fed == listening.turn.read:
            call.done(_hypothesis(listening))
        elif self._queue.ask_final(listening):
            listening.finalizing.append(call)
            self._news.notify()
        else:
            call.fail(
                "hear_failed",
                "too many turns wait for the recogniser",
                "fewer sessions on this server, a smaller model, or a GPU",
            )

    # ---- the model's thread ----------------------------------------------------------------------

    def _serve(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: len(self._queue))
                batch, final = self._queue.take(
                    self._shape, self._engine.most_finals, self._engine.most_partials
                )
                batch = [one for one in batch if not self._done_without(one, final=final)]
                requests = [one.request for one in batch if one.request is not None]
                heard = [one.turn.fed for one in batch]
                for one in batch:
                    one.request = None  # its copy of the sound
            began = time.monotonic()
            readings = self._decode(requests, final=final)
            took = time.monotonic() - began
            with self._news:
                for one, fed, reading in zip(batch, heard, readings, strict=True):
                    self._take(one, fed, reading, final=final)
                    least = int(took / PARTIAL_SHARE * RATE_HZ)
                    one.partial_every = max(self._partial_samples, least)

    def _shape(self, listening: Listening) -> Hashable:
        request = listening.turn.request(full=self._full or listening.full)
        listening.request = request
        return self._engine.shape(request)

    def _done_without(self, one: Listening, *, final: bool) -> bool:
        """Whether there is nothing to read: silence, sound that was read meanwhile, or nobody waits."""
        one.finalizing = [call for call in one.finalizing if not call.cancelled]
        if final and not one.finalizing:
            return True
        if final and one.turn.fed == one.turn.read:
            self._answer(one, None)
            return True
        if one.request is None or not is_quiet(one.request.samples):
            return False
        self._take(one, one.turn.fed, Reading(), final=final)
        return True

    def _decode(self, requests: list[Request], *, final: bool) -> list[Reading | Exception]:
        """A reading of each, or what went wrong: one that cannot be read costs no other's."""
        if not requests:
            return []
        try:
            return [*self._engine.decode(requests, lambda: not final and self._queue.urgent)]
        except Abandoned as abandoned:
            return [abandoned] * len(requests)
        except Exception as error:  # noqa: BLE001  (whatever the model's library raises)
            traceback.print_exc()
            if len(requests) == 1:
                return [error]
            return [self._decode([request], final=final)[0] for request in requests]

    def _take(self, one: Listening, fed: int, reading: Reading | Exception, *, final: bool) -> None:
        """What comes of a reading. A final one that is doubted is made again in full."""
        one.asked = fed
        if isinstance(reading, Exception):
            if final:
                self._answer(one, reading)
            return
        verdict = self._judge(one, reading)
        in_full = self._full or one.full
        if verdict is Verdict.DOUBTED and not in_full:
            if final:
                one.full = True
                self._queue.ask_final(one, first=True)
            return
        one.full = False
        turn = one.turn
        turn.take(self._believed(one, reading, verdict), fed)
        if not turn.language and fed >= LANGUAGE_SAMPLES:
            turn.language = reading.language
        if reading.words:
            one.confidence = math.exp(min(0.0, reading.log_probability))
        if final:
            self._answer(one, None)
        elif turn.text != one.told:
            one.told = turn.text
            one.call.emit(_hypothesis(one))

    def _judge(self, one: Listening, reading: Reading) -> Verdict:
        return judge(
            (*one.turn.words.stable, *reading.words),
            sound_s=one.turn.fed / RATE_HZ,
            no_speech=reading.no_speech,
            log_probability=reading.log_probability,
            prompted=one.turn.hints,
        )

    def _believed(self, one: Listening, reading: Reading, verdict: Verdict) -> Sequence[TimedWord]:
        if verdict is Verdict.NOTHING:
            return ()
        words = one.turn.place(reading.words)
        if verdict is Verdict.DOUBTED:
            stable = one.turn.words.stable
            return salvaged((*stable, *words))[len(stable) :]
        return words

    def _answer(self, one: Listening, error: Exception | None) -> None:
        """Tell all who wait for a final text."""
        for call in one.finalizing:
            if error is None:
                call.done(_hypothesis(one))
            else:
                call.fail("hear_failed", f"Whisper failed: {describe(error)}")
        one.finalizing.clear()
        one.told = one.turn.text


def _hypothesis(one: Listening) -> dict[str, Any]:
    """The text so far, as it goes over the pipe."""
    words = one.turn.words
    return {
        "text": one.turn.text,
        "stable": words.stable_characters,
        "words": [
            [word.text.strip(), word.at, word.end, word.confidence]
            for word in words.words
            if bare(word.text)
        ],
        "confidence": one.confidence,
    }
