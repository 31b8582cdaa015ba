"""The referee decides where the server does, and knows the deciding frame."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.adapters.vad.energy import EnergyVad
from frametalk.bench.overhead.referee import THRESHOLD_DB, Referee
from frametalk.bench.overhead.run import BARGE_IN_MS, ENDPOINT_DELAY_MS, START_MS
from frametalk.bench.sound import speech_like
from frametalk.config import FrametalkSettings, TurnSettings
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.core.events import SpeechEnded, SpeechStarted
from frametalk.pipeline.endpoints import Endpoints
from frametalk.pipeline.microphone import Microphone
from frametalk.wire.codec import Media, MediaKind
from frametalk.wire.messages import MicStart
from stages import Stage

pytestmark = pytest.mark.looptime

FRAME = 320


def a_track(seed: int) -> np.ndarray:
    """Two utterances with silence around them, cut anywhere."""
    random = np.random.default_rng(seed)
    parts = []
    for _ in range(2):
        parts.append(np.zeros(int(random.integers(10_000, 20_000)), np.int16))
        parts.append(speech_like(random, random.uniform(700, 1_100), 16_000))
    parts.append(np.zeros(16_000, np.int16))
    track = np.concatenate(parts)
    return track[: len(track) - len(track) % FRAME]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("over_a_reply", [False, True])
async def test_the_referee_decides_with_the_same_frame_as_the_server(seed, over_a_reply):
    track = a_track(seed)
    settings = TurnSettings(start_ms=START_MS, endpoint_delay_ms=ENDPOINT_DELAY_MS)
    referee = Referee(settings, BARGE_IN_MS)
    referee.reply_active = over_a_reply
    stage = Stage(FrametalkSettings(turns=settings), now=lambda: 0.0)
    events = stage.events
    endpoints = Endpoints(stage.context)
    endpoints.start_ms = BARGE_IN_MS if over_a_reply else None
    microphone = Microphone(stage.context, EnergyVad(THRESHOLD_DB), endpoints)
    microphone.start(MicStart(stream=1, rate_hz=RECOGNITION_RATE_HZ))
    decided: list[tuple[type, int, int]] = []

    for seq, at in enumerate(range(0, len(track), FRAME)):
        frame = track[at : at + FRAME]
        microphone.feed(Media(MediaKind.PCM16, 1, seq, at, frame.tobytes()))
        referee.feed(at, frame, sent_s=float(seq))
        decided += [
            (type(event), event.at, at + FRAME)
            for event in events
            if isinstance(event, SpeechStarted | SpeechEnded)
        ]
        events.clear()

    started = [(SpeechStarted, one.at, one.frame_end) for one in referee.started]
    ended = [(SpeechEnded, one.at, one.frame_end) for one in referee.ended]
    assert sorted(decided, key=lambda one: one[2]) == sorted(
        started + ended, key=lambda one: one[2]
    )
    assert len(ended) == 2
    for one in (*referee.started, *referee.ended):
        assert one.frame_end - FRAME < one.sample <= one.frame_end
        assert one.sent_s == one.frame_end / FRAME - 1
