"""Media over a peer connection: it moves there, it fails, and nothing is lost. In real time."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from frametalk.headless.upgraded import PeerOptions
from frametalk.netlab.cuts import Cut
from frametalk.transports.opus import OpusDecoder
from frametalk.transports.webrtc.receive_buffer import install
from frametalk.wire import messages as m
from peers import LOOPBACK, Visit, until, visit

pytestmark = pytest.mark.real

CHANNEL = PeerOptions(via="channel", addresses=LOOPBACK)
FRAMES_UNTIL_BACK = 25  # of 20 ms; 15, which are 300 ms, where the machine has nothing else to do


async def moved(guest: Visit) -> None:
    """The microphone is on the peer connection, and the server hears it there."""
    await until(lambda: guest.link.moved and guest.upgrade.routes.via)


async def frames(guest: Visit, count: int) -> None:
    """So many more frames are sent."""
    target = len(guest.sent) + count
    await until(lambda: len(guest.sent) >= target)


async def spoken(guest: Visit) -> None:
    """The player asks, and hears the whole answer."""
    known = len(guest.player.replies)
    guest.player.say_typed("open the door")
    await until(lambda: len(guest.player.replies) > known)
    reply = list(guest.player.replies.values())[-1]
    await until(lambda: reply.done)


def heard_whole(guest: Visit) -> bool:
    """Whether each reply was heard sample by sample as it was made."""
    made = [bytes(sound) for sound in guest.house.session.sound.values()]
    return made == [
        reply.playback.pcm.read(0, 10**9).tobytes() for reply in guest.player.replies.values()
    ]


# ---- the microphone ------------------------------------------------------------------------------


@pytest.mark.parametrize("twice", [False, True])
async def test_the_microphone_moves_to_the_channel_and_loses_no_sample(twice: bool) -> None:
    options = PeerOptions(via="channel", twice=twice, addresses=LOOPBACK)
    async with visit(options) as guest:
        await moved(guest)
        await frames(guest, 25)
        assert guest.upgrade.routes.lost == 0
        await guest.all_heard()
        assert guest.house.session.errors == []


@pytest.mark.parametrize(("up", "down"), [(True, True), (True, False), (False, True)])
async def test_when_it_dies_the_websocket_takes_over_and_no_sample_is_lost(
    up: bool, down: bool
) -> None:
    async with visit(CHANNEL) as guest:
        await moved(guest)
        await frames(guest, 10)
        guest.cut(up=up, down=down)
        sent = len(guest.sent)
        await until(lambda: not guest.link.moved)
        assert len(guest.sent) - sent <= FRAMES_UNTIL_BACK
        await frames(guest, 10)
        assert guest.upgrade.routes.via is None
        await guest.all_heard()
        assert guest.house.session.errors == []


async def test_when_the_network_is_back_the_microphone_moves_again() -> None:
    async with visit(CHANNEL) as guest:
        await moved(guest)
        guest.cut()
        await until(lambda: not guest.link.moved)
        guest.mend()
        await moved(guest)
        await frames(guest, 10)
        assert guest.link.moves == 3
        await guest.all_heard()


async def test_the_peer_connection_survives_the_websocket() -> None:
    async with visit(CHANNEL) as guest:
        await moved(guest)
        guest.relay.cuts = Cut
        for task in list(guest.relay._carrying):
            task.cancel()
        await until(lambda: len(guest.house.sessions) == 2 and not guest.house.session.waits)
        await moved(guest)
        await frames(guest, 10)
        await guest.all_heard()


async def test_push_to_talk_sends_its_end_before_it_stops() -> None:
    async with visit(CHANNEL) as guest:
        await moved(guest)
        guest.cut(up=True, down=False)  # the newest frames are under way, and never arrive
        await frames(guest, 3)
        await guest.all_heard()


async def test_an_opus_track_is_heard_in_its_place() -> None:
    async with visit(PeerOptions(via="track", addresses=LOOPBACK)) as guest:
        await moved(guest)
        guest.loud = True
        await frames(guest, 60)
        heard, captured = guest.heard(), guest.captured()
        assert 0 <= len(captured) - len(heard) < 3_200
        tail = slice(len(heard) - 8_000, len(heard))
        assert np.corrcoef(heard[tail], captured[tail])[0, 1] > 0.6  # noise, at 32 kbit/s
        assert guest.house.session.errors == []


async def test_a_track_that_dies_goes_on_over_the_websocket() -> None:
    async with visit(PeerOptions(via="track", addresses=LOOPBACK)) as guest:
        await moved(guest)
        await frames(guest, 10)
        guest.cut()
        await until(lambda: not guest.link.moved)
        await frames(guest, 10)
        end = len(guest.heard())
        assert np.array_equal(guest.heard()[end - 3_200 : end], guest.captured()[end - 3_200 : end])


@pytest.mark.parametrize("via", ["channel", "track"])
async def test_packets_of_opus_go_over_the_peer_connection_as_they_are(via: m.MicRoute) -> None:
    async with visit(PeerOptions(via=via, addresses=LOOPBACK), codec="opus") as guest:
        await moved(guest)
        guest.loud = True
        await frames(guest, 60)
        guest.cut()
        await until(lambda: not guest.link.moved)
        await frames(guest, 30)
        guest.player._link.send(guest.player.mic.stop())
        whole = len(guest.captured()) // 3
        await until(lambda: len(guest.heard()) > whole - 1_600)
        captured, heard = guest.captured()[::3].astype(float), guest.heard().astype(float)
        for at in range(16_000, whole - 9_600, 4_800):  # loudness at its place, throughout
            assert (captured[at : at + 4_800].std() > 1_000) == (heard[at : at + 4_800].std() > 300)
        assert guest.house.session.errors == []


# ---- replies -------------------------------------------------------------------------------------

SPEECH = PeerOptions(via="channel", speech="channel", addresses=LOOPBACK)


async def test_replies_on_the_channel_are_heard_whole() -> None:
    async with visit(SPEECH) as guest:
        await until(lambda: guest.upgrade.speech._moved)
        await spoken(guest)
        await spoken(guest)
        assert guest.link.order.lost == 0
        assert heard_whole(guest)
        assert not guest.player.violations


@pytest.mark.parametrize(("up", "down"), [(True, True), (True, False), (False, True)])
async def test_a_reply_whose_channel_dies_goes_on_over_the_websocket(up: bool, down: bool) -> None:
    async with visit(SPEECH) as guest:
        await until(lambda: guest.upgrade.speech._moved)
        asking = asyncio.get_running_loop().create_task(spoken(guest))
        await until(lambda: any(r.playback.played > 0 for r in guest.player.replies.values()))
        guest.cut(up=up, down=down)
        await asking
        assert heard_whole(guest)
        await guest.all_heard()


async def test_without_the_feature_nothing_moves() -> None:
    from frametalk.config import FrametalkSettings, WebRtcSettings

    settings = FrametalkSettings(webrtc=WebRtcSettings(enabled=False))
    async with visit(CHANNEL, settings) as guest:
        await frames(guest, 10)
        assert guest.link.peer is None
        assert guest.house.session.state.welcome.features == ("resume",)
        await guest.all_heard()


async def test_replies_as_a_track_come_as_packets_and_the_beats_say_how_far() -> None:
    options = PeerOptions(via="track", speech="track", addresses=LOOPBACK)
    async with visit(options) as guest:
        await until(lambda: guest.upgrade.speech._moved)
        packets: list[bytes] = []
        peer = guest.link.peer
        assert peer is not None
        [receiver] = peer._pc.getReceivers()
        install(receiver, lambda _number, _time, payload: packets.append(payload))
        guest.player.say_typed("open the door")
        await until(lambda: len(packets) >= 15)  # the lead's 400 ms, without any report of playing
        decoder = OpusDecoder()
        loud = [max(np.frombuffer(decoder.decode(packet), "<i2")) > 1_000 for packet in packets]
        assert sum(loud) >= 10
        assert guest.upgrade.speech.position[0] == 1
        assert 0 < guest.upgrade.speech.position[1] <= 8_820
        guest.player.interrupt()
        await until(lambda: guest.player.replies[1].done)
