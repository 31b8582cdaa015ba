"""A link whose user has PCM16 where the other side has Opus."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from frametalk.transports.link import BadInput, Inbound, Link
from frametalk.transports.memory import memory_pair
from frametalk.transports.opus import OpusDecoder
from frametalk.transports.opus_link import OpusLink
from frametalk.transports.sent import end_of
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaFlags, MediaKind
from frametalk.wire.opus import FRAME, PRE_SKIP, RATE_HZ
from opus_sounds import a_voice, packets

START = m.MicStart(stream=1, rate_hz=RATE_HZ, codec="opus")


class Pair:
    """A server that has PCM16, and a client's bare link."""

    def __init__(self) -> None:
        server, self.client = memory_pair()
        self.server = OpusLink(server)
        self.server.begin()

    async def came(self, count: int, *, on: Link | OpusLink | None = None) -> list[Inbound]:
        return [await (on or self.server).receive() for _ in range(count)]

    def packet(self, seq: int, sample: int, payload: bytes) -> None:
        self.client.send_media(Media(MediaKind.OPUS, 1, seq, sample, payload))


def pcm(seq: int, samples: int, flags: MediaFlags = MediaFlags.NONE) -> Media:
    return Media(MediaKind.PCM16, 1, seq, 0, bytes(2 * samples), flags)


def spans(items: list[Inbound]) -> list[tuple[int, int]]:
    """(first, end) of each frame."""
    assert all(isinstance(item, Media) and item.kind is MediaKind.PCM16 for item in items)
    return [(item.sample, end_of(item)) for item in items]  # type: ignore[union-attr,arg-type]


async def test_packets_come_as_sound_at_their_places() -> None:
    pair, good = Pair(), packets(a_voice(0.1))
    pair.client.send(START)
    at = 0
    for seq, packet in enumerate(good):
        pair.packet(seq, at, packet)
        at += FRAME - (0 if at else PRE_SKIP)
    start, *sound = await pair.came(1 + len(good))
    assert start == START
    assert spans(sound) == [
        (0, 648),
        (648, 1_608),
        (1_608, 2_568),
        (2_568, 3_528),
        (3_528, 4_488),
    ]
    decoder = OpusDecoder()
    whole = b"".join(map(decoder.decode, good))[2 * PRE_SKIP :]
    assert b"".join(frame.payload for frame in sound) == whole  # type: ignore[union-attr]


async def test_a_packet_that_comes_again_is_not_decoded_again() -> None:
    pair, good = Pair(), packets(a_voice(0.1))
    pair.client.send(START)
    pair.packet(0, 0, good[0])
    pair.packet(0, 0, good[0])
    pair.packet(1, 648, good[1])
    _start, *sound = await pair.came(4)
    assert spans(sound) == [(0, 648), (0, 0), (648, 1_608)]
    decoder = OpusDecoder()
    decoder.decode(good[0])
    assert sound[2].payload == decoder.decode(good[1])  # type: ignore[union-attr]


async def test_garbage_is_one_error_a_frame_and_silence_takes_its_place() -> None:
    pair, good = Pair(), packets(a_voice(0.1))
    pair.client.send(START)
    pair.packet(0, 0, good[0])
    pair.packet(1, 648, b"\xff\xff")
    pair.packet(2, 1_608, b"\xff\xff")
    pair.packet(3, 2_568, good[1])
    came = await pair.came(7)
    errors = [item.error.code for item in came if isinstance(item, BadInput)]
    assert errors == ["media_undecodable"] * 2
    sound = [item for item in came if isinstance(item, Media)]
    assert spans(list(sound)) == [(0, 648), (648, 1_608), (1_608, 2_568), (2_568, 3_528)]
    assert [any(frame.payload) for frame in sound] == [True, False, False, True]


async def test_packets_that_are_missing_leave_a_gap() -> None:
    pair, good = Pair(), packets(a_voice(0.1))
    pair.client.send(START)
    pair.packet(0, 0, good[0])
    pair.packet(3, 2_568, good[3])
    _start, *sound = await pair.came(3)
    assert spans(sound) == [(0, 648), (2_568, 3_528)]


async def test_sound_of_another_kind_is_refused() -> None:
    pair = Pair()
    pair.client.send(START)
    pair.client.send_media(pcm(0, 960))
    _start, refused = await pair.came(2)
    assert isinstance(refused, BadInput)
    assert (refused.error.code, refused.ref) == ("mic_codec", "media")


