"""The log of what was sent: order, confirmations, bounds."""

from __future__ import annotations

from frametalk.transports.sent import SentLog, end_of
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind, client_codec


def frame(number: int, stream: int = 1) -> Media:
    return Media(MediaKind.PCM16, stream, number, number * 4, bytes(8))


def log(max_items: int = 100, max_bytes: int = 10_000) -> SentLog:
    return SentLog(client_codec, max_items, max_bytes)


def kept(of: SentLog) -> list[str]:
    """Messages by their number, frames by their stream and seq."""
    return [
        f"{item.stream}:{item.seq}" if isinstance(item, Media) else str(number)
        for number, item in of.entries()
    ]


def test_everything_is_kept_in_order_and_comes_out_as_it_went_in() -> None:
    sent = log()
    sent.add(1, m.Say(text="hello"))
    sent.add_media(frame(0))
    sent.add(2, m.Focus(entity="door"))
    assert [item for _, item in sent.entries()] == [
        m.Say(text="hello"),
        frame(0),
        m.Focus(entity="door"),
    ]
    assert end_of(frame(3)) == 16


def test_what_is_confirmed_leaves_from_the_front() -> None:
    sent = log()
    sent.add(1, m.Interrupt())
    sent.add_media(frame(0))
    sent.add(2, m.Interrupt())
    sent.add_media(frame(1))
    sent.confirm_media(1, 4)
    assert kept(sent) == ["1", "1:0", "2", "1:1"]
    sent.confirm(1)
    assert kept(sent) == ["2", "1:1"]
    sent.confirm(2)
    assert kept(sent) == ["1:1"]
    sent.confirm_media(1, 8)
    assert (kept(sent), sent.bytes) == ([], 0)


def test_confirming_a_message_may_confirm_the_media_before_it() -> None:
    sent = log()
    sent.add_media(frame(0))
    sent.add(1, m.Interrupt())
    sent.add_media(frame(1))
    sent.add(2, m.Interrupt())
    sent.confirm_through(1)
    assert kept(sent) == ["1:1", "2"]
    sent.confirm_through(0)
    assert kept(sent) == ["1:1", "2"]


def test_a_stream_can_be_discarded() -> None:
    sent = log()
    sent.add_media(frame(0))
    sent.add_media(frame(0, stream=2))
    sent.add(1, m.Interrupt())
    sent.flush(1)
    assert kept(sent) == ["2:0", "1"]


def test_beyond_its_bounds_it_drops_the_oldest_sound_first() -> None:
    sent = log(max_items=4)
    sent.add(1, m.Interrupt())
    for number in range(5):
        sent.add_media(frame(number))
    assert kept(sent) == ["1", "1:2", "1:3", "1:4"]
    assert (sent.dropped, sent.dropped_media) == (0, (1, 8))
    for number in range(2, 7):
        sent.add(number, m.Interrupt())
    assert kept(sent) == ["3", "4", "5", "6"]
    assert sent.dropped == 2


def test_bytes_are_bounded_too() -> None:
    sent = log(max_bytes=100)
    for number in range(1, 50):
        sent.add(number, m.Say(text="x" * 20))
    assert 0 < sent.bytes <= 100


def test_what_is_confirmed_is_dropped_before_what_is_not() -> None:
    sent = log(max_items=3)
    sent.add(1, m.Interrupt())
    sent.add_media(frame(0))
    sent.add_media(frame(1))
    sent.confirm_media(1, 4)
    sent.add(2, m.Interrupt())
    assert kept(sent) == ["1", "1:1", "2"]
    assert sent.dropped_media is None
