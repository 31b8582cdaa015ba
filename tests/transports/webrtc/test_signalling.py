"""Offers and candidates in turn, and too many of them. On virtual time."""

from __future__ import annotations

import asyncio

import pytest

from frametalk.errors import FrametalkError, Stage
from frametalk.tasks import Tasks
from frametalk.transports.webrtc.signalling import MAX_JOBS, OFFERS_PER_MINUTE, Signalling
from frametalk.wire import messages as m

pytestmark = pytest.mark.looptime

OFFER = m.RtcOffer(sdp="v=0")


class Server:
    """Answers in a second each; refuses the offer `bad`."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.reported: list[tuple[str, str]] = []
        self.tasks = Tasks(lambda _name, error: self.handled.append(repr(error)))
        self.signalling = Signalling(
            self._answer,
            self._add,
            lambda error, ref: self.reported.append((error.code, ref)),
            self.tasks,
            asyncio.get_running_loop().time,
        )

    async def _answer(self, offer: m.RtcOffer) -> None:
        await asyncio.sleep(1)
        if offer.sdp == "bad":
            raise FrametalkError("rtc_sdp", "", stage=Stage.LINK)
        self.handled.append("offer")

    async def _add(self, candidate: m.RtcIce) -> None:
        self.handled.append(candidate.candidate)


async def test_candidates_wait_for_the_offer_before_them() -> None:
    server = Server()
    for message in (OFFER, m.RtcIce(candidate="a"), OFFER, m.RtcIce(candidate="b")):
        server.signalling.take(message)
    await asyncio.sleep(3)
    assert server.handled == ["offer", "a", "offer", "b"]
    assert len(server.tasks) == 0


async def test_what_is_wrong_is_reported_and_the_next_is_handled() -> None:
    server = Server()
    server.signalling.take(m.RtcOffer(sdp="bad"))
    server.signalling.take(OFFER)
    await asyncio.sleep(3)
    assert (server.reported, server.handled) == ([("rtc_sdp", "rtc.offer")], ["offer"])


async def test_offers_of_a_minute_and_waiting_candidates_are_bounded() -> None:
    server = Server()
    for _ in range(OFFERS_PER_MINUTE):
        server.signalling.take(OFFER)
    with pytest.raises(FrametalkError) as refused:
        server.signalling.take(OFFER)
    assert refused.value.code == "rtc_offers"
    for _ in range(MAX_JOBS - len(server.signalling._jobs)):
        server.signalling.take(m.RtcIce(candidate="a"))
    with pytest.raises(FrametalkError) as refused:
        server.signalling.take(m.RtcIce(candidate="a"))
    assert refused.value.code == "rtc_candidate"
    await asyncio.sleep(61)
    server.signalling.take(OFFER)
    await asyncio.sleep(2)
    assert server.handled.count("offer") == OFFERS_PER_MINUTE + 1
