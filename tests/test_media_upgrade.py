"""What is wrong with a client's peer connection: each with its code, and nothing else is lost."""

from __future__ import annotations

import asyncio
import random
import socket
from typing import Any

import pytest

from frametalk import media_upgrade
from frametalk.headless.upgraded import PeerOptions
from frametalk.transports.webrtc import signalling
from frametalk.transports.webrtc.client_peer import ClientPeer
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, encode, encode_media
from peers import LOOPBACK, Visit, until, visit

pytestmark = pytest.mark.real

CHANNEL = PeerOptions(via="channel", addresses=LOOPBACK)
TRACK = PeerOptions(via="track", addresses=LOOPBACK)
AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\n"
DATA = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"


def codes(guest: Visit) -> list[str]:
    """The codes of the errors that the player got."""
    return [
        entry.item.code for entry in guest.player.log.entries if isinstance(entry.item, m.Error)
    ]


async def refused(guest: Visit, code: str) -> None:
    """The player gets this error."""
    await until(lambda: code in codes(guest))


async def moved(guest: Visit) -> None:
    await until(lambda: guest.link.moved and guest.upgrade.routes.via)


async def still_works(guest: Visit) -> None:
    """The session goes on: a question is answered, and each sample was heard."""
    guest.player.say_typed("open the door")
    await until(lambda: any(reply.done for reply in guest.player.replies.values()))
    await guest.all_heard()


def send(guest: Visit, message: m.AnyMessage) -> None:
    guest.player._link.send(message)


# ---- offers --------------------------------------------------------------------------------------


BAD_OFFERS = (
    "",
    "v=0",
    "\x00\x01\x02",
    AUDIO,
    "v=0\r\n" + DATA + DATA,
    "v=0\r\n" + DATA + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
    "v=0\r\n" + DATA + AUDIO * 4,
    "v=0\r\n" + DATA + "a=x\r\n" * 700,
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" + DATA,
    "v=0\r\n" + DATA + "a=fmtp:96 " + "a=b;" * 9_000,
)


async def test_offers_that_cannot_be_used_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signalling, "OFFERS_PER_MINUTE", 2 * len(BAD_OFFERS))
    async with visit(CHANNEL) as guest:
        await moved(guest)
        for count, sdp in enumerate(BAD_OFFERS, 1):
            send(guest, m.RtcOffer(sdp=sdp))
            await until(lambda count=count: codes(guest).count("rtc_sdp") == count)
        await still_works(guest)


async def test_an_offer_of_another_codec_is_refused() -> None:
    def without_opus(sdp: str) -> str:
        return sdp.replace("opus/48000/2", "speex/16000")

    options = PeerOptions(via="track", addresses=LOOPBACK, change_offer=without_opus)
    async with visit(options) as guest:
        await refused(guest, "rtc_sdp")
        await still_works(guest)


async def test_offers_have_a_limit() -> None:
    async with visit(CHANNEL) as guest:
        await moved(guest)
        for _ in range(signalling.OFFERS_PER_MINUTE):
            send(guest, m.RtcOffer(sdp="v=0"))
        await refused(guest, "rtc_offers")
        await still_works(guest)


async def test_an_offer_of_eight_megabytes_ends_its_own_connection_only() -> None:
    async with visit(CHANNEL) as other, visit(CHANNEL, alone=False) as guest:
        await moved(guest)
        await moved(other)
        link: Any = guest.link._link._link
        link._connection.transport.write(b"\x82\xff" + (8 * 2**20).to_bytes(8, "big") + bytes(4))
        await until(lambda: guest.player.closed is not None)
        assert guest.player.closed is not None
        assert guest.player.closed.reason == "message_too_large"
        await still_works(other)


async def test_a_peer_connection_that_does_not_come_up_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(media_upgrade, "UP_S", 0.2)

    def without_candidates(sdp: str) -> str:
        return "\r\n".join(line for line in sdp.splitlines() if "candidate" not in line) + "\r\n"

    options = PeerOptions(
        addresses=LOOPBACK, change_offer=without_candidates, change_answer=without_candidates
    )
    async with visit(options) as guest:
        await refused(guest, "rtc_failed")
        assert guest.upgrade._peer is None
        await still_works(guest)


