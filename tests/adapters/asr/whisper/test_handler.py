"""Streams decoded by a scripted model: which texts come, in which order, and what the model decodes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from frametalk.adapters.asr.whisper.decode_queue import MAX_FINALS
from frametalk.adapters.asr.whisper.handler import Preempted, StreamHandler
from frametalk.adapters.asr.whisper.utterance import Reading, Request
from frametalk.core.agreement import TimedWord
from frametalk.core.audio import RECOGNITION_RATE_HZ as RATE_HZ
from frametalk.workers import framing
from frametalk.workers.child import ChildCall

TIMEOUT_S = 10.0


def said(text: str, *, per_s: float = 2.0, **reading: Any) -> Reading:
    """A reading of words in a row."""
    step = int(RATE_HZ / per_s)
    words = tuple(
        TimedWord(f" {word}", n * step, (n + 1) * step, 0.9, (hash(word) % 1_000,))
        for n, word in enumerate(text.split())
    )
    return Reading(words, **reading)


class ScriptedModel:
    """Answers with `reply` and shows its batches. `release` lets a gated model decode one batch."""

    max_finals = 4
    max_partials = 2
    can_stop = False

    def __init__(self, reply: Callable[[Request], Reading], *, gated: bool = False) -> None:
        self._reply = reply
        self._gate = threading.Semaphore(0) if gated else None
        self.batches: queue.Queue[list[Request]] = queue.Queue()

    def shape(self, request: Request) -> Hashable:
        return request.full

    def decode(self, requests: Sequence[Request], should_stop: Callable[[], bool]) -> list[Reading]:
        self.batches.put(list(requests))
        if self._gate is not None:
            assert self._gate.acquire(timeout=TIMEOUT_S)
        if should_stop() and self.can_stop:
            raise Preempted
        return [self._reply(request) for request in requests]

    def release(self) -> None:
        assert self._gate is not None
        self._gate.release()

    def next_batch(self) -> list[Request]:
        """The next batch given to the model."""
        return self.batches.get(timeout=TIMEOUT_S)


class Parent:
    """The other end of the pipe: opens calls and collects what they send."""

    def __init__(self, model: ScriptedModel, **options: Any) -> None:
        settings = {"language": "en", "full": False, "partial_ms": 300.0, **options}
        self.handler = StreamHandler(model, **settings)
        self._frames: dict[int, queue.Queue[Any]] = {}
        self._ids = iter(range(1, 10_000))

    def _call(self) -> ChildCall:
        frames: queue.Queue[Any] = queue.Queue()
        call = ChildCall(next(self._ids), frames.put, lambda _id: None)
        self._frames[call.id] = frames
        return call

    def recognise(self, names: tuple[str, ...] = (), *, partials: bool = True) -> ChildCall:
        call = self._call()
        self.handler.open(call, "recognise", {"names": list(names), "partials": partials})
        return call

    def finalize(self, stream: ChildCall) -> ChildCall:
        call = self._call()
        self.handler.open(call, "finalize", {"recognise": stream.id})
        return call

    def cancel(self, call: ChildCall) -> None:
        call.cancelled = True
        self.handler.cancelled(call)

    def next(self, call: ChildCall) -> Any:
        """The next item or frame of a call."""
        frame = self._frames[call.id].get(timeout=TIMEOUT_S)
        return frame.item if isinstance(frame, framing.Item) else frame

    def final(self, call: ChildCall) -> dict[str, Any]:
        frame = self.next(call)
        assert isinstance(frame, framing.Done), frame
        value: dict[str, Any] = frame.value
        return value

    def sent(self, call: ChildCall) -> list[Any]:
        """What a call has sent and the test has not read."""
        return list(self._frames[call.id].queue)


def voice(ms: float) -> bytes:
    seconds = np.arange(int(ms * 16)) / RATE_HZ
    return (5_000 * np.sin(2 * np.pi * 180 * seconds)).astype("<i2").tobytes()


def by_length(*texts: tuple[float, str]) -> Callable[[Request], Reading]:
    """A model that reads the text of the longest listed sound that fits the request."""

    def reply(request: Request) -> Reading:
        fitting = [text for from_s, text in texts if from_s <= request.sound_s]
        words = fitting[-1].split() if fitting else []
        known = len(request.prefix)
        reading = said(" ".join(words))
        return Reading(reading.words[known:])

    return reply


def bar(item: dict[str, Any]) -> str:
    """The text with a bar after its stable part."""
    return f"{item['text'][: item['stable']]}|{item['text'][item['stable'] :]}"


def test_what_two_partials_agree_on_is_stable() -> None:
    script = by_length(
        (0.3, "open"), (0.6, "open the"), (0.9, "open the bread"), (1.2, "open the red door")
    )
    model = ScriptedModel(script, gated=True)
    parent = Parent(model)
    stream = parent.recognise()
    partials = []
    for _part in range(4):
        parent.handler.input(stream, voice(300))
        model.next_batch()
        model.release()
        partials.append(bar(parent.next(stream)))
    assert partials == ["|open", "open| the", "open the| bread", "open the| red door"]


def test_a_final_is_decoded_after_the_stable_words() -> None:
    model = ScriptedModel(
        by_length((0.3, "pull the"), (0.6, "pull the lever"), (0.9, "pull the lever now"))
    )
    parent = Parent(model)
    stream = parent.recognise(("lever",))
    for _part in range(2):
        parent.handler.input(stream, voice(300))
        parent.next(stream)
        model.next_batch()
    parent.handler.input(stream, voice(250))
    parent.handler.input(stream, voice(40))
    done = parent.final(parent.finalize(stream))
    (request,) = model.next_batch()
    assert len(request.prefix) == 2, "pull, the"
    assert request.names == ("lever",)
    assert done["text"] == "pull the lever"
    assert [word[0] for word in done["words"]] == ["pull", "the", "lever"]


def test_a_final_of_sound_that_is_read_already_is_not_decoded_again() -> None:
    model = ScriptedModel(by_length((0.3, "stop")))
    parent = Parent(model)
    stream = parent.recognise()
    parent.handler.input(stream, voice(300))
    parent.next(stream)
    model.next_batch()
    assert parent.final(parent.finalize(stream))["text"] == "stop"
    assert model.batches.empty()


def test_a_stream_can_be_finalized_again_after_more_sound() -> None:
    model = ScriptedModel(by_length((0.1, "take the"), (0.5, "take the map")))
    parent = Parent(model)
    stream = parent.recognise()
    parent.handler.input(stream, voice(200))
    first = parent.final(parent.finalize(stream))
    parent.handler.input(stream, voice(350))
    second = parent.final(parent.finalize(stream))
    assert (bar(first), bar(second)) == ("|take the", "take the| map")


def test_a_stream_queues_one_partial_at_most() -> None:
    model = ScriptedModel(by_length((0.1, "go")), gated=True)
    parent = Parent(model)
    stream = parent.recognise()
    parent.handler.input(stream, voice(300))
    (first,) = model.next_batch()
    for _frame in range(30):
        parent.handler.input(stream, voice(300))
    model.release()
    (second,) = model.next_batch()
    assert len(first.samples) == 4_800
    assert len(second.samples) == 31 * 4_800, "all sound up to now, not up to the request"
    model.release()
    parent.next(stream)
    assert model.batches.empty()


def test_a_final_that_the_partial_under_way_answers_is_not_decoded() -> None:
    model = ScriptedModel(by_length((0.1, "go")), gated=True)
    parent = Parent(model)
    stream = parent.recognise()
    parent.handler.input(stream, voice(300))
    model.next_batch()
    finalizing = parent.finalize(stream)
    model.release()
    assert parent.final(finalizing)["text"] == "go"
    assert model.batches.empty()


def test_finals_overtake_partials_and_share_a_batch() -> None:
    model = ScriptedModel(by_length((0.1, "yes")), gated=True)
    parent = Parent(model)
    streams = [parent.recognise() for _ in range(5)]
    parent.handler.input(streams[0], voice(400))
    model.next_batch()  # decoding the first stream's partial
    parent.handler.input(streams[1], voice(400))
    finalizing = []
    for stream in streams[2:]:
        parent.handler.input(stream, voice(200))
        finalizing.append(parent.finalize(stream))
    model.release()
    assert len(model.next_batch()) == 3
    model.release()
    assert [parent.final(call)["text"] for call in finalizing] == ["yes"] * 3
    assert len(model.next_batch()) == 1, "the partial that waited"
    model.release()


def test_a_final_preempts_a_partial_which_comes_again_with_more_sound() -> None:
    model = ScriptedModel(by_length((0.1, "yes"), (0.5, "yes please")), gated=True)
    model.can_stop = True
    parent = Parent(model)
    slow, urgent = parent.recognise(), parent.recognise()
    parent.handler.input(slow, voice(300))
    model.next_batch()
    parent.handler.input(urgent, voice(200))
    finalizing = parent.finalize(urgent)
    model.release()
    model.next_batch()
    model.release()
    assert parent.final(finalizing)["text"] == "yes"
    assert parent.sent(slow) == []
    parent.handler.input(slow, voice(300))
    model.next_batch()
    model.release()
    assert parent.next(slow)["text"] == "yes please"


def test_a_doubted_final_is_decoded_again_in_full_and_a_doubted_partial_is_not_sent() -> None:
    def reply(request: Request) -> Reading:
        return (
            said("the gate")
            if request.full
            else said("the gate the gate the gate the gate", per_s=20)
        )

    model = ScriptedModel(reply)
    parent = Parent(model)
    stream = parent.recognise()
    parent.handler.input(stream, voice(600))
    model.next_batch()
    parent.handler.input(stream, voice(100))
    assert parent.final(parent.finalize(stream))["text"] == "the gate"
    assert [request.full for request in (*model.next_batch(), *model.next_batch())] == [False, True]
    assert parent.sent(stream) == []


def test_a_text_that_loops_in_full_too_ends_before_the_loop() -> None:
    model = ScriptedModel(lambda _request: said("open it it it it it it it it", per_s=20))
    parent = Parent(model, full=True)
    stream = parent.recognise()
    parent.handler.input(stream, voice(1_000))
    assert parent.final(parent.finalize(stream))["text"] == "open it"


def test_thanks_in_silence_are_decoded_in_full_and_then_discarded() -> None:
    model = ScriptedModel(lambda _request: said("Thank you.", no_speech=0.5))
    parent = Parent(model, partial_ms=5_000)
    stream = parent.recognise()
    parent.handler.input(stream, voice(400))
    assert parent.final(parent.finalize(stream))["text"] == ""
    assert [request.full for request in (*model.next_batch(), *model.next_batch())] == [False, True]


def test_silence_is_not_decoded() -> None:
    model = ScriptedModel(by_length((0.0, "Thank you.")))
    parent = Parent(model)
    stream = parent.recognise()
    parent.handler.input(stream, bytes(32_000))
    assert parent.final(parent.finalize(stream)) == {
        "text": "",
        "stable": 0,
        "words": [],
        "confidence": 1.0,
    }
    assert model.batches.empty()


def test_the_language_is_detected_until_there_was_enough_sound() -> None:
    def reply(_request: Request) -> Reading:
        return said("hallo", language="de")

    model = ScriptedModel(reply)
    parent = Parent(model, language="auto")
    stream = parent.recognise()
    for length_ms in (500, 700, 300):
        parent.handler.input(stream, voice(length_ms))
        parent.final(parent.finalize(stream))
    assert [model.next_batch()[0].language for _ in range(3)] == ["", "", "de"]


def test_partials_wait_for_enough_sound_to_detect_the_language() -> None:
    model = ScriptedModel(lambda _request: said("hallo", language="de"))
    parent = Parent(model, language="auto")
    stream = parent.recognise()
    for _part in range(4):
        parent.handler.input(stream, voice(300))
    assert model.next_batch()[0].sound_s >= 1.0


def test_a_request_that_fails_does_not_fail_its_batch() -> None:
    def reply(request: Request) -> Reading:
        if request.names == ("bad",):
            raise RuntimeError("out of memory")
        return said("fine")

    model = ScriptedModel(reply, gated=True)
    parent = Parent(model, partial_ms=5_000)
    streams = [parent.recognise(names) for names in (("first",), ("bad",), ("good",))]
    finalizing = []
    for stream in streams:
        parent.handler.input(stream, voice(300))
        finalizing.append(parent.finalize(stream))
        if stream is streams[0]:
            model.next_batch()
    for _batch in range(4):  # the first, the two together, then each alone
        model.release()
    assert parent.final(finalizing[0])["text"] == "fine"
    failed = parent.next(finalizing[1])
    assert (failed.code, failed.text) == (
        "hear_failed",
        "Whisper failed: RuntimeError: out of memory",
    )
    assert parent.final(finalizing[2])["text"] == "fine"


def test_a_stream_cancelled_while_the_model_decodes_gets_nothing() -> None:
    model = ScriptedModel(by_length((0.1, "hm")), gated=True)
    parent = Parent(model, partial_ms=5_000)
    cancelled, open_ = parent.recognise(), parent.recognise()
    parent.handler.input(cancelled, voice(300))
    parent.handler.input(open_, voice(300))
    finalizing = parent.finalize(cancelled)
    model.next_batch()
    queued = parent.finalize(open_)
    parent.cancel(finalizing)
    parent.cancel(cancelled)
    model.release()
    model.next_batch()
    model.release()
    assert parent.final(queued)["text"] == "hm"
    assert parent.sent(cancelled) == parent.sent(finalizing) == []


def test_a_final_whose_calls_are_cancelled_is_not_decoded() -> None:
    model = ScriptedModel(by_length((0.1, "hm")), gated=True)
    parent = Parent(model, partial_ms=5_000)
    first, second, third = (parent.recognise() for _ in range(3))
    for stream in (first, second, third):
        parent.handler.input(stream, voice(300))
    parent.finalize(first)
    model.next_batch()
    cancelled = parent.finalize(second)
    awaited = parent.finalize(third)
    parent.cancel(cancelled)
    model.release()
    assert len(model.next_batch()) == 1
    model.release()
    assert parent.final(awaited)["text"] == "hm"


def test_finalizing_a_stream_of_another_worker_fails() -> None:
    parent = Parent(ScriptedModel(by_length()))
    failed = parent.next(parent.finalize(ChildCall(99, lambda _frame: None, lambda _id: None)))
    assert (failed.code, failed.text) == (
        "hear_failed",
        "the worker that received this speech is gone",
    )


def test_a_final_is_refused_when_the_queue_is_full() -> None:
    model = ScriptedModel(by_length((0.1, "hm")), gated=True)
    parent = Parent(model, partial_ms=5_000)
    calls = []
    for _turn in range(MAX_FINALS + 2):
        stream = parent.recognise()
        parent.handler.input(stream, voice(100))
        calls.append(parent.finalize(stream))
        if len(calls) == 1:
            model.next_batch()  # being decoded, so not in the queue
    refused = parent.next(calls[-1])
    assert refused.code == "hear_failed"
    assert refused.remedy
    for _batch in range(MAX_FINALS):
        model.release()
    assert {parent.final(call)["text"] for call in calls[:-1]} == {"hm"}


def test_a_stream_without_partials_is_read_when_it_is_finalized() -> None:
    model = ScriptedModel(by_length((0.1, "go")))
    parent = Parent(model)
    stream = parent.recognise(partials=False)
    for _frame in range(10):
        parent.handler.input(stream, voice(300))
    assert model.batches.empty()
    assert parent.final(parent.finalize(stream))["text"] == "go"
    assert parent.sent(stream) == []


def test_partials_that_are_switched_on_read_the_sound_so_far() -> None:
    model = ScriptedModel(by_length((0.1, "go")))
    parent = Parent(model)
    stream = parent.recognise(partials=False)
    parent.handler.input(stream, voice(900))
    parent.handler.input(stream, True)
    assert parent.next(stream)["text"] == "go"
    parent.handler.input(stream, False)
    parent.handler.input(stream, voice(900))
    assert len(model.next_batch()[0].samples) == 14_400
    assert model.batches.empty()


def test_a_long_turn_without_partials_is_read_now_and_then() -> None:
    model = ScriptedModel(by_length((0.1, "go")))
    parent = Parent(model)
    stream = parent.recognise(partials=False)
    parent.handler.input(stream, voice(4_000))
    assert model.next_batch()[0].sound_s == 4
    assert parent.final(parent.finalize(stream))["text"] == "go"
    assert parent.sent(stream) == []


def test_sound_that_came_faster_than_it_is_read_is_read_in_parts() -> None:
    heard: list[tuple[int, int]] = []

    def reply(request: Request) -> Reading:
        heard.append((request.end - len(request.samples), request.end))
        return said(str(len(heard)))

    parent = Parent(ScriptedModel(reply), partial_ms=60_000)
    stream = parent.recognise()
    parent.handler.input(stream, voice(60_000))
    final = parent.final(parent.finalize(stream))
    assert heard[0][0] == 0
    assert heard[-1][1] == 60 * RATE_HZ
    ends = [end for _begin, end in heard]
    assert all(begin <= end for (begin, _), end in zip(heard[1:], ends, strict=False)), "no gap"
    assert final["text"].split()[0] == "1"


def test_a_decoding_stops_when_its_stream_is_cancelled() -> None:
    model = ScriptedModel(by_length((0.1, "hm")), gated=True)
    model.can_stop = True
    parent = Parent(model, partial_ms=5_000)
    stream = parent.recognise()
    parent.handler.input(stream, voice(300))
    finalizing = parent.finalize(stream)
    model.next_batch()
    parent.cancel(finalizing)
    parent.cancel(stream)
    model.release()
    other = parent.recognise()
    parent.handler.input(other, voice(300))
    queued = parent.finalize(other)
    model.next_batch()
    model.release()
    assert parent.final(queued)["text"] == "hm"
    assert parent.sent(stream) == parent.sent(finalizing) == []


def test_the_confidence_is_the_words_own() -> None:
    parent = Parent(ScriptedModel(lambda _request: said("go on", log_probability=-0.9)))
    stream = parent.recognise()
    parent.handler.input(stream, voice(200))
    assert abs(parent.final(parent.finalize(stream))["confidence"] - 0.9) < 1e-6


def test_a_stream_without_sound_finalizes_as_empty() -> None:
    parent = Parent(ScriptedModel(by_length()))
    assert parent.final(parent.finalize(parent.recognise()))["text"] == ""
