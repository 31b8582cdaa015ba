"""Players who do anything, whose connections break and whose games stand still: the same promises."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frametalk.transports.link import LinkClosed
from frametalk.transports.memory import MemoryLink
from frametalk.wire import messages as m
from home import Home, at_home, break_link
from player import OPEN, Player, engines
from test_session_fuzz import (
    LOOK,
    MS_PER_CHAR,
    OPERATIONS,
    RECORDED,
    SEES_ALL,
    TEXTS,
    Anybody,
    Busy,
    check,
    on_virtual_time,
)

EXAMPLES, ALL_EXAMPLES = 40, 1_000
BREAKS = st.one_of(
    st.tuples(st.just("break"), st.integers(0, 20_000)),
    st.tuples(st.just("take_over"), st.integers(0, 1)),
    st.tuples(st.just("pause"), st.integers(0, 20_000)),
)


class Wanderer(Anybody):
    """Anybody, whose connection breaks for some milliseconds, or is taken over by another one."""

    def __init__(self, home: Home, player: Player) -> None:
        super().__init__(player)
        self._home = home
        self.breaks = 0

    async def _break(self, ms: int) -> None:
        break_link(self.player.link)
        await asyncio.sleep(ms / 1000)
        await self._resume()

    async def _take_over(self, _amount: int) -> None:
        """The client alone notices that its connection is gone."""
        link = self.player.link
        assert isinstance(link, MemoryLink)
        link._end = LinkClosed(1006)
        link._into.changed.set()
        await self._resume()

    async def _pause(self, ms: int) -> None:
        self.player.link.send(m.Pause(for_ms=20_000))
        await asyncio.sleep(ms / 1000)
        self.player.link.send(m.Pause(paused=False))
        await asyncio.sleep(0)

    async def _resume(self) -> None:
        self.breaks += 1
        before = self.player
        reply = max(before.heard, default=0)
        again = await self._home.resume(
            before, received=max(numbers_of(before)), reply=reply, played=self.played.get(reply, 0)
        )
        assert again.of(m.Welcome)[0].resumed
        again.seen[:0] = before.seen
        again.session = before.session
        self.player = again


def numbers_of(player: Player) -> list[int]:
    """The `seq` of each numbered message that came."""
    found = [item.seq for item in player.seen if isinstance(item, m.ServerMessage | m.Error)]
    return [seq for seq in found if seq]


async def converse(
    operations: list[tuple[str, int]], finalize_ms: float, first_token_ms: float
) -> int:
    """Do everything, let the deadlines pass, look at what is left; the number of breaks."""
    with_engines = engines(
        Busy(first_token_ms=first_token_ms), list(TEXTS), finalize_ms, ms_per_char=MS_PER_CHAR
    )
    async with at_home(with_engines) as home:
        player = home.connect()
        features = ("floor", "resume", "turn_hint")
        await player.enter(SEES_ALL, tools=(OPEN, LOOK), features=features)
        wanderer = Wanderer(home, player)
        for name, amount in operations:
            await wanderer.do(name, amount)
        await wanderer.do("floor", 4)
        await wanderer.do("microphone", 1)
        for _ in range(3):
            await wanderer.do("play", 3_000)
        await asyncio.sleep(7)
        check(wanderer.player, wanderer)
        numbers = numbers_of(wanderer.player)
        assert numbers == list(range(1, len(numbers) + 1)), "each message came once, in order"
    return wanderer.breaks


def test_every_conversation_keeps_the_promises(pytestconfig: pytest.Config) -> None:
    breaks = 0
    examples = ALL_EXAMPLES if pytestconfig.getoption("whole_fuzz") else EXAMPLES

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(
        st.lists(st.one_of(OPERATIONS, BREAKS), min_size=10, max_size=40),
        st.sampled_from([0.0, 60.0, 400.0]),
        st.sampled_from([0.0, 100.0, 900.0]),
    )
    def converses(operations: list[tuple[str, int]], finalize_ms: float, token_ms: float) -> None:
        nonlocal breaks
        breaks += on_virtual_time(converse(operations, finalize_ms, token_ms))

    converses()
    assert breaks >= examples


@pytest.mark.parametrize(
    "away", [("break", 0), ("break", 10_000), ("take_over", 0), ("pause", 10_000)]
)
def test_a_break_at_every_moment_of_a_turn(away: tuple[str, int]) -> None:
    for index in range(0, len(RECORDED), 3):
        operations = [*RECORDED[:index], away, *RECORDED[index:]]
        on_virtual_time(converse(operations, finalize_ms=60, first_token_ms=100))