async def test_another_offer_replaces_the_peer_connection() -> None:
    async with visit(CHANNEL) as guest:
        await moved(guest)
        first, old = guest.upgrade._peer, guest.link.peer
        assert old is not None
        again: list[bytes | str] = []
        guest.link.peer = ClientPeer(again.append, again.append, track=False, addresses=LOOPBACK)
        send(guest, m.RtcOffer(sdp=await guest.link.peer.offer()))
        await until(lambda: guest.upgrade._peer not in {first, None})
        await old.close()
        await until(lambda: guest.link.peer is not None and guest.link.peer.is_open)
        await until(lambda: not guest.link.moved)
        await still_works(guest)


# ---- candidates ----------------------------------------------------------------------------------


BAD_CANDIDATES = (
    "candidate:1 1 udp 1 224.0.0.1 50000 typ host",
    "candidate:1 1 udp 1 8.8.8.8 53 typ host",
    "candidate:1 1 udp 1 255.255.255.255 50000 typ host",
    "nonsense",
    "candidate:1 1 udp 1 127.0.0.1 99999 typ host",
)


async def test_candidates_of_other_hosts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_upgrade, "REPORT_EVERY_S", 0.0)
    async with visit(CHANNEL) as guest:
        await moved(guest)
        for count, candidate in enumerate(BAD_CANDIDATES, 1):
            send(guest, m.RtcIce(candidate=candidate))
            await until(lambda count=count: codes(guest).count("rtc_candidate") == count)
        await still_works(guest)


async def test_very_many_candidates_cost_one_error_a_second_and_nothing_else() -> None:
    async with visit(CHANNEL) as guest:
        await moved(guest)
        known = guest.upgrade._peer._pc.sctp.transport.transport._connection
        socket_link: Any = guest.link._link._link  # below what keeps messages to send them again
        for port in range(3_000):
            line = f"candidate:1 1 udp 1 8.8.8.8 {2_000 + port} typ host"
            socket_link.send(m.RtcIce(candidate=line))
            if port % 100 == 0:
                await asyncio.sleep(0.02)  # as fast as the socket takes them
        await refused(guest, "rtc_candidate")
        await still_works(guest)
        assert len(known.remote_candidates) <= 33  # one is the player's own, learnt from its checks
        assert codes(guest).count("rtc_candidate") <= 5


async def test_names_are_not_looked_up() -> None:
    def hidden(sdp: str) -> str:
        return sdp.replace(" 127.0.0.1 ", " 3f2a-11.local ")

    options = PeerOptions(addresses=LOOPBACK, change_offer=hidden)
    async with visit(options) as guest:
        await moved(guest)  # by the client's own checks
        assert codes(guest) == []
        await still_works(guest)


# ---- on the data channel -------------------------------------------------------------------------


MISPLACED: tuple[tuple[bytes | str, str], ...] = (
    ("text", "rtc_channel"),
    (encode(m.Say(text="hello")), "rtc_channel"),
    (encode(m.Ping(id=1, t_us=1)), "rtc_channel"),
    (b"\x81", "message_malformed"),
    (b"", "message_malformed"),
    (b"\x01\x00", "media_truncated"),
    (b"\x07" + bytes(20), "media_kind_unknown"),
    (b"\xc1" * 500, "message_malformed"),
)


async def test_what_does_not_belong_on_the_channel_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(media_upgrade, "REPORT_EVERY_S", 0.0)
    async with visit(CHANNEL) as guest:
        await moved(guest)
        assert guest.link.peer is not None
        for count, (data, code) in enumerate(MISPLACED, 1):
            guest.link.peer._mic.send(data)
            await until(lambda count=count: len(codes(guest)) == count)
            assert codes(guest)[-1] == code
        await still_works(guest)


