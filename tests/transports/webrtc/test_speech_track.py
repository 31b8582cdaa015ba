"""Replies as a track: in real time, by packets, and nothing in between. On virtual time."""

from __future__ import annotations

import asyncio

import pytest
from aiortc.mediastreams import MediaStreamError

from frametalk.transports.opus import OpusDecoder, OpusEncoder
from frametalk.transports.webrtc.speech_track import SpeechTrack
from frametalk.wire.codec import Media, MediaKind
from opus_sounds import a_voice

pytestmark = pytest.mark.looptime

RATE_HZ = 22_050
FRAME = RATE_HZ // 50


def frame(number: int, stream: int = 1) -> Media:
    sound = a_voice(0.02)[:FRAME].tobytes()
    return Media(MediaKind.PCM16, stream, number, number * FRAME, sound)


async def test_a_reply_leaves_in_real_time_and_the_clock_of_packets_counts_samples() -> None:
    track, loop, decoder = SpeechTrack(), asyncio.get_running_loop(), OpusDecoder()
    for number in range(20):
        track.put(frame(number), RATE_HZ)
    times, places = [], []
    for _ in range(15):
        packet = await track.recv()
        assert len(decoder.decode(bytes(packet))) == 2 * 960
        times.append(loop.time())
        places.append(packet.pts)
    assert times[-1] - times[0] == pytest.approx(14 * 0.02, abs=0.005)
    assert places == [places[0] + 960 * number for number in range(15)]
    assert track.sent is not None
    assert track.sent[0] == 1


async def leaves(track: SpeechTrack) -> bool:
    """Whether a packet leaves within a second."""
    try:
        await asyncio.wait_for(track.recv(), 1)
    except TimeoutError:
        return False
    return True


async def test_nothing_leaves_between_replies() -> None:
    track = SpeechTrack()
    assert not await leaves(track)
    for number in range(2):
        track.put(frame(number), RATE_HZ)
    assert await leaves(track)
    assert not await leaves(track)


async def test_a_paused_reply_stands_still_and_goes_on() -> None:
    track = SpeechTrack()
    track.pause(True)
    for number in range(2):
        track.put(frame(number), RATE_HZ)
    assert not await leaves(track)
    track.pause(False)
    assert await leaves(track)


async def test_a_reply_that_was_cut_is_silent_at_once() -> None:
    track = SpeechTrack()
    for number in range(10):
        track.put(frame(number), RATE_HZ)
    assert await leaves(track)
    track.flush(1)
    assert not await leaves(track)


async def test_packets_pass_as_they_are() -> None:
    track = SpeechTrack()
    packet = OpusEncoder().encode(a_voice(0.02).tobytes())
    track.put(Media(MediaKind.OPUS, 1, 0, 0, packet), 48_000)
    assert bytes(await track.recv()) == packet


async def test_an_ended_track_raises() -> None:
    track = SpeechTrack()
    waiting = asyncio.get_running_loop().create_task(track.recv())
    await asyncio.sleep(0.1)
    track.stop()
    with pytest.raises(MediaStreamError):
        await waiting
