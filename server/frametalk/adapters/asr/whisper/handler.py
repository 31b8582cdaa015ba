"""The worker's operations: streams of speech in, partial and final texts out, decoded in batches."""

from __future__ import annotations

import math
import threading
import time
import traceback
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from frametalk.adapters.asr.whisper.decode_queue import DecodeQueue
from frametalk.adapters.asr.whisper.guards import Verdict, assess, is_quiet, salvaged
from frametalk.adapters.asr.whisper.utterance import (
    WINDOW_SAMPLES,
    Reading,
    Request,
    Utterance,
)
from frametalk.core.agreement import TimedWord, bare
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.workers.child import ChildCall, describe

AUTO = "auto"
# A language detected from less sound than this is detected again with the next sound.
LANGUAGE_SAMPLES = RECOGNITION_RATE_HZ
# The partials of all streams may take this share of the model's time, so that a final seldom has to wait.
PARTIAL_SHARE = 1 / 3
# A stream without partials is read this often, to cut its window: a long turn's final stays short.
SILENT_SAMPLES = WINDOW_SAMPLES


Result = Reading | Exception


class Preempted(Exception):  # noqa: N818  (not an error)
    """A decoding was cancelled: a final waits, or its streams are gone."""


class Model(Protocol):
    """A speech model. It is called from one thread."""

    max_finals: int
    max_partials: int

    def shape(self, request: Request) -> Hashable:
        """Requests of one shape can be decoded together."""
        ...

    def decode(self, requests: Sequence[Request], should_stop: Callable[[], bool]) -> list[Reading]:
        """One reading of each request, in order; all requests have one shape.

        A model that can stop between two steps raises Preempted when `should_stop` returns True.
        """
        ...


@dataclass(eq=False, slots=True)
class Stream:
    """One stream under way. `finalizing` are the calls that wait for its final text.

    `partials` says whether its partials are sent.
    """

    call: ChildCall
    utterance: Utterance
    partials: bool
    last_partial_at: int = 0  # samples fed when the last partial was made
    full: bool = False  # decode with the full context next time
    emitted: str = ""
    finalizing: list[ChildCall] = field(default_factory=list)
    request: Request | None = None