async def test_a_channel_of_another_name_is_refused() -> None:
    async with visit(CHANNEL) as guest:
        await moved(guest)
        assert guest.link.peer is not None
        guest.link.peer._pc.createDataChannel("chat")
        await refused(guest, "rtc_channel")
        await still_works(guest)


async def test_a_flood_ends_the_peer_connection_and_not_the_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(media_upgrade, "MESSAGES_PER_S", 60)
    async with visit(CHANNEL) as guest:
        await moved(guest)
        assert guest.link.peer is not None
        for _ in range(200):
            guest.link.peer._mic.send(encode(m.RtcBeat()))
        await refused(guest, "rtc_flood")
        await still_works(guest)


async def test_sound_that_costs_too_much_is_dropped_and_the_session_goes_on() -> None:
    async with visit(CHANNEL) as guest:
        await moved(guest)
        assert guest.link.peer is not None
        last, heard = guest.sent[-1], len(guest.heard())
        for number in range(300):  # 10 minutes of sound at once
            frame = Media(
                last.kind, last.stream, last.seq, last.sample + 30_000 * number, bytes(60_000)
            )
            guest.link.peer._mic.send(encode_media(frame))
        guest.player.say_typed("open the door")
        await until(lambda: any(reply.done for reply in guest.player.replies.values()))
        assert len(guest.heard()) - heard < 300 * 30_000 / 2


async def test_sample_clocks_that_jump_are_reported_and_the_session_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(media_upgrade, "REPORT_EVERY_S", 0.0)
    async with visit(CHANNEL) as guest:
        await moved(guest)
        assert guest.link.peer is not None
        for jump in (40_000, 10**9, 2**53 - 10_000):
            known, last = codes(guest).count("mic_sequence"), guest.sent[-1]
            for number in range(4):
                frame = Media(
                    last.kind, last.stream, last.seq + number, jump + 320 * number, bytes(640)
                )
                guest.link.peer._mic.send(encode_media(frame))
            await until(lambda known=known: codes(guest).count("mic_sequence") > known)
        guest.player.say_typed("open the door")
        await until(lambda: any(reply.done for reply in guest.player.replies.values()))


# ---- messages out of place -----------------------------------------------------------------------


async def test_a_microphone_cannot_move_to_what_is_not_there() -> None:
    async with visit(CHANNEL) as guest:
        await moved(guest)
        send(guest, m.RtcMic(stream=1, via="track", at=0))
        await refused(guest, "rtc_route")
        send(guest, m.RtcMic(stream=7, via="channel", at=0))
        await refused(guest, "mic_stream_unknown")
        send(guest, m.RtcBeat(mic_sample=1))
        await refused(guest, "rtc_channel")
        await still_works(guest)


# ---- the track, and strangers --------------------------------------------------------------------


async def test_packets_that_are_no_opus_are_silence_and_reported() -> None:
    async with visit(TRACK) as guest:
        await moved(guest)
        assert guest.link.peer is not None
        track = guest.link.peer.track
        assert track is not None
        encoder = track._encoder
        assert encoder is not None
        dice = random.Random(1)
        encoder.encode = lambda _samples: dice.randbytes(60)  # type: ignore[method-assign]
        await refused(guest, "rtc_opus")
        end = guest.upgrade.routes.end
        await until(lambda: guest.upgrade.routes.end > end + 8_000)  # the clock goes on
        guest.player.say_typed("open the door")
        await until(lambda: any(reply.done for reply in guest.player.replies.values()))


async def test_packets_of_strangers_are_ignored() -> None:
    async with visit(CHANNEL) as guest:
        await moved(guest)
        [protocol] = guest.upgrade._peer._pc.sctp.transport.transport._connection._protocols
        address = protocol.transport.get_extra_info("sockname")[:2]
        dice = random.Random(1)
        stun = bytes.fromhex("00010010 2112a442")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for _ in range(200):
                stranger.sendto(dice.randbytes(dice.randrange(1, 200)), address)
                stranger.sendto(stun + dice.randbytes(28), address)
                await asyncio.sleep(0)
        assert codes(guest) == []
        await still_works(guest)
