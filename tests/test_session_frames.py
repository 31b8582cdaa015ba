"""Microphone frames of 40 ms: the same turns are heard at the same samples, at most a frame later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pytest

from adapters.conformance.vads import recording
from frametalk.adapters.asr.fixed import FixedRecogniser, FixedStream
from frametalk.adapters.base import Bias, Hypothesis, Vad
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.adapters.vad.energy import EnergyVad
from frametalk.adapters.vad.silero import SileroVad
from frametalk.config import FrametalkSettings, ServerSettings
from frametalk.core.audio import Samples
from frametalk.wire import messages as m
from player import engines, playing

pytestmark = pytest.mark.looptime

FrameMs = Literal[20, 40]
REPLY = "Very well, friend. The door is open, and it was never locked."


class Recogniser(FixedRecogniser):
    """Keeps the sound of its streams."""

    def __init__(self) -> None:
        super().__init__(["open the door", "who are you"])
        self.sounds: list[bytearray] = []

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> FixedStream:
        stream, sound = super().open(bias, on_partial), bytearray()
        self.sounds.append(sound)
        feed = stream.feed

        def keep(pcm: bytes) -> None:
            sound.extend(pcm)
            feed(pcm)

        stream.feed = keep  # type: ignore[method-assign]
        return stream


@dataclass
class Heard:
    """What became of the sound."""

    states: list[tuple[str, int]]
    texts: list[str]
    sounds: list[bytes]
    traces: list[m.Trace]


async def heard(frame_ms: FrameMs, vad: Vad, *sounds: Samples) -> Heard:
    """What a session hears of a player who says these, and is answered after each."""
    await vad.start()
    recogniser = Recogniser()
    settings = FrametalkSettings(server=ServerSettings(mic_frame_ms=frame_ms))
    chosen = replace(engines(FixedMind(REPLY)), asr=recogniser, vad=vad)
    async with playing(chosen, settings) as player:
        player.mic_frame_ms = int((await player.hello()).limits.mic_frame_ms)
        assert player.mic_frame_ms == frame_ms
        player.link.send(m.MicStart(stream=1, rate_hz=16_000))
        for sound in sounds:
            await player.record(np.concatenate((np.zeros(8_000, np.int16), sound)))
            await player.sound(6_000, loud=False)
        assert player.error_codes == []
        assert player.session is not None
        talk = player.session.conversation
        assert talk is not None
    await vad.close()
    return Heard(
        [(shown.state, shown.turn) for shown in player.of(m.TurnStateChanged)],
        [item.text for item in player.of(m.Transcript) if item.final],
        [bytes(sound) for sound in recogniser.sounds],
        player.of(m.Trace),
    )


def beginning(one: bytes, other: bytes) -> tuple[bytes, bytes]:
    """Both as far as the shorter one goes: a stream ends with the frame that ends the turn."""
    length = min(len(one), len(other))
    return one[:length], other[:length]


def tone(ms: int) -> Samples:
    return (8_000 * np.sin(np.arange(16 * ms) * 0.3)).astype(np.int16)


def check_same(short: Heard, long: Heard, turns: int) -> None:
    assert long.texts == short.texts
    assert len(short.texts) == turns
    assert long.states == short.states
    for one, other in zip(short.sounds, long.sounds, strict=True):
        first, second = beginning(one, other)
        assert first == second, "the recogniser gets the same sound"
    for one, other in zip(short.traces, long.traces, strict=True):
        assert one.mouth_to_ear_ms is not None
        assert other.mouth_to_ear_ms is not None
        assert abs(other.mouth_to_ear_ms - one.mouth_to_ear_ms) <= 40
        assert sum(part.ms for part in other.stages) == pytest.approx(other.mouth_to_ear_ms, abs=1)


async def test_turns_are_heard_the_same_with_frames_of_40_ms() -> None:
    said = (tone(400), tone(530))
    check_same(await heard(20, EnergyVad(), *said), await heard(40, EnergyVad(), *said), 2)


async def test_recorded_speech_is_heard_the_same_with_frames_of_40_ms() -> None:
    said = [recording(EnergyVad(), name) for name in ("open_red_door", "about_king")]
    check_same(await heard(20, SileroVad(), *said), await heard(40, SileroVad(), *said), 2)
