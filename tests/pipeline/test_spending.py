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
from frametalk.core.caps import DAY_S, Accounts
from frametalk.core.languages import lines_in
from frametalk.pipeline.conduct import PlayerTerms
from frametalk.session_state import Books
from frametalk.transports.link import LinkClosed
from frametalk.wire import messages as m
from home import at_home
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


def token_of(subject: str) -> str:
    claims = {"exp": time.time() + 30, "aud": "frametalk", "jti": f"{subject}{time.perf_counter()}"}
    return jwt.encode({**claims, "sub": subject}, SECRET, "HS256")


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


async def test_the_parting_line_is_measured_as_the_answer() -> None:
    async with playing(engines(Talker()), books=books(session_tokens=50)) as player:
        await player.enter()
        for reply in (1, 2):
            await player.sound(400, loud=True)
            await player.sound(3_000, loud=False)  # the microphone stays open as the reply begins
            end = await player.until(m.ReplyEnd, lambda item, n=reply: item.reply == n)
        trace = player.of(m.Trace)[-1]
    assert end.reason == "cap"
    assert trace.unmeasured == ""
    assert sum(part.ms for part in trace.stages) == pytest.approx(trace.mouth_to_ear_ms, abs=1)


async def closed(player: Player) -> LinkClosed:
    return await player.until(LinkClosed)


WITH_NAMES = FrametalkSettings(server=ServerSettings(token_secret=SECRET))
WHOSE = ("session", "subject", "day")


def ended_by(player: Player) -> str:
    """The cap that ended the session."""
    error = player.of(m.Error)[-1]
    assert (error.code, error.fatal) == ("cap_reached", True)
    return error.text.removeprefix("caps.").removesuffix(" is reached")


@pytest.mark.parametrize("whose", WHOSE)
@pytest.mark.parametrize(("amount", "cap"), [("tokens", 150), ("money", 2), ("speech_s", 2)])
async def test_the_turn_after_a_cap_is_answered_by_the_parting_line(
    whose: str, amount: str, cap: float
) -> None:
    name = f"{whose}_{amount}"
    async with playing(engines(Talker()), WITH_NAMES, books=books(**{name: cap})) as player:
        await player.enter(token=token_of("anna"))
        said = await turns(player, 3)
        assert said[0][1] == "finished"
        assert said[-1] == (PARTING, "cap")
        await closed(player)
        assert ended_by(player) == name


@pytest.mark.parametrize("whose", WHOSE)
async def test_minutes_end_a_session_in_which_nobody_speaks(whose: str) -> None:
    name = f"{whose}_minutes"
    caps = {"session_minutes": 3, "subject_minutes": 3, "day_minutes": 3, name: 1}
    async with playing(engines(Talker()), WITH_NAMES, books=books(**caps)) as player:
        await player.enter(token=token_of("anna"))
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        end = await player.until(m.ReplyEnd, within_s=90)
        assert end.reason == "cap"
        assert " ".join(text.text for text in player.of(m.ReplyText)) == PARTING
        await closed(player)
        assert ended_by(player) == name
        assert 60 <= loop.time() - began_s < 80


async def test_what_a_player_used_before_shortens_the_minutes_of_the_next_session() -> None:
    shared = books(subject_minutes=2)
    loop = asyncio.get_running_loop()
    async with playing(engines(Talker()), WITH_NAMES, books=shared) as player:
        await player.enter(token=token_of("anna"))
        await asyncio.sleep(90)
    async with playing(engines(Talker()), WITH_NAMES, books=shared) as player:
        await player.enter(token=token_of("anna"))
        began_s = loop.time()
        await player.until(m.ReplyEnd, lambda end: end.reason == "cap", within_s=60)
        assert 29 <= loop.time() - began_s < 45
        await closed(player)
        assert ended_by(player) == "subject_minutes"


async def test_two_sessions_of_a_player_use_the_same_minutes() -> None:
    loop = asyncio.get_running_loop()
    async with at_home(engines(Talker()), WITH_NAMES) as home:
        home.books = books(subject_minutes=2)
        players = [home.connect() for _ in range(2)]
        for player in players:
            await player.enter(token=token_of("anna"))
        began_s = loop.time()
        for player in players:
            await player.until(m.ReplyEnd, lambda end: end.reason == "cap", within_s=100)
            await closed(player)
            assert ended_by(player) == "subject_minutes"
        assert 60 <= loop.time() - began_s < 90


async def test_a_new_day_gives_new_minutes_to_a_session_that_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()
    midnight_s = loop.time() + 45
    monkeypatch.setattr(
        "frametalk.pipeline.spending.SessionSpending.__init__.__defaults__",
        (lambda: 20_000 * DAY_S + loop.time() - midnight_s,),
    )
    began_s = loop.time()
    async with playing(engines(Talker()), books=books(day_minutes=1)) as player:
        await player.enter()
        await player.until(m.ReplyEnd, lambda end: end.reason == "cap", within_s=200)
        assert 100 <= loop.time() - began_s < 125
        await closed(player)


async def test_a_long_story_ends_after_the_clause_in_which_the_cap_is_reached() -> None:
    async with playing(engines(Talker(50)), books=books(session_tokens=300)) as player:
        await player.enter()
        ((text, reason),) = await turns(player, 1)
        assert reason == "cap"
        assert text.startswith("This is sentence number 0.")
        assert text.endswith(PARTING)
        assert "number 5" not in text
        await closed(player)


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


async def test_a_player_who_has_used_their_day_is_refused_and_others_are_not() -> None:
    settings = WITH_NAMES
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