class StreamHandler:
    """Serves `recognise` (one stream of speech) and `finalize`.

    `recognise` takes sound as bytes, emits partials and lasts until it is cancelled; a boolean among its
    input switches partials on or off. `finalize` returns the text of the stream whose `recognise` call its
    arguments name. One lock guards all state; only decoding runs outside it.
    """

    def __init__(self, model: Model, *, language: str, full: bool, partial_ms: float) -> None:
        self._model = model
        self._language = language
        self._full = full
        self._partial_samples = int(partial_ms * RECOGNITION_RATE_HZ / 1000)
        self._affordable_samples = 0  # between the partials of a stream, if it were the only one
        self._queue: DecodeQueue[Stream] = DecodeQueue()
        self._streams: dict[int, Stream] = {}
        self._changed = threading.Condition()
        threading.Thread(target=self._serve, name="whisper", daemon=True).start()

    # ---- operations ------------------------------------------------------------------------------

    def open(self, call: ChildCall, op: str, args: Any) -> None:
        """Begin a call."""
        with self._changed:
            if op == "finalize":
                self._finalize(call, self._streams.get(args["recognise"]))
                return
            language = "" if self._language == AUTO else self._language
            utterance = Utterance(tuple(args["names"]), language)
            self._streams[call.id] = Stream(call, utterance, args["partials"])

    def input(self, call: ChildCall, item: Any) -> None:
        """Take sound, or switch partials on or off."""
        with self._changed:
            stream = self._streams[call.id]
            if isinstance(item, bool):
                stream.partials = item
            else:
                stream.utterance.feed(item)
            unread = stream.utterance.fed - stream.last_partial_at
            if unread and unread >= self._partial_every(stream):
                self._queue.request_partial(stream)
                self._changed.notify()

    def _partial_every(self, stream: Stream) -> int:
        """How many samples lie between the partials of a stream, as many as there are streams."""
        if not stream.partials:
            return SILENT_SAMPLES
        if not stream.last_partial_at and not stream.utterance.language:
            return LANGUAGE_SAMPLES
        streams = sum(other.partials for other in self._streams.values())
        return max(self._partial_samples, streams * self._affordable_samples)

    def _affordable(self, took_s: float) -> int:
        """How many samples lie between partials that take this long each."""
        return int(took_s / PARTIAL_SHARE * RECOGNITION_RATE_HZ)

    def cancelled(self, call: ChildCall) -> None:
        """Discard the stream. A final is skipped when all its calls are cancelled."""
        with self._changed:
            stream = self._streams.pop(call.id, None)
            if stream is not None:
                self._queue.remove(stream)

    def _finalize(self, call: ChildCall, stream: Stream | None) -> None:
        if stream is None:  # it belonged to a worker that died
            call.fail("hear_failed", "the worker that received this speech is gone")
        elif stream.utterance.fed == stream.utterance.read:
            call.done(_hypothesis(stream))
        elif self._queue.request_final(stream):
            stream.finalizing.append(call)
            self._changed.notify()
        else:
            call.fail(
                "hear_failed",
                "too many turns wait for the recogniser",
                "run fewer sessions on this server, choose a smaller model, or use a GPU",
            )

    # ---- the model's thread ----------------------------------------------------------------------

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: len(self._queue))
                batch, final = self._queue.take(
                    self._shape, self._model.max_finals, self._model.max_partials
                )
                batch = [
                    stream for stream in batch if not self._needs_no_decoding(stream, final=final)
                ]
                requests = [stream.request for stream in batch if stream.request is not None]
                for stream in batch:
                    stream.request = None  # frees its copy of the sound
            began = time.monotonic()
            readings = self._decode(requests, self._should_stop(batch, final=final))
            took_s = time.monotonic() - began
            with self._changed:
                if batch:
                    self._affordable_samples = self._affordable(took_s / len(batch))
                for stream, request, reading in zip(batch, requests, readings, strict=True):
                    self._take(stream, request, reading, final=final)

    def _should_stop(self, batch: Sequence[Stream], *, final: bool) -> Callable[[], bool]:
        return lambda: (
            (not final and self._queue.has_finals) or all(stream.call.cancelled for stream in batch)
        )

    def _shape(self, stream: Stream) -> Hashable:
        request = stream.utterance.request(full=self._full or stream.full)
        stream.request = request
        return self._model.shape(request)

    def _needs_no_decoding(self, stream: Stream, *, final: bool) -> bool:
        """Whether the sound is silent or read already, or every call for the final is cancelled."""
        stream.finalizing = [call for call in stream.finalizing if not call.cancelled]
        if final and not stream.finalizing:
            return True
        if final and stream.utterance.fed == stream.utterance.read:
            self._answer(stream, None)
            return True
        if stream.request is None or not is_quiet(stream.request.samples):
            return False
        self._take(stream, stream.request, Reading(), final=final)
        return True

    def _decode(self, requests: list[Request], should_stop: Callable[[], bool]) -> list[Result]:
        """A reading or an exception for each request; one that fails does not fail the others."""
        if not requests:
            return []
        try:
            return [*self._model.decode(requests, should_stop)]
        except Preempted as preempted:
            return [preempted] * len(requests)
        except Exception as error:  # noqa: BLE001  (whatever the model's library raises)
            traceback.print_exc()
            if len(requests) == 1:
                return [error]
            return [self._decode([request], should_stop)[0] for request in requests]

    def _take(self, stream: Stream, request: Request, reading: Result, *, final: bool) -> None:
        """Apply the reading of a request. A doubted final is decoded again in full."""
        stream.last_partial_at = request.end
        if isinstance(reading, Exception):
            if final:
                self._answer(stream, reading)
            return
        verdict = self._assess(stream, reading)
        in_full = self._full or stream.full
        if verdict is Verdict.DOUBTED and not in_full:
            if final:
                stream.full = True
                self._queue.request_final(stream, first=True)
            return
        stream.full = False
        utterance = stream.utterance
        utterance.take(self._believed(stream, reading, verdict), request.end)
        if not utterance.language and request.end >= LANGUAGE_SAMPLES:
            utterance.language = reading.language
        if final and request.more:
            self._queue.request_final(stream, first=True)
        elif final:
            self._answer(stream, None)
        elif stream.partials and utterance.text != stream.emitted:
            stream.emitted = utterance.text
            stream.call.emit(_hypothesis(stream))

    def _assess(self, stream: Stream, reading: Reading) -> Verdict:
        return assess(
            (*stream.utterance.words.stable, *reading.words),
            sound_s=stream.utterance.fed / RECOGNITION_RATE_HZ,
            no_speech=reading.no_speech,
            log_probability=reading.log_probability,
        )

    def _believed(self, stream: Stream, reading: Reading, verdict: Verdict) -> Sequence[TimedWord]:
        if verdict is Verdict.NOTHING:
            return ()
        words = stream.utterance.place(reading.words)
        if verdict is Verdict.DOUBTED:
            stable = stream.utterance.words.stable
            return salvaged((*stable, *words))[len(stable) :]
        return words

    def _answer(self, stream: Stream, error: Exception | None) -> None:
        """End every `finalize` call that waits for the stream's final text."""
        for call in stream.finalizing:
            if error is None:
                call.done(_hypothesis(stream))
            else:
                call.fail("hear_failed", f"Whisper failed: {describe(error)}")
        stream.finalizing.clear()
        stream.emitted = stream.utterance.text


def _hypothesis(stream: Stream) -> dict[str, Any]:
    """The text so far, as it goes over the pipe."""
    words = stream.utterance.words
    return {
        "text": stream.utterance.text,
        "stable": words.stable_characters,
        "words": [
            [word.text.strip(), word.at, word.end, word.confidence]
            for word in words.words
            if bare(word.text)
        ],
        "confidence": _confidence(words.words),
    }


def _confidence(words: Sequence[TimedWord]) -> float:
    """The geometric mean of the words' probabilities; 1 without words."""
    if not words:
        return 1.0
    return math.exp(sum(math.log(max(word.confidence, 1e-9)) for word in words) / len(words))
