"""The loudspeaker's sound in the microphone: its time, its level, and only what was played."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.headless.echo_path import Echo, EchoPath, SpeakerTap
from frametalk.headless.reply import Reply
from frametalk.headless.volume import DUCK_GAIN
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind
from headless_server import playing

MIC_HZ = RECOGNITION_RATE_HZ
RATE_HZ = 22_050


def a_reply(seconds: float, *, id_: int = 1, began_s: float = 0.0) -> Reply:
    """A tone of 441 Hz that begins to play at `began_s`."""
    reply = Reply(m.ReplyBegin(reply=id_, turn=1, stream=1, rate_hz=RATE_HZ), began_s)
    count = round(seconds * RATE_HZ)
    pcm = 8_000 * np.sin(2 * np.pi * 441 * np.arange(count) / RATE_HZ)
    reply.take_media(Media(MediaKind.PCM16, 1, 0, 0, pcm.astype("<i2").tobytes()), began_s)
    reply.take_end(m.ReplyEnd(reply=id_, samples=count), began_s)
    return reply


def tone(count: int, first: int = 0) -> np.ndarray:
    return 8_000 * np.sin(2 * np.pi * 441 * (first + np.arange(count)) / MIC_HZ)


def tap_of(*replies: Reply) -> SpeakerTap:
    return SpeakerTap({r.id: r for r in replies}, lambda sample: sample / MIC_HZ, MIC_HZ)


def same(heard: np.ndarray, expected: np.ndarray) -> bool:
    """Whether both are the same sound, apart from resampling at the edges."""
    return bool(np.sqrt(np.mean(np.square(heard - expected))) < 60)


def test_sound_is_tapped_at_the_time_at_which_it_left() -> None:
    tap = tap_of(a_reply(1.0, began_s=0.5))
    assert not tap.between(0, 8_000).any()
    assert same(tap.between(8_000, 8_320), tone(320))
    assert same(tap.between(8_320, 8_640), tone(320, 320))
    assert same(tap.between(7_900, 8_100)[100:], tone(100))
    assert not tap.between(24_020, 24_340).any()


def test_a_paused_reply_is_silent_and_resumes_where_it_stopped() -> None:
    reply = a_reply(1.0)
    reply.playback.pause(0.25)
    reply.playback.resume(0.5)
    tap = tap_of(reply)
    assert same(tap.between(3_200, 4_000), tone(800, 3_200))
    assert not tap.between(4_000 + 160, 8_000).any()
    # A ramp of 5 ms follows the pause.
    assert same(tap.between(8_080, 9_000), tone(920, 4_080))


def test_a_lowered_reply_is_tapped_lowered_and_a_cut_reply_is_silent() -> None:
    reply = a_reply(1.0)
    reply.playback.lower(0.25, "local")
    reply.playback.cut(0.5)
    tap = tap_of(reply)
    assert same(tap.between(4_080, 8_000), tone(3_920, 4_080) * DUCK_GAIN)
    assert not tap.between(8_160, 9_000).any()


def test_replies_that_overlap_are_mixed() -> None:
    one, two = a_reply(1.0), a_reply(1.0, id_=2, began_s=0.3)
    one.playback.cut(0.3)
    assert same(tap_of(one, two).between(4_960, 6_000), tone(1_040, 160))
    assert same(tap_of(one, two).between(4_000, 4_800), tone(800, 4_000))


def test_an_echo_is_later_and_softer() -> None:
    echo = Echo(EchoPath(delay_ms=100, level_db=-20), tap_of(a_reply(1.0)), MIC_HZ)
    assert not echo.between(0, 1_600).any()
    assert same(echo.between(1_600, 3_200), tone(1_600) / 10)


@pytest.mark.looptime
async def test_a_player_with_a_loudspeaker_sends_its_echo() -> None:
    async with playing(echo="duck", echo_path=EchoPath(delay_ms=100, level_db=-20)) as (
        player,
        server,
    ):
        await asyncio.sleep(0.5)
        server.say("Good day to you, traveller.", frames=50)
        await server.until_done()
        await asyncio.sleep(0.5)
    assert server.of(m.Hello)[0].echo == "duck"
    recorded = np.concatenate([np.frombuffer(f.payload, "<i2") for _, f in server.mic])
    left_s = player.replies[1].playback.audible_s
    assert left_s is not None
    begins = (left_s - player.mic.started_s + 0.1) * MIC_HZ
    loud = np.flatnonzero(np.abs(recorded) > 50)
    assert loud[0] == pytest.approx(begins, abs=4)
    assert loud[-1] - loud[0] == pytest.approx(MIC_HZ, abs=20)
    assert np.max(np.abs(recorded)) == pytest.approx(800, rel=0.05)
    assert player.replies[1].playback.changes == [], "its own echo does not lower a reply"
