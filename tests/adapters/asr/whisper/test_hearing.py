"""Turns read by a scripted model: what is told, when, in which order, and what is asked of the model."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from frametalk.adapters.asr.whisper.hearing import Abandoned, WhisperHearing
from frametalk.adapters.asr.whisper.queue import MOST_FINALS
from frametalk.adapters.asr.whisper.turn import RATE_HZ, Reading, Request
from frametalk.core.agreement import TimedWord
from frametalk.workers import framing
from frametalk.workers.child import ChildCall

PATIENCE_S = 10.0


def said(text: str, *, per_s: float = 2.0, **reading: Any) -> Reading:
    """A reading of words that follow each other."""
    step = int(RATE_HZ / per_s)
    words = tuple(
        TimedWord(f" {word}", n * step, (n + 1) * step, 0.9, (hash(word) % 1_000,))
        for n, word in enumerate(text.split())
    )
    return Reading(words, **reading)


class ScriptedModel:
    """Answers with `reply`; shows what it was asked. `let` lets a held model go on with one batch."""

    most_finals = 4
    most_partials = 2
    gives_up = False

    def __init__(self, reply: Callable[[Request], Reading], *, held: bool = False) -> None:
        self._reply = reply
        self._gate = threading.Semaphore(0) if held else None
        self.batches: queue.Queue[list[Request]] = queue.Queue()

    def shape(self, request: Request) -> Hashable:
        return request.full

    def decode(self, requests: Sequence[Request], unwanted: Callable[[], bool]) -> list[Reading]:
        self.batches.put(list(requests))
        if self._gate is not None:
            assert self._gate.acquire(timeout=PATIENCE_S)
        if unwanted() and self.gives_up:
            raise Abandoned
        return [self._reply(request) for request in requests]

    def let(self) -> None:
        assert self._gate is not None
        self._gate.release()

    def asked(self) -> list[Request]:
        """The next batch that the model was given."""
        return self.batches.get(timeout=PATIENCE_S)


class Parent:
    """The other end of the pipe: opens calls and collects what they send."""

    def __init__(self, model: ScriptedModel, **options: Any) -> None:
        settings = {"language": "en", "full": False, "partial_ms": 300.0, **options}
        self.hearing = WhisperHearing(model, **settings)
        self._frames: dict[int, queue.Queue[Any]] = {}
        self._ids = iter(range(1, 10_000))

    def _call(self) -> ChildCall:
        frames: queue.Queue[Any] = queue.Queue()
        call = ChildCall(next(self._ids), frames.put, lambda _id: None)
        self._frames[call.id] = frames
        return call

    def listen(self, hints: tuple[str, ...] = ()) -> ChildCall:
        call = self._call()
        self.hearing.open(call, "listen", {"hints": list(hints)})
        return call

    def finalize(self, listen: ChildCall) -> ChildCall:
        call = self._call()
        self.hearing.open(call, "finalize", {"listen": listen.id})
        return call

    def cancel(self, call: ChildCall) -> None:
        call.cancelled = True
        self.hearing.cancelled(call)

    def next(self, call: ChildCall) -> Any:
        """What a call sends next."""
        frame = self._frames[call.id].get(timeout=PATIENCE_S)
        return frame.item if isinstance(frame, framing.Item) else frame

    def final(self, call: ChildCall) -> dict[str, Any]:
        frame = self.next(call)
        assert isinstance(frame, framing.Done), frame
        value: dict[str, Any] = frame.value
        return value

    def told(self, call: ChildCall) -> list[Any]:
        """What a call has sent and nobody looked at."""
        return list(self._frames[call.id].queue)


def voice(ms: float) -> bytes:
    seconds = np.arange(int(ms * 16)) / RATE_HZ
    return (5_000 * np.sin(2 * np.pi * 180 * seconds)).astype("<i2").tobytes()


def by_length(*texts: tuple[float, str]) -> Callable[[Request], Reading]:
    """A model that hears the text of the longest sound that is not longer than what it gets."""

    def reply(request: Request) -> Reading:
        whole = [text for from_s, text in texts if from_s <= request.sound_s]
        words = whole[-1].split() if whole else []
        known = len(request.prefix)
        reading = said(" ".join(words))
        return Reading(reading.words[known:])

    return reply


def bar(item: dict[str, Any]) -> str:
    """Text with a bar behind its stable part."""
    return f"{item['text'][: item['stable']]}|{item['text'][item['stable'] :]}"


def test_partials_grow_and_what_two_of_them_agree_on_stays() -> None:
    script = by_length(
        (0.3, "open"), (0.6, "open the"), (0.9, "open the bread"), (1.2, "open the red door")
    )
    model = ScriptedModel(script, held=True)
    parent = Parent(model)
    ear = parent.listen()
    told = []
    for _part in range(4):
        parent.hearing.input(ear, voice(300))
        model.asked()
        model.let()
        told.append(bar(parent.next(ear)))
    assert told == ["|open", "open| the", "open the| bread", "open the| red door"]


def test_the_final_reading_is_forced_to_begin_with_what_is_stable() -> None:
    model = ScriptedModel(
        by_length((0.3, "pull the"), (0.6, "pull the lever"), (0.9, "pull the lever now"))
    )
    parent = Parent(model)
    ear = parent.listen(("lever",))
    for _part in range(2):
        parent.hearing.input(ear, voice(300))
        parent.next(ear)
        model.asked()
    parent.hearing.input(ear, voice(250))
    parent.hearing.input(ear, voice(40))
    done = parent.final(parent.finalize(ear))
    (request,) = model.asked()
    assert len(request.prefix) == 2, "pull, the"
    assert request.hints == ("lever",)
    assert done["text"] == "pull the lever"
    assert [word[0] for word in done["words"]] == ["pull", "the", "lever"]


def test_a_final_of_sound_that_is_read_already_needs_no_reading() -> None:
    model = ScriptedModel(by_length((0.3, "stop")))
    parent = Parent(model)
    ear = parent.listen()
    parent.hearing.input(ear, voice(300))
    parent.next(ear)
    model.asked()
    assert parent.final(parent.finalize(ear))["text"] == "stop"
    assert model.batches.empty()


def test_finalizing_may_be_asked_again_after_more_sound() -> None:
    model = ScriptedModel(by_length((0.1, "take the"), (0.5, "take the map")))
    parent = Parent(model)
    ear = parent.listen()
    parent.hearing.input(ear, voice(200))
    first = parent.final(parent.finalize(ear))
    parent.hearing.input(ear, voice(350))
    second = parent.final(parent.finalize(ear))
    assert (bar(first), bar(second)) == ("|take the", "take the| map")


def test_while_the_model_works_a_turn_waits_with_one_partial_at_most() -> None:
    model = ScriptedModel(by_length((0.1, "go")), held=True)
    parent = Parent(model)
    ear = parent.listen()
    parent.hearing.input(ear, voice(300))
    (first,) = model.asked()
    for _frame in range(30):
        parent.hearing.input(ear, voice(300))
    model.let()
    (second,) = model.asked()
    assert len(first.samples) == 4_800
    assert len(second.samples) == 31 * 4_800, "the newest sound, not what there was when it asked"
    model.let()
    parent.next(ear)
    assert model.batches.empty()


def test_a_final_that_the_partial_at_work_answers_is_not_read_again() -> None:
    model = ScriptedModel(by_length((0.1, "go")), held=True)
    parent = Parent(model)
    ear = parent.listen()
    parent.hearing.input(ear, voice(300))
    model.asked()
    finalizing = parent.finalize(ear)
    model.let()
    assert parent.final(finalizing)["text"] == "go"
    assert model.batches.empty()


def test_finals_overtake_partials_and_are_read_together() -> None:
    model = ScriptedModel(by_length((0.1, "yes")), held=True)
    parent = Parent(model)
    ears = [parent.listen() for _ in range(5)]
    parent.hearing.input(ears[0], voice(400))
    model.asked()  # at work on the first one's partial
    parent.hearing.input(ears[1], voice(400))
    finalizing = []
    for ear in ears[2:]:
        parent.hearing.input(ear, voice(200))
        finalizing.append(parent.finalize(ear))
    model.let()
    assert len(model.asked()) == 3
    model.let()
    assert [parent.final(call)["text"] for call in finalizing] == ["yes"] * 3
    assert len(model.asked()) == 1, "then the partial that waited"
    model.let()


def test_a_partial_is_given_up_for_a_final_and_comes_again_with_more_sound() -> None:
    model = ScriptedModel(by_length((0.1, "yes"), (0.5, "yes please")), held=True)
    model.gives_up = True
    parent = Parent(model)
    slow, urgent = parent.listen(), parent.listen()
    parent.hearing.input(slow, voice(300))
    model.asked()
    parent.hearing.input(urgent, voice(200))
    finalizing = parent.finalize(urgent)
    model.let()
    model.asked()
    model.let()
    assert parent.final(finalizing)["text"] == "yes"
    assert parent.told(slow) == []
    parent.hearing.input(slow, voice(300))
    model.asked()
    model.let()
    assert parent.next(slow)["text"] == "yes please"


def test_a_doubted_final_is_read_again_in_full_and_a_doubted_partial_is_not_told() -> None:
    def reply(request: Request) -> Reading:
        return (
            said("the gate")
            if request.full
            else said("the gate the gate the gate the gate", per_s=20)
        )

    model = ScriptedModel(reply)
    parent = Parent(model)
    ear = parent.listen()
    parent.hearing.input(ear, voice(600))
    model.asked()
    parent.hearing.input(ear, voice(100))
    assert parent.final(parent.finalize(ear))["text"] == "the gate"
    assert [request.full for request in (*model.asked(), *model.asked())] == [False, True]
    assert parent.told(ear) == []


def test_what_loops_in_full_too_is_cut_before_it_loops() -> None:
    model = ScriptedModel(lambda _request: said("open it it it it it it it it", per_s=20))
    parent = Parent(model, full=True)
    ear = parent.listen()
    parent.hearing.input(ear, voice(1_000))
    assert parent.final(parent.finalize(ear))["text"] == "open it"


def test_thanks_out_of_silence_are_read_in_full_and_then_not_believed() -> None:
    model = ScriptedModel(lambda _request: said("Thank you.", no_speech=0.5))
    parent = Parent(model, partial_ms=5_000)
    ear = parent.listen()
    parent.hearing.input(ear, voice(400))
    assert parent.final(parent.finalize(ear))["text"] == ""
    assert [request.full for request in (*model.asked(), *model.asked())] == [False, True]


def test_silence_is_not_given_to_the_model() -> None:
    model = ScriptedModel(by_length((0.0, "Thank you.")))
    parent = Parent(model)
    ear = parent.listen()
    parent.hearing.input(ear, bytes(32_000))
    assert parent.final(parent.finalize(ear)) == {
        "text": "",
        "stable": 0,
        "words": [],
        "confidence": 1.0,
    }
    assert model.batches.empty()


def test_an_unknown_language_is_asked_for_until_there_was_enough_sound_to_tell_it() -> None:
    def reply(_request: Request) -> Reading:
        return said("hallo", language="de")

    model = ScriptedModel(reply)
    parent = Parent(model, language="auto")
    ear = parent.listen()
    for length_ms in (500, 700, 300):
        parent.hearing.input(ear, voice(length_ms))
        parent.final(parent.finalize(ear))
    assert [model.asked()[0].language for _ in range(3)] == ["", "", "de"]


def test_no_partial_is_made_before_the_language_can_be_told() -> None:
    model = ScriptedModel(lambda _request: said("hallo", language="de"))
    parent = Parent(model, language="auto")
    ear = parent.listen()
    for _part in range(4):
        parent.hearing.input(ear, voice(300))
    assert model.asked()[0].sound_s >= 1.0


def test_one_that_cannot_be_read_costs_no_other_its_text() -> None:
    def reply(request: Request) -> Reading:
        if request.hints == ("bad",):
            raise RuntimeError("out of memory")
        return said("fine")

    model = ScriptedModel(reply, held=True)
    parent = Parent(model, partial_ms=5_000)
    ears = [parent.listen(hints) for hints in (("first",), ("bad",), ("good",))]
    finalizing = []
    for ear in ears:
        parent.hearing.input(ear, voice(300))
        finalizing.append(parent.finalize(ear))
        if ear is ears[0]:
            model.asked()
    for _batch in range(4):  # the first, the two together, then each alone
        model.let()
    assert parent.final(finalizing[0])["text"] == "fine"
    failed = parent.next(finalizing[1])
    assert (failed.code, failed.text) == (
        "hear_failed",
        "Whisper failed: RuntimeError: out of memory",
    )
    assert parent.final(finalizing[2])["text"] == "fine"


def test_who_is_cancelled_while_the_model_works_hears_nothing_and_others_go_on() -> None:
    model = ScriptedModel(by_length((0.1, "hm")), held=True)
    parent = Parent(model, partial_ms=5_000)
    gone, stays = parent.listen(), parent.listen()
    parent.hearing.input(gone, voice(300))
    parent.hearing.input(stays, voice(300))
    finalizing = parent.finalize(gone)
    model.asked()
    queued = parent.finalize(stays)
    parent.cancel(finalizing)
    parent.cancel(gone)
    model.let()
    model.asked()
    model.let()
    assert parent.final(queued)["text"] == "hm"
    assert parent.told(gone) == parent.told(finalizing) == []


def test_a_final_that_nobody_waits_for_any_more_is_not_made() -> None:
    model = ScriptedModel(by_length((0.1, "hm")), held=True)
    parent = Parent(model, partial_ms=5_000)
    first, second, third = (parent.listen() for _ in range(3))
    for ear in (first, second, third):
        parent.hearing.input(ear, voice(300))
    parent.finalize(first)
    model.asked()
    unwanted = parent.finalize(second)
    wanted = parent.finalize(third)
    parent.cancel(unwanted)
    model.let()
    assert len(model.asked()) == 1
    model.let()
    assert parent.final(wanted)["text"] == "hm"


def test_what_a_worker_that_is_gone_had_heard_is_lost_and_said_to_be() -> None:
    parent = Parent(ScriptedModel(by_length()))
    failed = parent.next(parent.finalize(ChildCall(99, lambda _frame: None, lambda _id: None)))
    assert (failed.code, failed.text) == ("hear_failed", "what was said so far is lost")


def test_too_many_at_once_are_told_so_at_once() -> None:
    model = ScriptedModel(by_length((0.1, "hm")), held=True)
    parent = Parent(model, partial_ms=5_000)
    calls = []
    for _turn in range(MOST_FINALS + 2):
        ear = parent.listen()
        parent.hearing.input(ear, voice(100))
        calls.append(parent.finalize(ear))
        if len(calls) == 1:
            model.asked()  # this one is at work, it waits no longer
    refused = parent.next(calls[-1])
    assert refused.code == "hear_failed"
    assert refused.remedy
    for _batch in range(MOST_FINALS):
        model.let()
    assert {parent.final(call)["text"] for call in calls[:-1]} == {"hm"}


def test_a_turn_without_sound_is_finalized_as_nothing() -> None:
    parent = Parent(ScriptedModel(by_length()))
    assert parent.final(parent.finalize(parent.listen()))["text"] == ""
