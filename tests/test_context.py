"""What stages send, report and emit through the context of their session."""

from __future__ import annotations

import asyncio
import logging

import pytest

from frametalk.context import MAX_ERROR_TEXT, ClientTime, EventQueue
from frametalk.core.events import Event, Prompted, SpeechLost, Typed
from frametalk.errors import FrametalkError
from frametalk.errors import Stage as Where
from frametalk.trace import TurnTrace
from frametalk.wire.messages import Ping, SceneAck
from stages import Stage


def at(seconds: float) -> Stage:
    """A session at this instant."""
    return Stage(now=lambda: seconds)


def test_control_messages_are_numbered_from_one_and_pings_are_not() -> None:
    stage = at(0)
    stage.context.send(SceneAck(rev=1))
    stage.context.send_clock(Ping(id=1, t_us=5))
    stage.context.send(SceneAck(rev=2))
    assert stage.sent == [SceneAck(rev=1, seq=1), Ping(id=1, t_us=5), SceneAck(rev=2, seq=2)]


def test_an_error_is_sent_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    stage = at(0)
    error = FrametalkError("scene_base", "x" * 9_000, stage=Where.SCENE, remedy="send a snapshot")
    with caplog.at_level(logging.WARNING, logger="frametalk.context"):
        stage.context.report(error, "scene.patch")
    (sent,) = stage.sent
    assert (sent.code, sent.ref, sent.seq) == ("scene_base", "scene.patch", 1)
    assert len(sent.text) == MAX_ERROR_TEXT
    assert stage.value("frametalk_errors_total", code="scene_base") == 1


def test_a_step_feeds_metrics_trace_and_log_alike(caplog: pytest.LogCaptureFixture) -> None:
    clock = iter([10.0, 10.25])
    stage, trace = Stage(now=lambda: next(clock)), TurnTrace()
    with (
        caplog.at_level(logging.DEBUG, logger="frametalk.trace"),
        stage.context.step("recognition", trace),
    ):
        pass
    assert stage.value("frametalk_step_seconds_sum", step="recognition") == 0.25
    assert trace.instants == {"recognition": 10.25}
    assert "recognition took 250.000 ms" in caplog.text


def test_an_event_emitted_by_an_action_waits_for_the_other_actions() -> None:
    queue, order = EventQueue(), list[object]()

    def handle(event: Event) -> None:
        order.append(event)
        if isinstance(event, Typed):
            queue.emit(Prompted("hello"))
            order.append("the rest of its actions")

    queue.connect(handle)
    queue.emit(Typed("hi"))
    assert order == [Typed("hi"), "the rest of its actions", Prompted("hello")]


def test_a_failed_event_does_not_block_the_next_one() -> None:
    queue, taken = EventQueue(), list[Event]()

    def handle(event: Event) -> None:
        if isinstance(event, Typed):
            raise ValueError(event.text)
        taken.append(event)

    queue.connect(handle)
    with pytest.raises(ValueError, match="boom"):
        queue.emit(Typed("boom"))
    queue.emit(SpeechLost())
    assert taken == [SpeechLost()]


def test_events_before_the_conversation_are_dropped() -> None:
    EventQueue().emit(SpeechLost())


# ---- the client's time ---------------------------------------------------------------------------


@pytest.mark.looptime
async def test_a_timer_of_the_client_fires_when_its_time_has_passed() -> None:
    loop = asyncio.get_running_loop()
    time, fired = ClientTime(loop.time), []
    time.after(3, lambda: fired.append(loop.time()))
    cancelled = time.after(1, lambda: fired.append(-1.0))
    cancelled.cancel()
    await asyncio.sleep(1)
    time.stop("asleep")
    time.after(1, lambda: fired.append(loop.time()))
    await asyncio.sleep(10)
    time.stop("paused")
    time.go("asleep")
    await asyncio.sleep(10)
    assert (fired, time.now()) == ([], 1)
    time.go("paused")
    time.go("paused")
    await asyncio.sleep(5)
    assert fired == [22, 23]
    assert time.now() == 6
