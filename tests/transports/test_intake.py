from __future__ import annotations

import asyncio
from typing import Any

import pytest

from frametalk.transports import intake
from frametalk.transports.intake import (
    BURST_S,
    OWN_SHARE,
    PIECE_BYTES,
    SHARE,
    ClientPace,
    Intake,
    Pace,
)

# ---- the pace ------------------------------------------------------------------------------------


def test_a_client_that_stays_within_its_share_never_waits() -> None:
    pace = Pace()
    waits = [pace.wait_s(0.02 * SHARE, 0.02 * frame) for frame in range(5_000)]
    assert not any(waits)


def test_a_burst_is_free_and_what_exceeds_it_is_waited_for() -> None:
    pace = Pace()
    assert pace.wait_s(BURST_S, 10.0) == 0
    assert pace.wait_s(0.1, 10.0) == pytest.approx(0.1 / SHARE)


def test_waiting_pays_off_what_was_used() -> None:
    pace = Pace()
    wait_s = pace.wait_s(BURST_S + 0.1, 10.0)
    assert pace.wait_s(0, 10.0 + wait_s) == pytest.approx(0)
    assert pace.wait_s(0.01, 10.0 + wait_s + 0.1) == 0


def test_credit_does_not_grow_beyond_a_burst() -> None:
    pace = Pace()
    pace.wait_s(0, 0)
    assert pace.wait_s(2 * BURST_S, 1_000_000) > 0


def test_what_fits_is_known_before_it_is_spent() -> None:
    pace = Pace()
    assert pace.fits(BURST_S, 10.0)
    assert not pace.fits(BURST_S + 0.1, 10.0)
    pace.wait_s(BURST_S, 10.0)
    assert not pace.fits(0.1, 10.0)
    assert pace.fits(0.1 * SHARE, 10.2)


def busy_seconds(clients: list[ClientPace], seconds: float) -> float:
    """Processor time that clients get which use it whenever they may, a millisecond at a time."""
    used_s, due_s = 0.0, [0.0] * len(clients)
    for tick in range(round(seconds * 1_000)):
        for number, client in enumerate(clients):
            if due_s[number] <= tick / 1_000:
                due_s[number] = tick / 1_000 + client.wait_s(0.001, tick / 1_000)
                used_s += 0.001
    return used_s


@pytest.mark.parametrize("count", [1, 4, 20])
def test_all_busy_clients_together_share_what_is_beyond_their_own(count: int) -> None:
    crowd = Pace()
    used_s = busy_seconds([ClientPace(crowd) for _ in range(count)], 100)
    at_once_s = (count + 1) * BURST_S
    assert used_s - at_once_s == pytest.approx(100 * (SHARE + count * OWN_SHARE), rel=0.1)


def test_a_client_within_its_own_share_does_not_wait_for_busy_ones() -> None:
    crowd = Pace()
    player = ClientPace(crowd)
    busy_seconds([ClientPace(crowd) for _ in range(4)], 10)
    assert crowd.wait_s(0, 10) >= 0
    waits = [player.wait_s(0.02 * OWN_SHARE, 10 + 0.02 * frame) for frame in range(1_000)]
    assert not any(waits)


# ---- the pieces ----------------------------------------------------------------------------------


class FakeTransport:
    """Records whether it reads."""

    def __init__(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Parsed:
    """An intake, its transport, and the pieces that it has parsed."""

    def __init__(self, pace: Pace | None = None) -> None:
        self.pieces: list[bytes] = []
        self.transport: Any = FakeTransport()
        self.intake = Intake(self.transport, self.pieces.append, pace or Pace(share=1e9))

    @property
    def whole(self) -> bytes:
        return b"".join(self.pieces)


LONG = bytes(index % 251 for index in range(10 * PIECE_BYTES + 7))


async def turns(count: int) -> None:
    """Let the event loop turn `count` times."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_short_read_is_parsed_at_once() -> None:
    one = Parsed()
    one.intake.put(b"hello")
    assert one.pieces == [b"hello"]
    assert one.transport.reading


async def test_a_long_read_is_parsed_in_pieces_and_others_come_between() -> None:
    one = Parsed()
    one.intake.put(LONG)
    assert [len(piece) for piece in one.pieces] == [PIECE_BYTES]
    assert not one.transport.reading
    await turns(3)
    assert 1 < len(one.pieces) < 6
    await turns(20)
    assert one.whole == LONG
    assert one.transport.reading


async def test_what_comes_meanwhile_is_parsed_after_it() -> None:
    one = Parsed()
    one.intake.put(LONG)
    one.intake.put(b"end")
    await turns(30)
    assert one.whole == LONG + b"end"


async def test_nothing_is_parsed_or_read_while_the_consumer_is_full() -> None:
    one = Parsed()
    one.intake.put(LONG)
    one.intake.pause()
    await turns(30)
    assert one.whole == LONG[:PIECE_BYTES]
    assert not one.transport.reading
    one.intake.resume()
    await turns(30)
    assert one.whole == LONG
    assert one.transport.reading


async def test_a_consumer_that_is_full_at_once_stops_the_reading() -> None:
    one = Parsed()
    one.intake.pause()
    one.intake.put(b"hello")
    assert one.pieces == []
    assert not one.transport.reading
    one.intake.resume()
    await turns(3)
    assert one.pieces == [b"hello"]
    assert one.transport.reading


async def test_nothing_is_parsed_after_the_end() -> None:
    one = Parsed()
    one.intake.put(LONG)
    one.intake.close()
    await turns(30)
    assert one.whole == LONG[:PIECE_BYTES]


@pytest.mark.looptime
async def test_a_client_beyond_its_share_is_read_more_slowly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spent = iter(range(1_000))
    monkeypatch.setattr(intake.time, "thread_time", lambda: next(spent) * 0.1)
    one = Parsed(Pace(share=0.5, burst_s=0.1))  # each piece takes 0.1 s of the processor
    one.intake.put(LONG)
    await asyncio.sleep(0.05)
    assert len(one.pieces) == 2
    await asyncio.sleep(1.0)
    assert len(one.pieces) in {6, 7}
    assert not one.transport.reading
    await asyncio.sleep(10)
    assert one.whole == LONG
    assert one.transport.reading
