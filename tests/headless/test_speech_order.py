"""A reply's frames by two ways."""

from __future__ import annotations

from frametalk.headless.speech_order import SpeechOrder
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind

FRAME = 441
BEGIN = m.ReplyBegin(reply=1, turn=1, stream=1, rate_hz=22_050)


def frame(number: int, stream: int = 1) -> Media:
    return Media(MediaKind.PCM16, stream, number, number * FRAME, b"\x01\x00" * FRAME)


def places(items: list[object]) -> list[object]:
    """The frames' numbers, negative where they are silent; other items as they are."""
    return [
        (item.sample // FRAME if any(item.payload) else -(item.sample // FRAME))
        if isinstance(item, Media)
        else item
        for item in items
    ]


def test_frames_before_the_beginning_wait_for_it() -> None:
    order = SpeechOrder()
    assert order.take(frame(1)) == order.take(frame(0)) == []
    assert places(order.begin(BEGIN)) == [BEGIN, 0, 1]


def test_frames_that_come_by_both_ways_count_once() -> None:
    order = SpeechOrder()
    order.begin(BEGIN)
    assert [places(order.take(frame(n))) for n in (0, 2, 1, 0, 1, 2)] == [
        [0],
        [],
        [1, 2],
        [],
        [],
        [],
    ]


def test_the_end_waits_for_what_is_under_way() -> None:
    order, end = SpeechOrder(), m.ReplyEnd(reply=1, samples=3 * FRAME)
    order.begin(BEGIN)
    order.take(frame(0))
    order.take(frame(2))
    assert order.end(end) == []
    assert order.ending == 1
    assert places(order.take(frame(1))) == [1, 2, end]


def test_what_never_comes_is_silence_in_its_place() -> None:
    order, end = SpeechOrder(), m.ReplyEnd(reply=1, samples=5 * FRAME)
    order.begin(BEGIN)
    for number in (0, 3):
        order.take(frame(number))
    order.end(end)
    came = order.give_up()
    assert places(came) == [-1, 3, -4, end]
    assert order.lost == 2


def test_another_reply_ends_the_one_before() -> None:
    order, end = SpeechOrder(), m.ReplyEnd(reply=1, samples=FRAME)
    order.begin(BEGIN)
    order.end(end)
    second = m.ReplyBegin(reply=2, turn=2, stream=2, rate_hz=22_050)
    assert places(order.begin(second)) == [0, end, second]
    assert places(order.take(frame(0, stream=2))) == [0]
