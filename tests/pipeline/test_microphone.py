"""The ear: holes, overlaps, rates and clocks of the microphone stream."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from frametalk.adapters.base import Bias, HeardWord, Hypothesis
from frametalk.adapters.vad.energy import EnergyVad
from frametalk.config import TurnSettings
from frametalk.core.events import Event, SpeechEnded, SpeechLost, SpeechStarted
from frametalk.errors import FrametalkError
from frametalk.pipeline.microphone import Microphone
from frametalk.wire.codec import Media, MediaKind
from frametalk.wire.messages import MicStart, MicStop


class Tape:
    """A recogniser and its one stream: keeps the sound that it is fed."""

    rate_hz = 16_000

    def __init__(self) -> None:
        self.pcm = b""
        self.cancelled = False

    def open(self, _bias: Bias, _on_partial: Callable[[Hypothesis], None]) -> Tape:
        self.pcm = b""
        return self

    def feed(self, pcm: bytes) -> None:
        self.pcm += pcm

    def cancel(self) -> None:
        self.cancelled = True

    @property
    def samples(self) -> np.ndarray:
        return np.frombuffer(self.pcm, np.int16)


class Ear:
    """An ear under test with a clock of its own."""

    def __init__(self, rate_hz: int = 16_000, mode: str = "open") -> None:
        self.events: list[Event] = []
        self.tape = Tape()
        self.now = 0.0
        settings = TurnSettings()
        self.hear = Microphone(
            EnergyVad(), self.tape, settings, self.events.append, lambda: self.now
        )
        self.rate_hz = rate_hz
        self.sample = 0
        self.hear.start(MicStart(stream=1, rate_hz=rate_hz, mode=mode))

    def say(self, ms: int, *, loud: bool, at: int | None = None) -> None:
        """Feed sound in frames of 20 ms, the first of them at sample `at`."""
        size = self.rate_hz // 50
        self.sample = self.sample if at is None else at
        for _ in range(ms // 20):
            count = np.arange(self.sample, self.sample + size)
            sound = (8000 * np.sin(count * 880 / self.rate_hz)).astype(np.int16)
            payload = (sound if loud else np.zeros(size, np.int16)).tobytes()
            self.now += 0.02
            frame = Media(MediaKind.PCM16, 1, 0, self.sample, payload)
            self.sample += size
            self.hear.feed(frame)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000])
def test_speech_is_found_where_it_is_at_any_rate(rate_hz: int) -> None:
    ear = Ear(rate_hz)
    ear.say(1_000, loud=False)
    ear.say(600, loud=True)
    ear.say(1_000, loud=False)
    started = next(event for event in ear.events if isinstance(event, SpeechStarted))
    over = next(event for event in ear.events if isinstance(event, SpeechEnded))
    assert abs(started.at - 16_000) <= 1_024
    assert abs(over.at - 25_600) <= 1_024
    assert abs(ear.hear.to_mic(over.at) - round(1.6 * rate_hz)) <= rate_hz * 0.064


def test_the_recogniser_gets_the_sound_before_the_start_too() -> None:
    ear = Ear()
    ear.say(1_000, loud=False)
    ear.say(200, loud=True)
    started = next(event for event in ear.events if isinstance(event, SpeechStarted))
    ear.hear.open_ear(started.at, Bias(), lambda _heard: None)
    ear.say(200, loud=True)
    heard = ear.tape.samples
    assert len(heard) == ear.sample - (started.at - 5_120)
    assert not heard[:4_000].any()
    assert heard[-100:].any()


def test_a_short_hole_is_filled_with_silence() -> None:
    ear = Ear()
    ear.say(200, loud=True)
    ear.hear.open_ear(0, Bias(), lambda _heard: None)
    with pytest.raises(FrametalkError, match="mic_sequence"):
        ear.say(20, loud=True, at=ear.sample + 800)
    heard = ear.tape.samples
    assert len(heard) == 3_200 + 800 + 320
    assert not heard[3_200:4_000].any()


def test_what_comes_twice_is_taken_once() -> None:
    ear = Ear()
    ear.say(200, loud=True)
    ear.hear.open_ear(0, Bias(), lambda _heard: None)
    with pytest.raises(FrametalkError, match="mic_sequence"):
        ear.say(20, loud=True, at=ear.sample - 160)
    ear.say(20, loud=True)
    assert len(ear.tape.samples) == 3_200 + 160 + 320


def test_a_long_hole_loses_what_was_being_said_and_hearing_goes_on() -> None:
    ear = Ear()
    ear.say(400, loud=True)
    with pytest.raises(FrametalkError, match="mic_sequence"):
        ear.say(20, loud=True, at=ear.sample + 50_000)
    assert ear.events[-1] == SpeechLost()
    ear.say(400, loud=True)
    started = [event for event in ear.events if isinstance(event, SpeechStarted)]
    assert started[-1].at >= 50_000


def test_a_stream_that_is_not_open_is_told_once() -> None:
    ear = Ear()
    frame = Media(MediaKind.PCM16, 9, 0, 0, bytes(640))
    with pytest.raises(FrametalkError, match="mic_stream_unknown"):
        ear.hear.feed(frame)
    ear.hear.feed(frame)


def test_stopping_the_microphone_ends_the_turn_at_once() -> None:
    ear = Ear(48_000, mode="ptt")
    ear.say(400, loud=True)
    ear.hear.stop(MicStop(stream=1, at=ear.sample))
    over = ear.events[-1]
    assert isinstance(over, SpeechEnded)
    assert abs(over.at - 6_400) <= 512


def test_words_lie_on_the_microphones_own_clock() -> None:
    ear = Ear(48_000)
    ear.say(1_000, loud=False)
    ear.hear.open_ear(16_000, Bias(), lambda _heard: None)
    place = ear.hear.word_clock()
    ear.hear.stop(MicStop(stream=1, at=ear.sample))
    word = place(Hypothesis("door", words=(HeardWord("door", 5_120, 8_000, 1.7),)))[0]
    assert (word.at, word.end, word.confidence) == (48_000, 48_000 + 8_640, 1.0)


def test_the_arrival_of_the_last_speech_is_known() -> None:
    ear = Ear()
    ear.say(400, loud=True)
    ear.say(200, loud=False)
    assert ear.hear.arrived_at(6_400) == pytest.approx(0.4)
    assert ear.hear.arrived_at(10**9) is None
