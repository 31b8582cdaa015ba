"""One microphone out of two ways: moved there and back, out of order, lost and repeated."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.errors import FrametalkError
from frametalk.transports.webrtc.mic_routes import EARLY_FRAMES, MicRoutes
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind

FRAME = 320
SOUND = np.arange(1, 200 * FRAME + 1).astype("<i2")


def frame(number: int, stream: int = 1) -> Media:
    """Frame `number` of 20 ms; each sample has its own value."""
    at = number * FRAME
    return Media(MediaKind.PCM16, stream, number, at, SOUND[at : at + FRAME].tobytes())


def opened(rate_hz: int = 16_000) -> MicRoutes:
    routes = MicRoutes(lambda _error: None)
    routes.start(m.MicStart(stream=1, rate_hz=rate_hz))
    return routes


def moved(at: int = 0, before: int = 0) -> MicRoutes:
    """A stream of which `before` frames came over the WebSocket, and the others come by the channel."""
    routes = opened()
    for number in range(before):
        routes.websocket(frame(number))
    routes.move(m.RtcMic(stream=1, via="channel", at=at * FRAME))
    return routes


def numbers(frames: list[Media]) -> list[str]:
    """The frames' places in frames of 20 ms; silence with a dash."""
    return [
        f"{f.sample // FRAME}"
        if any(f.payload)
        else f"-{f.sample // FRAME}+{len(f.payload) // 640}"
        for f in frames
    ]


def test_without_a_peer_connection_frames_pass_as_they_are() -> None:
    routes = opened()
    frames = [frame(0), frame(5), frame(1), frame(2, stream=9)]
    assert [each for f in frames for each in routes.websocket(f)] == frames


def test_frames_of_the_channel_are_in_order_and_the_missing_one_is_silence() -> None:
    routes = moved()
    came = [numbers(routes.channel(frame(n))) for n in (0, 2, 1, 4, 5, 6, 7)]
    assert came == [["0"], [], ["1", "2"], [], [], ["-3+1", "4", "5", "6"], ["7"]]
    assert (routes.end, routes.lost) == (8 * FRAME, 1)


def test_frames_that_come_twice_lose_nothing_to_a_lost_packet() -> None:
    routes = moved()
    heard = []
    for packet in range(20):
        if packet % 4 != 3:  # lost, with the copy of the frame before
            heard += routes.channel(frame(packet)) + (
                routes.channel(frame(packet - 1)) if packet else []
            )
    assert numbers(heard) == [str(n) for n in range(19)]


def test_frames_wait_for_the_message_that_moves_the_microphone() -> None:
    routes = opened()
    routes.websocket(frame(0))
    assert routes.channel(frame(2)) == routes.channel(frame(3)) == []
    routes.websocket(frame(1))
    assert numbers(routes.move(m.RtcMic(stream=1, via="channel", at=2 * FRAME))) == ["2", "3"]


def test_what_waits_has_a_bound() -> None:
    routes = opened()
    for number in range(199):
        routes.channel(frame(number))
    assert len(routes._early) == EARLY_FRAMES
    for number in range(20):
        routes.channel(Media(MediaKind.PCM16, 1, number, 0, bytes(60_000)))
    assert len(routes._early) < 10


def test_the_websocket_takes_over_without_overlap_or_gap() -> None:
    routes = moved()
    for number in range(5):
        routes.channel(frame(number))
    assert routes.channel(frame(6)) == []
    again = [each for n in range(3, 9) for each in routes.websocket(frame(n))]
    assert again[0].sample == 5 * FRAME
    assert b"".join(f.payload for f in again) == SOUND[5 * FRAME : 9 * FRAME].tobytes()
    assert routes.via is None
    assert routes.channel(frame(9)) == []  # it was under way, and waits for the next move


def test_the_microphone_moves_again_after_it_was_back() -> None:
    routes = moved()
    routes.channel(frame(0))
    routes.websocket(frame(0))
    routes.websocket(frame(1))
    routes.move(m.RtcMic(stream=1, via="channel", at=2 * FRAME))
    assert numbers(routes.channel(frame(1)) + routes.channel(frame(2))) == ["2"]


def test_a_stream_that_is_not_open_cannot_move() -> None:
    routes = opened()
    for stream, stopped in ((2, False), (1, True)):
        if stopped:
            routes.stop()
        with pytest.raises(FrametalkError) as refused:
            routes.move(m.RtcMic(stream=stream, via="channel", at=0))
        assert refused.value.code == "mic_stream_unknown"


