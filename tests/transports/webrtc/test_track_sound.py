"""A track's packets on the microphone's clock: in order, lost, garbage, jumping."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.errors import FrametalkError
from frametalk.transports.opus import OpusEncoder
from frametalk.transports.webrtc.mic_routes import MicRoutes
from frametalk.transports.webrtc.track_sound import TrackSound, Unwrapped
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind

RATE = 16_000
FRAME = RATE // 50
NUMBER, TIME = 65_530, 2**32 - 1_000  # so that both begin again soon
DELAY_SAMPLES = 104  # 6.5 ms, the encoder's


def speech(seconds: float = 2.0) -> np.ndarray:
    """A tone that rises, so that each place can be told from others."""
    at = np.arange(int(seconds * RATE)) / RATE
    return (8_000 * np.sin(2 * np.pi * (200 + 300 * at) * at)).astype(np.int16)


class Track:
    """A client's track and the server's end of it. Frame 0 leaves at the track's own time."""

    def __init__(self, rate_hz: int = RATE) -> None:
        self.errors: list[FrametalkError] = []
        self.routes = MicRoutes(self.errors.append)
        self.routes.start(m.MicStart(stream=1, rate_hz=rate_hz))
        self.server = TrackSound(self.routes, self.errors.append)
        self.heard: list[Media] = []
        encoder, self.sound = OpusEncoder(RATE), speech()
        self._packets = [
            encoder.encode(self.sound[at : at + FRAME].tobytes())
            for at in range(0, len(self.sound), FRAME)
        ]

    def move(self, at: int) -> None:
        message = m.RtcMic(stream=1, via="track", at=at)
        self.heard += self.routes.move(message) + self.server.move(at)

    def arrives(self, number: int, payload: bytes | None = None, jump: int = 0) -> int:
        """Packet `number` arrives; returns how many samples were heard at once."""
        data = self._packets[number] if payload is None else payload
        time = (TIME + number * 960 + jump) % 2**32
        frames = self.server.packet((NUMBER + number) % 65_536, time, data)
        self.heard += frames
        return sum(len(frame.payload) // 2 for frame in frames)

    def joined(self) -> np.ndarray:
        """All that was heard, which must have no gap."""
        position = self.heard[0].sample
        for frame in self.heard:
            assert frame.sample == position
            position += len(frame.payload) // 2
        return np.frombuffer(b"".join(frame.payload for frame in self.heard), "<i2")


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    length = min(len(one), len(other))
    return float(np.corrcoef(one[:length], other[:length])[0, 1])


def test_a_track_that_begins_with_the_message_is_in_its_place_to_the_sample() -> None:
    track = Track()
    track.move(0)
    lengths = [track.arrives(number) for number in range(100)]
    heard = track.joined()
    assert track.heard[0].sample == 0
    assert min(lengths[1:]) == max(lengths[1:]) == FRAME  # each packet is heard at once
    assert len(heard) == 100 * FRAME - DELAY_SAMPLES - 8
    assert likeness(heard, track.sound) > 0.9
    assert likeness(heard[8:], track.sound) < likeness(heard, track.sound)


def test_beats_say_where_a_running_track_stands() -> None:
    track = Track()
    for number in range(10):
        track.arrives(number)
        if number % 2:
            track.server.beat((number + 1) * FRAME + 5_000)  # 5,000 samples went before
    for _ in range(9):
        track.server.beat(99_000)  # the track stands still
    track.routes.end = 5_000 + 10 * FRAME
    track.move(5_000 + 10 * FRAME)
    for number in range(9, 60):  # from what was not heard on
        track.arrives(number)
    heard = track.joined()
    assert track.heard[0].sample == 5_000 + 10 * FRAME
    assert likeness(heard, track.sound[10 * FRAME :]) > 0.9


def test_lost_packets_are_silence_in_their_place_and_later_ones_are_not_late() -> None:
    track = Track()
    track.move(0)
    came = [track.arrives(number) for number in range(30) if number not in {10, 11, 20}]
    heard = track.joined()
    assert not heard[10 * FRAME + 100 : 12 * FRAME - DELAY_SAMPLES - 20].any()
    assert likeness(heard[13 * FRAME : 19 * FRAME], track.sound[13 * FRAME : 19 * FRAME]) > 0.9
    assert likeness(heard[22 * FRAME :], track.sound[22 * FRAME : 30 * FRAME]) > 0.9
    assert came[-4:] == [FRAME] * 4
    assert not track.errors


def test_packets_out_of_order_are_put_in_order() -> None:
    track = Track()
    track.move(0)
    for number in (0, 2, 1, 3, 5, 6, 4, 7, 8, 9, 9):
        track.arrives(number)
    assert likeness(track.joined(), track.sound[: 10 * FRAME]) > 0.9


def test_packets_that_come_before_the_message_are_heard_with_it() -> None:
    track = Track()
    for number in range(5):
        assert track.arrives(number) == 0
    track.move(0)
    assert len(track.joined()) == 5 * FRAME - DELAY_SAMPLES - 8


def test_garbage_is_silence_and_reported_once_in_a_while() -> None:
    track = Track()
    track.move(0)
    for number in range(60):
        track.arrives(number, b"\xff" * 50 if number % 2 else None)
    track.arrives(60, b"")
    assert {error.code for error in track.errors} == {"rtc_opus"}
    assert len(track.errors) == 1
    assert len(track.joined()) == 61 * FRAME - DELAY_SAMPLES - 8


@pytest.mark.parametrize("jump", [10**6, -(10**6), 2**31 - 1, 48_001])
def test_a_clock_that_jumps_is_reported_and_the_sound_goes_on(jump: int) -> None:
    track = Track()
    track.move(0)
    for number in range(20):
        track.arrives(number)
    for number in range(20, 40):
        track.arrives(number, jump=jump)
    assert [error.code for error in track.errors] == ["mic_sequence"]
    assert len(track.joined()) == 40 * FRAME - DELAY_SAMPLES - 8


@pytest.mark.parametrize("rate_hz", [8_000, 24_000, 44_100, 48_000])
def test_the_sound_has_the_rate_of_the_stream(rate_hz: int) -> None:
    track = Track(rate_hz)
    track.move(0)
    for number in range(50):
        track.arrives(number)
    assert 0.9 < len(track.joined()) / rate_hz <= 1.0


def test_numbers_that_begin_again_count_on() -> None:
    count = Unwrapped(16)
    numbers = [count.take(number) for number in (65_534, 65_535, 0, 65_533, 1, 2)]
    assert [number - numbers[0] for number in numbers] == [0, 1, 2, -1, 3, 4]


def test_a_track_without_beats_goes_on_in_its_place_after_it_stood_still() -> None:
    track = Track()
    track.move(0)
    for number in range(10):
        track.arrives(number)
    for number in range(9, 60):  # from what was not heard on
        pcm = track.sound[number * FRAME : (number + 1) * FRAME].tobytes()
        track.heard += track.routes.websocket(
            Media(MediaKind.PCM16, 1, number, number * FRAME, pcm)
        )
    for number in range(10, 15):  # they were under way for long
        track.arrives(number)
    track.move(60 * FRAME)
    for number in range(60, 100):
        track.arrives(number)
    heard = track.joined()
    assert likeness(heard[70 * FRAME :], track.sound[70 * FRAME :]) > 0.9
    assert track.errors == []
