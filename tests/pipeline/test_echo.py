"""The reply's sound as it was sent, against what the microphone picks up of it."""

from __future__ import annotations

import numpy as np
import pytest
import soxr

from frametalk.core.audio import RECOGNITION_RATE_HZ as RATE_HZ
from frametalk.core.audio import Samples
from frametalk.pipeline.echo import EchoGuard
from frametalk.wire.codec import Media, MediaKind

REPLY_RATE_HZ = 22_050
FRAME = 441
WINDOW = 512


def voice(seconds: float, rate_hz: int, seed: int) -> Samples:
    """Noise with the rhythm and the spectrum of a voice."""
    dice = np.random.default_rng(seed)
    count = round(seconds * rate_hz)
    noise = np.convolve(dice.standard_normal(count), np.hanning(12), "same")
    knots = np.arange(0, count + rate_hz // 8, rate_hz // 8)
    syllables = np.interp(np.arange(count), knots, dice.random(len(knots)))
    sound = noise * syllables**2
    return (sound / np.max(np.abs(sound)) * 12_000).astype(np.int16)


def send(guard: EchoGuard, reply: Samples, stream: int = 1) -> None:
    """A reply on its way to the client, in frames of 20 ms."""
    for number, at in enumerate(range(0, len(reply), FRAME)):
        payload = reply[at : at + FRAME].tobytes()
        guard.sent(Media(MediaKind.PCM16, stream, number, at, payload))


def echoes(guard: EchoGuard, mic: Samples) -> list[bool]:
    """Each window's verdict."""
    return [
        guard.explains(at, mic[at : at + WINDOW], 0.9)
        for at in range(0, len(mic) - WINDOW + 1, WINDOW)
    ]


@pytest.mark.parametrize("delay_ms", [40, 160, 300])
def test_a_reply_that_leaks_into_the_microphone_is_echo(delay_ms: int) -> None:
    guard, reply = EchoGuard(REPLY_RATE_HZ), voice(1.5, REPLY_RATE_HZ, 1)
    send(guard, reply)
    guard.played(stream=1, sample=0, mic_at=8_000)
    heard = soxr.resample(reply, REPLY_RATE_HZ, RATE_HZ)
    mic = np.zeros(8_000 + delay_ms * 16 + len(heard), np.int16)
    mic[8_000 + delay_ms * 16 :] = heard // 3
    loud = [
        at
        for at in range(0, len(mic) - WINDOW, WINDOW)
        if np.abs(mic[at : at + WINDOW]).max() > 500
    ]
    verdicts = echoes(guard, mic)
    assert np.mean([verdicts[at // WINDOW] for at in loud[1:]]) > 0.95


def test_reports_may_be_some_milliseconds_off() -> None:
    guard, reply, verdicts = EchoGuard(REPLY_RATE_HZ), voice(2.0, REPLY_RATE_HZ, 1), []
    send(guard, reply)
    heard = soxr.resample(reply, REPLY_RATE_HZ, RATE_HZ)
    mic = np.concatenate((np.zeros(1_600, np.int16), heard // 3))
    for at in range(0, len(mic) - WINDOW + 1, WINDOW):
        if not at % (4 * WINDOW):
            off = (at // (4 * WINDOW) % 5 - 2) * 80  # up to 10 ms
            guard.played(stream=1, sample=at * REPLY_RATE_HZ // RATE_HZ, mic_at=at + off)
        window = mic[at : at + WINDOW]
        verdict = guard.explains(at, window, 0.9)
        if np.abs(window).max() > 500:
            verdicts.append(verdict)
    assert np.mean(verdicts[1:]) > 0.95


def test_a_player_who_speaks_over_the_reply_is_not_echo() -> None:
    guard = EchoGuard(REPLY_RATE_HZ)
    send(guard, voice(1.5, REPLY_RATE_HZ, 1))
    guard.played(stream=1, sample=0, mic_at=0)
    assert np.mean(echoes(guard, voice(1.5, RATE_HZ, 2))) < 0.05


def test_without_playback_nothing_is_echo() -> None:
    guard, sound = EchoGuard(REPLY_RATE_HZ), voice(1.0, RATE_HZ, 3)
    assert not any(echoes(guard, sound))
    send(guard, voice(1.0, REPLY_RATE_HZ, 3))
    guard.played(stream=2, sample=0, mic_at=0)
    assert not any(echoes(guard, sound)), "a report of another reply tells nothing"


def test_after_a_cut_nothing_is_echo() -> None:
    guard, reply = EchoGuard(REPLY_RATE_HZ), voice(1.5, REPLY_RATE_HZ, 1)
    send(guard, reply)
    guard.played(stream=1, sample=0, mic_at=0)
    guard.stopped(stream=1, mic_at=RATE_HZ // 2)
    heard = np.concatenate(
        (np.zeros(RATE_HZ * 2, np.int16), soxr.resample(reply, REPLY_RATE_HZ, RATE_HZ))
    )
    assert not any(echoes(guard, heard))


def test_the_end_of_a_reply_is_reported_after_the_next_one_was_sent() -> None:
    guard, reply = EchoGuard(REPLY_RATE_HZ), voice(1.5, REPLY_RATE_HZ, 1)
    send(guard, voice(1.0, REPLY_RATE_HZ, 2), stream=1)
    guard.played(stream=1, sample=0, mic_at=0)
    send(guard, reply, stream=2)
    guard.stopped(stream=1, mic_at=RATE_HZ // 2)
    guard.played(stream=2, sample=0, mic_at=RATE_HZ)
    heard = soxr.resample(reply, REPLY_RATE_HZ, RATE_HZ) // 3
    verdicts = echoes(guard, np.concatenate((np.zeros(RATE_HZ, np.int16), heard)))
    loud = [
        verdicts[at // WINDOW]
        for at in range(0, RATE_HZ + len(heard) - WINDOW, WINDOW)
        if np.abs(heard[max(0, at - RATE_HZ) : max(0, at - RATE_HZ + WINDOW)]).max(initial=0) > 500
    ]
    assert np.mean(loud[2:]) > 0.95
