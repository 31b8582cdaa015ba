"""The page /debug: who may read it, what it shows of a spoken turn, and the trace of it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from frametalk.adapters.guard.embedded import EmbeddedGuard
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import FrametalkSettings, ServerSettings
from frametalk.debug_page import DebugPage
from frametalk.debug_state import running_session
from frametalk.diary import Diary
from frametalk.metrics import Metrics
from frametalk.perfetto import trace_events
from frametalk.server import PastSession, Server
from frametalk.transports.http import Request
from frametalk.wire import messages as m
from player import Player, engines, playing
from trace_checks import imported

TOKEN = "a debug token of the test"  # noqa: S105  (a sample)
RIGHT = f"Bearer {TOKEN}"


def settings(**more: Any) -> FrametalkSettings:
    return FrametalkSettings(server=ServerSettings(debug_token=TOKEN, **more))


def page(**more: Any) -> DebugPage:
    chosen = settings(**more)
    return DebugPage(Server(chosen, engines(), Metrics()), chosen, engines())


def ask(shown: DebugPage, path: str, authorization: str = "", query: str = "") -> tuple[int, bytes]:
    request = Request(path, False, authorization=authorization, address="192.0.2.1", query=query)
    answer = shown.answer(request)
    assert answer is not None
    return answer.status, answer.body


# ---- who may read it -----------------------------------------------------------------------------


def test_the_page_is_open_and_its_content_is_not() -> None:
    shown = page()
    assert ask(shown, "/debug")[0] == 308
    assert b"frametalk" in ask(shown, "/debug/")[1]
    assert ask(shown, "/debug/debug.js")[0] == 200
    for path in ("/debug/state", "/debug/trace"):
        assert ask(shown, path)[0] == 401
        assert ask(shown, path, "Bearer another")[0] == 401
        assert ask(shown, path, f"Basic {TOKEN}")[0] == 401
        assert ask(shown, path, RIGHT)[0] == 200
    assert shown.answer(Request("/debugger", False)) is None
    assert shown.answer(Request("/debug/absent", False)) is None


def test_wrong_tokens_are_throttled() -> None:
    shown = page(bad_tokens_per_minute=3)
    for _ in range(3):
        assert ask(shown, "/debug/state", "Bearer guess")[0] == 401
    assert ask(shown, "/debug/state", RIGHT)[0] == 429


def test_this_machine_needs_the_token_too() -> None:
    answer = page().answer(Request("/debug/state", False, address="127.0.0.1"))
    assert answer is not None
    assert answer.status == 401


# ---- what it shows -------------------------------------------------------------------------------


async def one_turn(player: Player) -> None:
    await player.enter()
    await player.speak()
    await player.until(m.Trace)


@pytest.mark.looptime
async def test_a_spoken_turn_is_explained() -> None:
    async with playing(settings=settings()) as player:
        await one_turn(player)
        assert player.session is not None
        shown = running_session(player.session, player.session.state.context.now())
    (turn,) = shown["turns"]
    (trace,) = player.of(m.Trace)
    assert turn["mouth_to_ear_ms"] == pytest.approx(trace.mouth_to_ear_ms, abs=0.1)
    assert sum(part["ms"] for part in turn["stages"]) == pytest.approx(
        turn["mouth_to_ear_ms"], abs=1
    )
    assert shown["mouth_to_ear_ms"]["n"] == 1
    said = [entry["name"] for entry in shown["entries"]]
    assert any("wait" in name and "the turn sounds" in name for name in said)
    assert any(name.startswith("SpeechEnded: ") for name in said)
    assert {"recognition", "think", "speak"} <= {
        entry["name"] for entry in shown["entries"] if entry["kind"] == "step"
    }


HEARD, SAID, STOPPED = "zebra umbrella", "Quartz violin.", "kill yourself with a trombone"
SPOKEN = {"zebra", "umbrella", "quartz", "violin", "trombone"}


@pytest.mark.looptime
async def test_no_spoken_word_is_shown_of_a_session_that_runs_or_has_ended() -> None:
    guard = EmbeddedGuard()
    await guard.start()
    talking = replace(engines(FixedMind(SAID), texts=[HEARD]), guard=guard)
    shown, pages = page(), []

    def read() -> None:
        answers = [ask(shown, path, RIGHT) for path in ("/debug/state", "/debug/trace")]
        assert [status for status, _body in answers] == [200, 200]
        pages.append(b"".join(body for _status, body in answers).decode().lower())

    async with playing(talking, settings()) as player, asyncio.timeout(60):
        await one_turn(player)
        player.link.send(m.Say(text=STOPPED))
        await player.until(m.ReplyEnd, lambda end: end.reply == 2)
        words = [t.text for t in player.of(m.Transcript)] + [r.text for r in player.of(m.ReplyText)]
        assert {HEARD, SAID} <= set(words)
        assert player.session is not None
        diary = player.session.state.context.diary
        running: Any = SimpleNamespace(session=player.session)
        shown._server._sessions["test"] = running
        read()
        del shown._server._sessions["test"]
    shown._server.past_sessions.append(PastSession("test", m.ClientInfo(), diary))
    read()
    for text in pages:
        assert "mouth to ear" in text
        assert "turn sounds" in text  # decisions are shown
        assert not [word for word in SPOKEN if word in text]


@pytest.mark.looptime
async def test_without_a_debug_token_nothing_is_kept() -> None:
    async with playing() as player:
        await one_turn(player)
        assert player.session is not None
        diary = player.session.state.context.diary
    assert not diary.is_kept
    assert not diary.entries
    assert not diary.turns


async def test_queues_are_shown() -> None:
    shown = page()
    for _ in range(4):
        shown._server.waits.observe("recognition", 0.25)
    async with playing(settings=settings()) as player:
        await player.enter(features=("resume",))
        assert player.session is not None
        before = running_session(player.session, 0.0)
        shown_state = m.TurnStateChanged(state="idle", turn=0)
        player.session.state.context.send(
            shown_state
        )  # the player gets it only when this test waits
        queued = running_session(player.session, 0.0)
    assert before["queued_bytes"] == 0
    assert queued["queued_bytes"] > 0
    assert queued["unconfirmed_bytes"] > 0, "the player confirms nothing"
    state = json.loads(ask(shown, "/debug/state", RIGHT)[1])
    assert state["engine_waits_ms"] == {"recognition": 250, "voice_first_sound": None}


async def test_a_session_that_has_ended_is_still_shown() -> None:
    shown = page()
    async with playing(settings=settings()) as player:
        await player.enter()
        assert player.session is not None
        diary = player.session.state.context.diary
    shown._server.past_sessions.append(PastSession("gone", m.ClientInfo(name="tavern"), diary))
    state = json.loads(ask(shown, "/debug/state", RIGHT)[1])
    assert [(each["id"], each["client"]["name"]) for each in state["past_sessions"]] == [
        ("gone", "tavern")
    ]


# ---- the trace -----------------------------------------------------------------------------------


@pytest.mark.looptime
async def test_a_trace_holds_the_waterfall_as_slices_in_a_row() -> None:
    async with playing(settings=settings()) as player:
        await one_turn(player)
        assert player.session is not None
        diary = player.session.state.context.diary
        (trace,) = player.of(m.Trace)
    events = imported(json.dumps(trace_events([("session", diary)], (), 1)))
    (whole,) = [each for each in events if each["name"].startswith("mouth to ear")]
    parts = [each for each in events if each.get("args", {}).get("place")]
    assert [each["name"] for each in parts] == [stage.stage for stage in trace.stages]
    at_us = whole["ts"]
    for part in parts:
        assert part["ts"] == pytest.approx(at_us, abs=1)
        at_us += part["dur"]
    assert at_us == pytest.approx(whole["ts"] + whole["dur"], abs=2)
    assert {each["ph"] for each in events} == {"M", "X", "i"}


@pytest.fixture
def two_sessions() -> DebugPage:
    """A page that has two ended sessions with a turn or two each."""
    shown = page()
    for name, turns in (("first", 1), ("second", 2)):
        diary = Diary(lambda: 10.0)
        for turn in range(1, turns + 1):
            diary.event("SpeechStarted", turn)
            diary.step("think", 0.5)
        shown._server.past_sessions.append(PastSession(name, m.ClientInfo(), diary))
    return shown


def traced(shown: DebugPage, query: str) -> tuple[set[str], set[int]]:
    """The sessions and the turns in the trace that a query gets."""
    status, body = ask(shown, "/debug/trace", RIGHT, query)
    assert status == 200, body
    events = imported(body)
    names = {each["args"]["name"] for each in events if each["name"] == "process_name"}
    return names, {each["args"]["turn"] for each in events if "turn" in each["args"]}


def test_a_trace_can_be_of_one_session_or_one_turn(two_sessions: DebugPage) -> None:
    first, second = "session first (ended)", "session second (ended)"
    assert traced(two_sessions, "") == ({first, second}, {1, 2})
    assert traced(two_sessions, "session=second") == ({second}, {1, 2})
    assert traced(two_sessions, "session=second&turn=2") == ({second}, {2})


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("session=third", 404, b"no session 'third'"),
        ("session=first&turn=2", 404, b"no turn 2"),
        ("turn=1", 400, b"?session=ID"),
        ("session=first&turn=one", 400, b"?session=ID"),
        ("session=first&turns=1", 400, b"?session=ID"),
    ],
)
def test_a_trace_of_what_is_not_there_says_so(
    two_sessions: DebugPage, query: str, status: int, says: bytes
) -> None:
    answered, body = ask(two_sessions, "/debug/trace", RIGHT, query)
    assert answered == status
    assert says in body