@pytest.mark.parametrize("at", [10**9, 2**53 - 1])
def test_a_count_that_cannot_be_does_not_stop_the_clock(at: int) -> None:
    routes = opened()
    routes.websocket(frame(0))
    routes.move(m.RtcMic(stream=1, via="channel", at=at))
    assert numbers(routes.channel(frame(1))) == ["1"]


def test_a_clock_that_jumps_goes_on_from_there() -> None:
    routes = moved()
    routes.channel(frame(0))
    far = [Media(MediaKind.PCM16, 1, n, 10**6 + n * FRAME, frame(n).payload) for n in range(1, 5)]
    came = [each for f in far for each in routes.channel(f)]
    assert came == far  # the microphone takes the jump as a new beginning
    back = Media(MediaKind.PCM16, 1, 9, 0, frame(0).payload)
    assert routes.channel(back) == [back]
    assert routes.end == FRAME


def test_a_frame_that_was_long_under_way_is_no_jump() -> None:
    routes = moved()
    for number in range(100):
        routes.channel(frame(number))
    assert routes.channel(frame(3)) == []
    assert routes.end == 100 * FRAME


def test_a_frame_that_was_under_way_while_the_websocket_took_over_is_no_jump() -> None:
    routes = moved()
    routes.channel(frame(0))
    for number in range(1, 100):
        routes.websocket(frame(number))
    routes.move(m.RtcMic(stream=1, via="channel", at=100 * FRAME))
    assert routes.channel(frame(2)) == []
    assert numbers(routes.channel(frame(100))) == ["100"]


def test_a_new_stream_begins_on_the_websocket() -> None:
    routes = moved()
    routes.channel(frame(0))
    routes.start(m.MicStart(stream=1, rate_hz=16_000))
    assert (routes.end, routes.via) == (0, None)
    assert routes.websocket(frame(0)) == [frame(0)]


@pytest.mark.parametrize(("twice", "most"), [(False, 0.065), (True, 0.005)])
def test_loss_and_jitter_lose_little_more_than_what_the_network_loses(
    twice: bool, most: float
) -> None:
    """5 % loss and up to 60 ms of jitter, each packet for itself."""
    dice = random.Random(1)
    count, routes, arriving = 3_000, moved(), []
    for number in range(count):
        if dice.random() >= 0.05:
            at = 20 * number + dice.uniform(0, 60)
            arriving.append((at, number))
            if twice and number:
                arriving.append((at, number - 1))
    sound = b"\x01\x00" * FRAME
    heard = b"".join(
        part.payload
        for _at, number in sorted(arriving, key=lambda each: each[0])
        for part in routes.channel(Media(MediaKind.PCM16, 1, number, number * FRAME, sound))
    )
    silent = np.count_nonzero(np.frombuffer(heard, "<i2") == 0)
    assert len(heard) // 2 >= (count - 10) * FRAME
    assert silent / (count * FRAME) <= most


Way = st.sampled_from(("websocket", "channel", "lost", "late", "twice"))


@given(st.lists(Way, min_size=1, max_size=60), st.integers(0, 3))
def test_whatever_happens_each_sample_is_heard_once_and_in_its_place(
    ways: list[str], again: int
) -> None:
    """A client that moves as the page says: what is heard is the sound, or silence in its place."""
    routes = moved()
    heard: list[Media] = []
    on_channel, late = True, []
    for number, way in enumerate(ways):
        if way == "websocket":
            first = (routes.end or 0) // FRAME
            for each in range(max(0, first - again), number + 1):
                heard += routes.websocket(frame(each))
            on_channel = False
            continue
        if not on_channel:
            first = (routes.end or 0) // FRAME
            for each in range(first, number):
                heard += routes.websocket(frame(each))
            heard += routes.move(m.RtcMic(stream=1, via="channel", at=number * FRAME))
            on_channel = True
        if way == "late":
            late.append(number)
        elif way != "lost":
            for _ in range(2 if way == "twice" else 1):
                heard += routes.channel(frame(number))
        if len(late) > 1:
            heard += routes.channel(frame(late.pop(0)))
    position = 0
    for each in heard:
        assert each.sample == position
        sound = np.frombuffer(each.payload, "<i2")
        expected = SOUND[position : position + len(sound)]
        assert not sound.any() or np.array_equal(sound, expected)
        position += len(sound)
    assert position == routes.end
