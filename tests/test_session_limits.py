"""Limits of one session: messages, bytes, things, tools and time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from frametalk import session_intake
from frametalk.config import (
    FrametalkSettings,
    ServerSettings,
)
from frametalk.transports.link import LinkClosed
from frametalk.wire import messages as m
from player import DOOR, OPEN, playing

pytestmark = pytest.mark.looptime


async def test_messages_that_wait_already_let_others_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_intake, "LONGEST_S", 0.0)
    async with playing() as player:
        await player.enter()
        for number in range(1, 51):
            player.link.send(m.Ping(id=number, t_us=0))
        rounds = 0
        while len(player.of(m.Pong)) < 50:
            await asyncio.sleep(0)
            rounds += 1
        assert rounds >= 50


async def seconds_for(count: int, message: m.AnyMessage, **limits: Any) -> tuple[float, list[str]]:
    """How long so many of a message take, and the errors; none is lost."""
    settings = FrametalkSettings(server=ServerSettings(**limits))
    async with playing(settings=settings) as player:
        await player.hello()
        began_s = asyncio.get_running_loop().time()
        for number in range(count):
            player.link.send(message)
            player.link.send(m.Ping(id=number, t_us=0))
        await player.until(m.Pong, lambda pong: pong.id == count - 1)
        assert [pong.id for pong in player.of(m.Pong)] == list(range(count))
        return asyncio.get_running_loop().time() - began_s, player.error_codes


BULKY = m.SceneEvent(name="x", text="x" * 980)  # a kilobyte


@pytest.mark.parametrize(("limit", "seconds", "codes"), [(10, 10, ["too_many_bytes"]), (0, 0, [])])
async def test_bytes_above_the_limit_wait_and_none_is_lost(
    limit: int, seconds: float, codes: list[str]
) -> None:
    took_s, errors = await seconds_for(190, BULKY, kb_per_second=limit)
    assert took_s == pytest.approx(seconds, abs=1.5)
    assert errors == codes


@pytest.mark.parametrize(
    ("limit", "seconds", "codes"), [(10, 10, ["too_many_messages"]), (0, 0, [])]
)
async def test_changes_of_the_scene_above_the_limit_wait_and_none_is_lost(
    limit: int, seconds: float, codes: list[str]
) -> None:
    took_s, errors = await seconds_for(200, m.SceneEvent(name="x"), scene_changes_per_second=limit)
    assert took_s == pytest.approx(seconds, abs=0.5)
    assert errors == codes


@pytest.mark.parametrize(("limit", "codes"), [(3, ["scene_limit"]), (0, [])])
async def test_a_scene_has_at_most_so_many_things(limit: int, codes: list[str]) -> None:
    settings = FrametalkSettings(server=ServerSettings(max_entities=limit))
    async with playing(settings=settings) as player:
        welcome = await player.hello()
        things = tuple(replace(DOOR, id=f"e{number}") for number in range(600))
        player.link.send(m.SceneSnapshot(rev=1, entities=things))
        player.link.send(m.Ping(id=1, t_us=0))
        await player.until(m.Pong)
        assert player.error_codes == codes
        assert welcome.limits.entities == (limit or 1_000_000)


@pytest.mark.parametrize(("limit", "codes"), [(3, ["tool_schema"]), (0, [])])
async def test_a_session_has_at_most_so_many_tools(limit: int, codes: list[str]) -> None:
    settings = FrametalkSettings(server=ServerSettings(max_tools=limit))
    async with playing(settings=settings) as player:
        welcome = await player.hello(tools=tuple(replace(OPEN, name=f"t{n}") for n in range(100)))
        player.link.send(m.Ping(id=1, t_us=0))
        await player.until(m.Pong)
        assert sorted(set(player.error_codes)) == codes
        assert welcome.limits.tools == (limit or 1_000_000)


@pytest.mark.parametrize(("limit_ms", "codes"), [(500, ["hello_missing"]), (0, [])])
async def test_a_client_has_so_long_for_its_hello(limit_ms: float, codes: list[str]) -> None:
    settings = FrametalkSettings(server=ServerSettings(hello_timeout_ms=limit_ms))
    async with playing(settings=settings) as player:
        await asyncio.sleep(86_400)
        player.link.send(m.Hello(protocol=1))
        await player.until(LinkClosed if codes else m.Welcome)
        assert player.error_codes == codes


async def test_a_session_ends_after_the_longest_time() -> None:
    settings = FrametalkSettings(server=ServerSettings(max_session_minutes=30, idle_minutes=0))
    async with playing(settings=settings) as player:
        await player.hello()
        began_s = asyncio.get_running_loop().time()
        closed = await player.until(LinkClosed, within_s=100_000)
        assert asyncio.get_running_loop().time() - began_s == pytest.approx(1_800, abs=1)
        assert (player.error_codes, closed.code) == (["session_limit"], 1008)


async def test_a_session_in_which_nothing_happens_ends() -> None:
    settings = FrametalkSettings(server=ServerSettings(idle_minutes=10))
    async with playing(settings=settings) as player:
        await player.hello()
        clock = asyncio.get_running_loop()
        for _ in range(30):
            await asyncio.sleep(60)
            player.link.send(m.SceneEvent(name="rain"))
        began_s = clock.time()
        for number in range(9):
            await asyncio.sleep(60)
            player.link.send(m.Ping(id=number, t_us=0))
        closed = await player.until(LinkClosed, within_s=1_000)
        assert clock.time() - began_s == pytest.approx(600, abs=1)
        assert (player.error_codes, closed.code) == (["session_idle"], 1008)


async def test_no_limit_of_time_lets_a_session_last() -> None:
    settings = FrametalkSettings(server=ServerSettings(idle_minutes=0, max_session_minutes=0))
    async with playing(settings=settings) as player:
        await player.hello()
        await asyncio.sleep(3 * 86_400)
        player.link.send(m.Ping(id=1, t_us=0))
        await player.until(m.Pong)
        assert player.error_codes == []


@pytest.mark.parametrize(
    ("limit", "seconds", "codes"), [(10, 10, ["too_many_messages"]), (0, 0, [])]
)
async def test_messages_above_the_limit_wait_and_none_is_lost(
    limit: int, seconds: float, codes: list[str]
) -> None:
    settings = FrametalkSettings(server=ServerSettings(messages_per_second=limit))
    async with playing(settings=settings) as player:
        await player.hello()
        began_s = asyncio.get_running_loop().time()
        for number in range(200):
            player.link.send(m.Ping(id=number, t_us=0))
        await player.until(m.Pong, lambda pong: pong.id == 199)
        assert asyncio.get_running_loop().time() - began_s == pytest.approx(seconds, abs=0.5)
        assert [pong.id for pong in player.of(m.Pong)] == list(range(200))
        assert player.error_codes == codes
