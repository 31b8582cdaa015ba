"""Caps end a session with the character's parting line, through the wire, on virtual time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest

from frametalk.adapters.base import MindEvent, MindRequest, TextDelta, Usage
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import CapSettings, FrametalkSettings, ServerSettings
from frametalk.core.caps import Accounts
from frametalk.core.languages import lines_in
from frametalk.pipeline.conduct import PlayerTerms
from frametalk.session_state import Books
from frametalk.transports.link import LinkClosed
from frametalk.wire import messages as m
from player import Player, engines, playing

pytestmark = pytest.mark.looptime

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105  (a sample)
PARTING = lines_in("en").parting[0]


class Talker(FixedMind):
    """Says sentences, each of which costs 100 tokens and a coin."""

    def __init__(self, sentences: int = 1) -> None:
        super().__init__()
        self.sentences = sentences

    async def think(self, request: MindRequest) -> AsyncIterator[MindEvent]:  # type: ignore[override]
        for number in range(self.sentences):
            yield TextDelta(f"This is sentence number {number}. ")
            yield Usage(60, 40, 1.0)


def books(**caps: float) -> Books:
    return Books(accounts=Accounts(CapSettings(**caps).limits))


async def turns(player: Player, count: int) -> list[tuple[str, str]]:
    """What is said in so many turns, and why each reply ended."""
    found = []
    for number in range(1, count + 1):
        player.link.send(m.Say(text="Go on."))
        end = await player.until(m.ReplyEnd, lambda item, n=number: item.reply == n)
        text = " ".join(t.text for t in player.of(m.ReplyText) if t.reply == number)
        found.append((text, end.reason))
        if end.reason == "finished":
            await player.until(
                m.TurnStateChanged, lambda s, n=number: s.state == "idle" and s.turn >= n
            )
    return found


async def closed(player: Player) -> LinkClosed:
    return await player.until(LinkClosed)


@pytest.mark.parametrize(
    "caps",
    [{"session_tokens": 150}, {"session_money": 2}, {"day_tokens": 150}, {"session_speech_s": 2}],
)
async def test_the_turn_after_a_cap_is_answered_by_the_parting_line(caps: dict[str, float]) -> None:
    async with playing(engines(Talker()), books=books(**caps)) as player:
        await player.enter()
        said = await turns(player, 3)
        assert said[0][1] == "finished"
        assert said[-1] == (PARTING, "cap")
        await closed(player)
        error = player.of(m.Error)[-1]
        (name,) = caps
        assert (error.code, error.text, error.fatal) == (
            "cap_reached",
            f"caps.{name} is reached",
            True,
        )


async def test_a_long_story_ends_after_the_clause_in_which_the_cap_is_reached() -> None:
    async with playing(engines(Talker(50)), books=books(session_tokens=300)) as player:
        await player.enter()
        ((text, reason),) = await turns(player, 1)
        assert reason == "cap"
        assert text.startswith("This is sentence number 0.")
        assert text.endswith(PARTING)
        assert "number 5" not in text
        await closed(player)


async def test_minutes_end_an_idle_session() -> None:
    async with playing(engines(Talker()), books=books(session_minutes=1)) as player:
        await player.enter()
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        end = await player.until(m.ReplyEnd, within_s=90)
        assert end.reason == "cap"
        assert player.of(m.ReplyText)[-1].text == PARTING.split(". ")[-1] or PARTING in " ".join(
            t.text for t in player.of(m.ReplyText)
        )
        await closed(player)
        assert 60 <= loop.time() - began_s < 100


async def test_a_player_who_interrupts_the_parting_line_is_gone_too() -> None:
    async with playing(engines(Talker()), books=books(session_tokens=50)) as player:
        await player.enter()
        await turns(player, 1)
        player.link.send(m.Say(text="Go on."))
        await player.until(m.ReplyBegin, lambda item: item.reply == 2)
        player.link.send(m.Interrupt())
        await closed(player)
        assert player.error_codes == ["cap_reached"]


async def test_a_day_that_is_used_up_takes_no_more_sessions() -> None:
    shared = books(day_tokens=50)
    async with playing(engines(Talker()), books=shared) as player:
        await player.enter()
        await turns(player, 2)
        await closed(player)
    async with playing(engines(Talker()), books=shared) as player:
        player.link.send(m.Hello(protocol=1))
        error = await player.until(m.Error)
        assert (error.code, error.fatal, error.ref) == ("cap_reached", True, "hello")
        assert "come back tomorrow" in error.remedy


def token_of(subject: str) -> str:
    claims = {"exp": time.time() + 30, "aud": "frametalk", "jti": f"{subject}{time.perf_counter()}"}
    return jwt.encode({**claims, "sub": subject}, SECRET, "HS256")


async def test_a_player_who_has_used_their_day_is_refused_and_others_are_not() -> None:
    settings = FrametalkSettings(server=ServerSettings(token_secret=SECRET))
    shared = books(subject_tokens=50)
    async with playing(engines(Talker()), settings, books=shared) as player:
        await player.enter(token=token_of("anna"))
        assert (await turns(player, 2))[1] == (PARTING, "cap")
        await closed(player)
    async with playing(engines(Talker()), settings, books=shared) as player:
        player.link.send(m.Hello(protocol=1, token=token_of("anna")))
        error = await player.until(m.Error)
        assert (error.code, error.text) == ("cap_reached", "caps.subject_tokens is reached")
    async with playing(engines(Talker()), settings, books=shared) as player:
        await player.enter(token=token_of("ben"))
        assert (await turns(player, 1))[0][1] == "finished"


async def test_without_caps_nothing_ends() -> None:
    async with playing(engines(Talker(10)), FrametalkSettings()) as player:
        await player.enter()
        assert {reason for _text, reason in await turns(player, 3)} == {"finished"}


def test_nobody_known_pays_only_for_the_day() -> None:
    terms: Any = PlayerTerms()
    assert terms.accounts.reached("", 0.0) == ""
