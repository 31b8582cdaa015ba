"""The speaker: holes, overlaps, rates and clocks of the microphone stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from frametalk.adapters.vad.energy import EnergyVad
from frametalk.config import FrametalkSettings, ServerSettings
from frametalk.core.audio import Samples
from frametalk.core.events import Event, SpeechEnded, SpeechLost, SpeechStarted
from frametalk.errors import FrametalkError
from frametalk.errors import Stage as FaultStage
from frametalk.pipeline.endpoints import Endpoints
from frametalk.pipeline.microphone import Microphone
from frametalk.wire.codec import Media, MediaKind
from frametalk.wire.messages import MicStart, MicStop
from stages import Stage

pytestmark = pytest.mark.looptime


class Tape:
    """A recogniser's stream that keeps the sound it is fed."""

    def __init__(self) -> None:
        self.pcm = b""

    def feed(self, pcm: bytes) -> None:
        self.pcm += pcm

    @property
    def samples(self) -> np.ndarray:
        return np.frombuffer(self.pcm, np.int16)


class LateVad(EnergyVad):
    """Judges windows only when they are settled."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[tuple[Samples, Callable[[float], None]]] = []

    def submit(self, window: Samples, judged: Callable[[float], None]) -> None:
        self.waiting.append((window, judged))

    def settle(self) -> None:
        waiting, self.waiting = self.waiting, []
        for window, judged in waiting:
            judged(self.process(window))

    def reset(self) -> None:
        self.waiting = []


class Speaker:
    """Speaks into a microphone under test, with a clock of its own."""

    def __init__(
        self,
        rate_hz: int = 16_000,
        mode: str = "open",
        mic_speed: float = 4,
        vad: EnergyVad | None = None,
        keeps_turns: bool = False,
    ) -> None:
        self.now = 0.0
        settings = FrametalkSettings(server=ServerSettings(mic_speed=mic_speed))
        stage = Stage(settings, now=lambda: self.now)
        self.events = stage.events
        self.endpoints = Endpoints(stage.context)
        self.stage = stage
        self.microphone = Microphone(
            stage.context, vad or EnergyVad(), self.endpoints, keeps_turns=keeps_turns
        )
        self.rate_hz = rate_hz
        self.sample = 0
        self.microphone.start(MicStart(stream=1, rate_hz=rate_hz, mode=mode))

    def record(self, at: int) -> Tape:
        """A stream that is attached for speech that begins at `at`."""
        tape: Any = Tape()
        self.microphone.attach(tape, self.microphone.first_sample(at))
        return tape

    def say(
        self, ms: int, *, loud: bool, at: int | None = None, times_real_time: float = 1
    ) -> None:
        """Feed sound in frames of 20 ms, the first of them at sample `at`."""
        size = self.rate_hz // 50
        self.sample = self.sample if at is None else at
        for _ in range(ms // 20):
            count = np.arange(self.sample, self.sample + size)
            sound = (8000 * np.sin(count * 880 / self.rate_hz)).astype(np.int16)
            payload = (sound if loud else np.zeros(size, np.int16)).tobytes()
            self.now += 0.02 / times_real_time
            frame = Media(MediaKind.PCM16, 1, 0, self.sample, payload)
            self.sample += size
            self.microphone.feed(frame)


@pytest.mark.parametrize(
    "rate_hz", [8_000, 11_025, 12_000, 16_000, 44_100, 48_000, 88_200, 96_000, 192_000]
)
async def test_speech_is_found_where_it_is_at_any_rate(rate_hz: int) -> None:
    speaker = Speaker(rate_hz)
    speaker.say(1_000, loud=False)
    speaker.say(600, loud=True)
    speaker.say(1_000, loud=False)
    started = next(event for event in speaker.events if isinstance(event, SpeechStarted))
    ended = next(event for event in speaker.events if isinstance(event, SpeechEnded))
    assert abs(started.at - 16_000) <= 1_024
    assert abs(ended.at - 25_600) <= 1_024


async def test_the_recogniser_gets_the_sound_before_the_start_too() -> None:
    speaker = Speaker()
    speaker.say(1_000, loud=False)
    speaker.say(200, loud=True)
    started = next(event for event in speaker.events if isinstance(event, SpeechStarted))
    tape = speaker.record(started.at)
    speaker.say(200, loud=True)
    heard = tape.samples
    assert len(heard) == speaker.sample - (started.at - 5_120)
    assert not heard[:4_000].any()
    assert heard[-100:].any()


async def test_a_short_gap_is_filled_with_silence() -> None:
    speaker = Speaker()
    speaker.say(200, loud=True)
    tape = speaker.record(0)
    with pytest.raises(FrametalkError, match="mic_sequence"):
        speaker.say(20, loud=True, at=speaker.sample + 800)
    heard = tape.samples
    assert len(heard) == 3_200 + 800 + 320
    assert not heard[3_200:4_000].any()


async def test_samples_that_come_twice_are_taken_once() -> None:
    speaker = Speaker()
    speaker.say(200, loud=True)
    tape = speaker.record(0)
    with pytest.raises(FrametalkError, match="mic_sequence"):
        speaker.say(20, loud=True, at=speaker.sample - 160)
    speaker.say(20, loud=True)
    assert len(tape.samples) == 3_200 + 160 + 320


async def test_a_long_gap_loses_the_open_turn_and_later_speech_opens_another() -> None:
    speaker = Speaker()
    speaker.say(400, loud=True)
    with pytest.raises(FrametalkError, match="mic_sequence"):
        speaker.say(20, loud=True, at=speaker.sample + 50_000)
    assert speaker.events[-1] == SpeechLost()
    speaker.say(400, loud=True)
    started = [event for event in speaker.events if isinstance(event, SpeechStarted)]
    assert started[-1].at >= 50_000


async def test_sound_that_comes_too_fast_is_dropped_and_reported_once() -> None:
    speaker = Speaker()
    speaker.say(25_000, loud=True, times_real_time=100)
    with pytest.raises(FrametalkError, match="mic_too_fast"):
        speaker.say(10_000, loud=True, times_real_time=100)
    heard = speaker.microphone.heard
    speaker.say(1_000, loud=True, times_real_time=100)
    assert speaker.microphone.heard == heard
    speaker.now += 1
    with pytest.raises(FrametalkError, match="mic_sequence"):
        speaker.say(20, loud=True)
    speaker.say(1_000, loud=True)
    assert speaker.microphone.heard == speaker.sample


async def test_a_new_stream_does_not_make_room_for_more_sound() -> None:
    speaker = Speaker()
    with pytest.raises(FrametalkError, match="mic_too_fast"):
        speaker.say(60_000, loud=True, times_real_time=100)
    speaker.microphone.start(MicStart(stream=1, rate_hz=16_000))
    speaker.say(1_000, loud=True, at=0, times_real_time=100)
    assert speaker.microphone.heard == 0


async def test_no_limit_of_speed() -> None:
    speaker = Speaker(mic_speed=0)
    speaker.say(60_000, loud=True, times_real_time=1_000)
    assert speaker.microphone.heard == speaker.sample


async def test_a_stream_that_is_not_open_is_reported_once() -> None:
    speaker = Speaker()
    frame = Media(MediaKind.PCM16, 9, 0, 0, bytes(640))
    with pytest.raises(FrametalkError, match="mic_stream_unknown"):
        speaker.microphone.feed(frame)
    speaker.microphone.feed(frame)


async def test_stopping_the_microphone_ends_the_turn_at_once() -> None:
    speaker = Speaker(48_000, mode="ptt")
    speaker.say(400, loud=True)
    speaker.microphone.stop(MicStop(stream=1, at=speaker.sample))
    ended = speaker.events[-1]
    assert isinstance(ended, SpeechEnded)
    assert abs(ended.at - 6_400) <= 512


async def test_the_arrival_of_the_last_speech_is_known() -> None:
    speaker = Speaker()
    speaker.say(400, loud=True)
    speaker.say(200, loud=False)
    assert speaker.microphone.arrived_at(6_400) == pytest.approx(0.4)
    assert speaker.microphone.arrived_at(10**9) is None


async def test_frames_that_cease_during_a_turn_end_it() -> None:
    stage = Stage()
    microphone = Microphone(stage.context, EnergyVad(), Endpoints(stage.context))
    microphone.start(MicStart(stream=1, rate_hz=16_000))
    loud = (8000 * np.sin(np.arange(320) * 0.3)).astype(np.int16).tobytes()
    for n in range(30):
        microphone.feed(Media(MediaKind.PCM16, 1, n, n * 320, loud))
        await asyncio.sleep(0.02)
    await asyncio.sleep(2.9)
    assert not isinstance(stage.events[-1], SpeechEnded)
    await asyncio.sleep(0.2)
    assert stage.events[-1] == SpeechEnded(9_216, forced=True)
    assert stage.error_codes == ["mic_timeout"]


async def test_frames_in_bursts_do_not_end_a_turn() -> None:
    stage = Stage()
    microphone = Microphone(stage.context, EnergyVad(), Endpoints(stage.context))
    microphone.start(MicStart(stream=1, rate_hz=16_000))
    loud = (8000 * np.sin(np.arange(16_000) * 0.3)).astype(np.int16).tobytes()
    for n in range(8):
        microphone.feed(Media(MediaKind.PCM16, 1, n, n * 16_000, loud))
        await asyncio.sleep(1)
    assert not any(isinstance(event, SpeechEnded) for event in stage.events)
    microphone.close()
    await asyncio.sleep(10)
    assert stage.error_codes == []


async def test_frames_of_one_sample_are_kept_whole() -> None:
    speaker = Speaker()
    for number in range(3_200):
        speaker.now += 1 / 16_000
        speaker.microphone.feed(Media(MediaKind.PCM16, 1, 0, number, number.to_bytes(2, "little")))
    assert speaker.record(3_200).samples.tolist() == list(range(3_200))
    assert speaker.microphone.arrived_at(160) == pytest.approx(0.01)
    assert speaker.microphone.arrived_at(3_200) == pytest.approx(0.2)


async def test_all_windows_are_judged_before_a_stream_that_stops_ends_its_turn() -> None:
    speaker = Speaker(vad=LateVad(), mode="ptt")
    speaker.say(600, loud=True)
    assert speaker.events == []
    speaker.microphone.stop(MicStop(stream=1, at=speaker.sample))
    assert [type(event) for event in speaker.events if isinstance(event, SpeechStarted | SpeechEnded)] == [
        SpeechStarted, SpeechEnded,
    ]  # fmt: skip


async def test_all_windows_are_judged_before_a_long_gap() -> None:
    speaker = Speaker(vad=LateVad())
    speaker.say(400, loud=True)
    with pytest.raises(FrametalkError, match="mic_sequence"):
        speaker.say(20, loud=True, at=speaker.sample + 50_000)
    assert isinstance(speaker.events[0], SpeechStarted)
    assert speaker.events[-1] == SpeechLost()


async def test_a_closed_microphone_judges_no_more() -> None:
    vad = LateVad()
    speaker = Speaker(vad=vad)
    speaker.say(600, loud=True)
    speaker.microphone.close()
    vad.settle()
    assert speaker.events == []


@pytest.mark.parametrize(
    ("error", "reported", "failures"),
    [
        (FrametalkError("hear_failed", "no recogniser", stage=FaultStage.HEAR), ["hear_failed"], 0),
        (RuntimeError("a mistake"), [], 1),
    ],
)
async def test_what_goes_wrong_with_a_window_is_the_session_s_own(
    error: Exception, reported: list[str], failures: int
) -> None:
    def fail(_event: Event) -> None:
        raise error

    speaker = Speaker()
    speaker.stage.context.events.connect(fail)
    speaker.say(96, loud=True)
    assert speaker.stage.error_codes == reported
    assert len(speaker.stage.failures) == failures


async def test_a_burst_longer_than_what_is_kept_is_judged_whole() -> None:
    speaker = Speaker(vad=LateVad(), mic_speed=0)
    speaker.say(1_000, loud=False)
    speaker.say(600, loud=True)
    speaker.say(8_000, loud=False)
    kinds = [type(event) for event in speaker.events]
    assert kinds.count(SpeechStarted) == kinds.count(SpeechEnded) == 1


async def test_one_frame_longer_than_what_is_kept_is_judged_whole() -> None:
    vad = LateVad()
    speaker = Speaker(vad=vad, mic_speed=0)
    sound = (8_000 * np.sin(np.arange(160_000) * 0.055)).astype(np.int16)
    sound[: 5 * 16_000] = 0
    judged = []
    vad.process = lambda window: judged.append(window.copy()) or 0.0  # type: ignore[method-assign]
    speaker.microphone.feed(Media(MediaKind.PCM16, 1, 0, 0, sound.tobytes()))
    vad.settle()
    assert (np.concatenate(judged) == sound[: len(judged) * 512]).all()
    assert len(judged) == 160_000 // 512


@pytest.mark.parametrize(("keeps_turns", "seconds"), [(True, 6), (False, 2.4)])
async def test_the_sound_of_a_turn_is_kept_for_a_turn_detector(
    keeps_turns: bool, seconds: float
) -> None:
    speaker = Speaker(keeps_turns=keeps_turns)
    speaker.say(6_000, loud=True)
    assert len(speaker.microphone.turn_sound()) / 16_000 == pytest.approx(seconds, abs=0.1)


async def test_the_sound_of_a_stream_that_stopped_is_still_there() -> None:
    speaker = Speaker()
    speaker.say(600, loud=True)
    speaker.microphone.stop(MicStop(stream=1, at=speaker.sample))
    assert len(speaker.microphone.turn_sound()) == speaker.sample
    assert speaker.microphone.arrived_at(speaker.sample) == pytest.approx(0.6)