async def test_a_stream_of_pcm16_passes_as_it_is() -> None:
    pair = Pair()
    pair.client.send(m.MicStart(stream=1, rate_hz=16_000))
    pair.client.send_media(pcm(0, 320))
    assert await pair.came(2) == [m.MicStart(stream=1, rate_hz=16_000), pcm(0, 320)]


async def test_without_the_feature_nothing_is_translated() -> None:
    server, client = memory_pair()
    link = OpusLink(server)
    client.send(START)
    client.send_media(Media(MediaKind.OPUS, 1, 0, 0, b"\xf8\xff\xfe"))
    assert await link.receive() == START
    assert await link.receive() == Media(MediaKind.OPUS, 1, 0, 0, b"\xf8\xff\xfe")


# ---- what is sent --------------------------------------------------------------------------------


async def until_last(receive: Callable[[], Awaitable[Inbound]]) -> list[Media]:
    frames: list[Media] = []
    while not frames or not frames[-1].flags & MediaFlags.LAST:
        item = await receive()
        if isinstance(item, Media):
            frames.append(item)
    return frames


@pytest.mark.parametrize("piece", [100, 441, 960, 5_000])
async def test_sound_in_pieces_of_any_length_leaves_in_packets_of_20_ms(piece: int) -> None:
    pair, sound = Pair(), a_voice(0.4)
    pair.server.send(m.ReplyBegin(reply=1, turn=1, stream=1, rate_hz=RATE_HZ, codec="opus"))
    for at in range(0, len(sound), piece):
        payload = sound[at : at + piece].tobytes()
        pair.server.send_media(Media(MediaKind.PCM16, 1, 0, at, payload))
    pair.server.send_media(pcm(9, 0, MediaFlags.LAST))
    frames = await until_last(pair.client.receive)
    assert [frame.seq for frame in frames] == list(range(len(frames)))
    ends = [end_of(frame) for frame in frames]
    assert [frame.sample for frame in frames] == [0, *ends[:-1]]
    assert [frame.payload for frame in frames[:-1]] == packets(sound)
    assert frames[-1].payload == b""


async def test_the_end_of_a_microphone_stream_is_sent_too() -> None:
    server, client = memory_pair()
    link, sound = OpusLink(client), a_voice(0.3)[:10_000]
    link.begin()
    link.send(START)
    link.send_media(Media(MediaKind.PCM16, 1, 0, 0, sound.tobytes()))
    link.send(m.MicStop(stream=1, at=10_000))
    heard = OpusLink(server)
    heard.begin()
    await heard.receive()
    frames = []
    while not isinstance(item := await heard.receive(), m.MicStop):
        assert isinstance(item, Media)
        frames.append(item)
    assert end_of(frames[-1]) >= 10_000
    decoded = np.frombuffer(b"".join(frame.payload for frame in frames), "<i2").astype(float)
    assert np.corrcoef(decoded[9_000:10_000], sound[9_000:])[0, 1] > 0.7


async def test_a_reply_that_is_cut_sends_nothing_more() -> None:
    pair = Pair()
    pair.server.send(m.ReplyBegin(reply=1, turn=1, stream=1, rate_hz=RATE_HZ, codec="opus"))
    pair.server.send_media(pcm(0, 1_000))
    assert end_of(await pair.client.receive() and await pair.client.receive()) == 648  # type: ignore[arg-type]
    pair.server.flush_media(1)
    pair.server.send(m.ReplyCut(reply=1, at=0))
    assert await pair.client.receive() == m.ReplyCut(reply=1, at=0)


async def test_another_link_goes_on_with_streams_where_they_were() -> None:
    good = packets(a_voice(0.2))
    before, after = Pair(), Pair()
    before.client.send(START)
    before.packet(0, 0, good[0])
    before.packet(1, 648, good[1])
    await before.came(3)
    before.server.send(m.ReplyBegin(reply=1, turn=1, stream=7, rate_hz=RATE_HZ, codec="opus"))
    first = Media(MediaKind.PCM16, 7, 0, 0, bytes(2 * (FRAME + 100)))
    before.server.send_media(first)
    kept = before.server.kept()
    assert kept is not None
    after.server.restore(kept)
    after.packet(2, 1_608, good[2])
    assert spans(await after.came(1)) == [(1_608, 2_568)]
    after.server.send_media(Media(MediaKind.PCM16, 7, 1, FRAME + 100, bytes(2 * (FRAME - 100))))
    (frame,) = await after.came(1, on=after.client)
    assert isinstance(frame, Media)
    assert (frame.stream, frame.seq, frame.sample) == (7, 1, FRAME - PRE_SKIP)


def test_without_opus_there_is_nothing_to_keep() -> None:
    assert OpusLink(memory_pair()[0]).kept() is None
