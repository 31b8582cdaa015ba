"""A server over real sockets: admission, crashes, health, draining, signals."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from frametalk import __version__, app
from frametalk import server as server_module
from frametalk.app import serve
from frametalk.config import AdapterSettings, ReplySettings
from frametalk.context import as_message
from frametalk.errors import ConfigError, FrametalkError
from frametalk.transports.websocket import ServerSide, WebSocketLink
from frametalk.wire import messages as m
from limits import SOON_S
from linked import end_of, received
from serving import Running, serving, settings
from sockets import get, open_peer

DEBUG_TOKEN = "a debug token of the test"  # noqa: S105  (a sample)

pytestmark = pytest.mark.real


Life = Callable[["StandIn"], Awaitable[None]]


class StandIn:
    """A session that runs what the test gives it."""

    life: Life
    seen: list[StandIn]
    gave_link = waits = False
    admitted = True
    state = SimpleNamespace(
        context=SimpleNamespace(diary=SimpleNamespace(is_kept=False)), hello=None
    )

    def __init__(self, link: WebSocketLink, *_args: object, session_id: str, **_kw: object) -> None:
        self.link = link
        self.id = session_id
        self.link_over = asyncio.Event()
        self.seen.append(self)

    async def run(self) -> None:
        await type(self).life(self)

    def go_away(self, in_ms: float, reason: str, url: str) -> None:
        self.link.send(m.GoAway(in_ms=in_ms, reason=reason, url=url))

    async def idle(self) -> None:
        await asyncio.Event().wait()

    async def close(self, code: int, reason: str) -> None:
        await self.link.close(code, reason)

    async def abandon(self, failure: FrametalkError) -> None:
        self.link.send(as_message(failure))
        await self.close(1011, failure.code)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[Life], list[StandIn]]:
    """Replaces real sessions by stand-ins with the given life; returns the list of them."""

    def put(life: Life) -> list[StandIn]:
        kind = type("Kind", (StandIn,), {"life": staticmethod(life), "seen": []})
        monkeypatch.setattr(server_module, "Session", kind)
        return kind.seen

    return put


async def until_closed(session: StandIn) -> None:
    """The life of a session that only reads."""
    await end_of(session.link)
    await session.link.close()


async def say_hello(server: Running) -> WebSocketLink:
    link = await server.connect()
    link.send(m.Hello(protocol=1))
    assert isinstance(await received(link), m.Welcome)
    return link


async def health(server: Running) -> tuple[int, Any]:
    status, content_type, body = await get(server.port, "/healthz")
    assert content_type == "application/json"
    return status, msgspec.json.decode(body)


async def absent(server: Running) -> str:
    """A session that has lost its connection, as the server knows; its token. Needs DEBUG_TOKEN."""
    link, welcome = await say_hello_to_stay(server)
    link._connection.transport.abort()
    async with asyncio.timeout(SOON_S):
        while not await waits_for_connection(server, welcome.session):
            pass
    return welcome.resume


async def waits_for_connection(server: Running, session: str) -> bool:
    """Whether the page /debug says so of this session."""
    bearer = f"Authorization: Bearer {DEBUG_TOKEN}\r\n"
    _, _, body = await get(server.port, "/debug/state", bearer)
    shown = msgspec.json.decode(body)["sessions"]
    return bool(next(each["waits_for_connection"] for each in shown if each["id"] == session))


async def sessions_are(server: Running, count: int) -> None:
    """Wait until the server has this number of sessions."""
    async with asyncio.timeout(SOON_S):
        while (await health(server))[1]["sessions"] != count:  # noqa: ASYNC110  (over HTTP)
            await asyncio.sleep(0)


# ---- pages ---------------------------------------------------------------------------------------


async def test_health_reports_engines_and_sessions() -> None:
    async with serving(settings(max_sessions=7, drain_ms=0)) as server:
        status, body = await health(server)
        assert status == 200
        assert body == {
            "status": "ok",
            "draining": False,
            "version": __version__,
            "sessions": 0,
            "max_sessions": 7,
            "engines": {
                "vad": "energy",
                "asr": "fixed",
                "llm": "fixed",
                "tts": "fixed",
                "guard": "embedded",
            },
            "characters": ["fixed"],
        }
        link = await say_hello(server)
        assert (await health(server))[1]["sessions"] == 1
        link.send(m.Bye())
        assert (await end_of(link)).code == 1000
        await sessions_are(server, 0)


async def test_metrics_are_prometheus_text() -> None:
    async with serving() as server:
        await say_hello(server)
        status, content_type, body = await get(server.port, "/metrics")
        assert status == 200
        assert content_type.startswith("text/plain; version=")
        assert b"\nframetalk_sessions 1.0\n" in body
        assert b"\nframetalk_ready_seconds " in body


async def test_other_paths_are_refused() -> None:
    async with serving() as server:
        assert (await get(server.port, "/"))[0] == 404
        assert (await get(server.port, "/v1"))[0] == 426


async def test_a_folder_of_pages_is_served_beside_the_socket(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>tavern</title>")
    async with serving(settings(pages=str(tmp_path), drain_ms=0)) as server:
        status, content_type, body = await get(server.port, "/")
        assert (status, content_type) == (200, "text/html; charset=utf-8")
        assert body == b"<!doctype html><title>tavern</title>"
        assert (await get(server.port, "/absent.js"))[0] == 404
        assert (await get(server.port, "/healthz"))[0] == 200
        assert (await get(server.port, "/v1"))[0] == 426
        await say_hello(server)


async def test_a_missing_page_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no index\.html"):
        await app.serve(settings(pages=str(tmp_path)))


# ---- admission -----------------------------------------------------------------------------------


async def test_a_full_server_refuses_a_session_until_another_ends() -> None:
    async with serving(settings(max_sessions=1, drain_ms=0)) as server:
        first = await say_hello(server)
        second = await server.connect()
        second.send(m.Hello(protocol=1))
        error = await received(second)
        assert isinstance(error, m.Error)
        assert (error.code, error.fatal, error.fault) == ("server_full", True, "server")
        closed = await end_of(second)
        assert (closed.code, closed.reason) == (1013, "server_full")
        await first.close()
        await sessions_are(server, 0)
        await (await say_hello(server)).close()


async def say_hello_to_stay(server: Running, **fields: Any) -> tuple[WebSocketLink, m.Welcome]:
    """Join with the feature `resume`, and prove that the token came."""
    link = await server.connect()
    link.send(m.Hello(protocol=1, features=("resume",), **fields))
    welcome = await received(link)
    assert isinstance(welcome, m.Welcome)
    link.send(m.Ack(acked=0))
    while not isinstance(await received(link), m.Received):
        pass
    return link, welcome


async def test_a_session_without_a_connection_counts_and_has_room_when_it_comes_back() -> None:
    async with serving(settings(max_sessions=1, drain_ms=0)) as server:
        link, welcome = await say_hello_to_stay(server)
        link._connection.transport.abort()
        other = await server.connect()
        other.send(m.Hello(protocol=1))
        assert (await received(other)).code == "server_full"
        assert (await end_of(other)).code == 1013
        again, resumed = await say_hello_to_stay(server, resume=welcome.resume)
        assert (resumed.resumed, resumed.session) == (True, welcome.session)
        await sessions_are(server, 1)
        await again.close()
        await sessions_are(server, 0)


async def test_a_connection_that_was_taken_over_is_closed_and_its_session_goes_on() -> None:
    async with serving(settings(drain_ms=0)) as server:
        link, welcome = await say_hello_to_stay(server)
        again, resumed = await say_hello_to_stay(server, resume=welcome.resume)
        assert resumed.resumed
        closed = await end_of(link)
        assert (closed.code, closed.reason) == (1008, "session_taken")
        again.send(m.Say(text="hello"))
        while not isinstance(await received(again), m.ReplyBegin):
            pass
        _, _, page = await get(server.port, "/metrics")
        assert b"frametalk_sessions_resumed_total 1.0" in page
        assert b"frametalk_sessions 1.0" in page
        await again.close()


async def test_draining_does_not_wait_for_sessions_without_a_connection() -> None:
    async with serving(settings(drain_ms=60_000, debug_token=DEBUG_TOKEN)) as server:
        await absent(server)
        server.stop.set()
        async with asyncio.timeout(SOON_S):
            await server.task


async def test_draining_closes_a_session_on_its_second_connection() -> None:
    async with serving(settings(drain_ms=10)) as server:
        link, welcome = await say_hello_to_stay(server)
        again, _ = await say_hello_to_stay(server, resume=welcome.resume)
        await end_of(link)
        server.stop.set()
        closed = await end_of(again)
        assert (closed.code, closed.reason) == (1001, "server_stopping")


async def test_silent_connections_take_no_session_and_make_room() -> None:
    async with serving(settings(max_sessions=2, max_waiting=5, drain_ms=0)) as server:
        silent = [await server.connect() for _ in range(20)]
        players = [await say_hello(server), await say_hello(server)]
        await sessions_are(server, 2)
        assert [(await end_of(link)).code for link in silent[:15]] == [1006] * 15
        for link in (*silent, *players):
            await link.close()


async def test_twenty_sessions_talk_at_once() -> None:
    async def converse(server: Running) -> None:
        link = await say_hello(server)
        link.send(m.Say(text="hello"))
        samples = 0
        async with asyncio.timeout(20):
            while True:
                item = await link.receive()
                if isinstance(item, m.ReplyEnd):
                    break
                if not isinstance(item, m.Message):
                    assert item.sample == samples
                    samples += len(item.payload) // 2
                    link.send(m.Played(reply=1, sample=samples))
        assert item.samples == samples
        await link.close()

    async with serving() as server, asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(converse(server))


# ---- crashes -------------------------------------------------------------------------------------


async def test_a_crash_is_reported_and_counted_and_other_sessions_go_on(
    stand_in: Callable[[Life], list[StandIn]], caplog: pytest.LogCaptureFixture
) -> None:
    async def life(session: StandIn) -> None:
        await session.link.receive()
        if len(sessions) == 2:
            raise ZeroDivisionError("a bug")
        session.link.send(m.GoAway(reason="well"))
        await until_closed(session)

    sessions = stand_in(life)
    async with serving() as server:
        first, second = await server.connect(), await server.connect()
        second.send(m.Say(text="crash"))
        error = await received(second)
        assert isinstance(error, m.Error)
        assert (error.code, error.fatal) == ("session_failed", True)
        assert (await end_of(second)).code == 1011
        assert "a bug" in caplog.text
        _, _, page = await get(server.port, "/metrics")
        assert b'frametalk_errors_total{code="session_failed"} 1.0' in page
        del sessions[:]  # the next session to read does not crash
        first.send(m.Say(text="still there?"))
        assert await received(first) == m.GoAway(reason="well")
        assert len({session.id for session in sessions}) == len(sessions)


@pytest.mark.usefixtures("new_objects_only")
async def test_a_session_without_a_connection_keeps_nothing_of_the_one_that_broke() -> None:
    async with serving(settings(debug_token=DEBUG_TOKEN)) as server:
        await absent(server)
        async with asyncio.timeout(SOON_S):
            while any(isinstance(each, ServerSide) for each in gc.get_objects()):
                gc.collect()
                await asyncio.sleep(0)
        assert (await health(server))[1]["sessions"] == 1


# ---- stopping ------------------------------------------------------------------------------------


async def test_draining_notifies_sessions_refuses_new_ones_and_waits(
    stand_in: Callable[[Life], list[StandIn]],
) -> None:
    stand_in(until_closed)
    async with serving(settings(drain_ms=60_000)) as server:
        link = await server.connect()
        await sessions_are(server, 1)
        server.stop.set()
        assert await received(link) == m.GoAway(in_ms=60_000, reason="server_stopping")
        status, body = await health(server)
        assert (status, body["status"], body["draining"]) == (503, "draining", True)
        with pytest.raises(FrametalkError, match="503"):
            await server.connect()
        assert not server.task.done()
        await link.close()
        async with asyncio.timeout(SOON_S):
            await server.task


async def test_draining_says_where_to_connect_next() -> None:
    async with serving(settings(drain_ms=10, successor_url="wss://b.example")) as server:
        link = await say_hello(server)
        server.stop.set()
        while not isinstance(goaway := await received(link), m.GoAway):
            pass
        assert goaway.url == "wss://b.example"
        assert (await end_of(link)).code == 1001


async def test_sessions_that_are_handed_over_learn_before_where_they_go_on(tmp_path: Path) -> None:
    kept = settings(
        drain_ms=10_000,
        successor_url="wss://b.example",
        handover_file=str(tmp_path / "sessions.db"),
    )
    async with serving(kept) as server:
        link = await server.connect()
        link.send(m.Hello(protocol=1, features=("resume",)))
        assert isinstance(await received(link), m.Welcome)
        server.stop.set()
        while not isinstance(goaway := await received(link), m.GoAway):
            pass
        assert goaway.url == "wss://b.example"
        assert (await end_of(link)).code == 1012


GOES_ON = {"drain_ms": 60_000, "successor_url": "wss://b.example", "debug_token": DEBUG_TOKEN}


async def sent_away(link: WebSocketLink, resume: str = "") -> None:
    """Say hello to a server that stops: it answers with its successor's address."""
    link.send(m.Hello(protocol=1, features=("resume",), resume=resume))
    assert await received(link) == m.GoAway(reason="server_stopping", url="wss://b.example")
    refusal = await received(link)
    assert isinstance(refusal, m.Error)
    assert (refusal.code, refusal.ref, refusal.fatal) == ("server_busy", "hello", True)
    assert (await end_of(link)).code == 1013


@pytest.mark.parametrize("json", [False, True])
async def test_a_draining_server_sends_those_who_come_to_its_successor(json: bool) -> None:
    token = "s3cret"  # noqa: S105  (a sample; to be sent on, none is needed)
    async with serving(settings(token=token, **GOES_ON)) as server:
        early, talking = await server.connect(), await server.connect()
        talking.send(m.Hello(protocol=1, token=token))
        assert isinstance(await received(talking), m.Welcome)
        await begun(talking)
        server.stop.set()
        while not isinstance(await received(talking), m.GoAway):
            pass
        await sent_away(await server.connect(json=json))
        await sent_away(early)
        await talking.close()


async def test_a_draining_server_waits_for_clients_that_do_not_know_its_successor() -> None:
    async with serving(settings(**GOES_ON)) as server:
        tokens = [await absent(server) for _ in range(2)]
        server.stop.set()
        await sessions_are(server, 0)
        await sent_away(await server.connect(), tokens[0])
        await sent_away(await server.connect(), "another")
        assert not server.task.done()
        await sent_away(await server.connect(), tokens[1])
        async with asyncio.timeout(SOON_S):
            await server.task


async def test_it_does_not_wait_for_them_longer_than_it_may() -> None:
    async with serving(settings(**{**GOES_ON, "drain_ms": 50})) as server:
        await absent(server)
        server.stop.set()
        async with asyncio.timeout(SOON_S):
            await server.task


async def test_a_second_signal_does_not_wait_for_them() -> None:
    async with serving(settings(**GOES_ON)) as server:
        await absent(server)
        os.kill(os.getpid(), signal.SIGTERM)
        await sessions_are(server, 0)
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(SOON_S):
            await server.task


async def test_a_session_without_a_connection_goes_on_at_the_successor(tmp_path: Path) -> None:
    file = {"handover_file": str(tmp_path / "sessions.db")}
    async with serving(settings(**file, **GOES_ON)) as server, serving(settings(**file)) as there:
        token = await absent(server)
        server.stop.set()
        await sent_away(await server.connect(), token)
        await server.task
        while True:  # until that server has the file
            link = await there.connect()
            link.send(m.Hello(protocol=1, resume=token, resume_from=m.ResumeFrom(received=1)))
            if not isinstance(answer := await received(link), m.Error):
                break
            assert answer.code == "server_busy"
        assert isinstance(answer, m.Welcome)
        assert answer.resumed
        assert answer.seq == 0  # and no goaway comes again
        link.send(m.Bye())
        assert (await end_of(link)).code == 1000


async def begun(link: WebSocketLink) -> m.ReplyBegin:
    """Say something, and wait for the reply."""
    link.send(m.Say(text="hello"))
    while not isinstance(begin := await received(link), m.ReplyBegin):
        pass
    return begin


async def test_draining_ends_a_session_when_its_reply_was_heard() -> None:
    ahead = ReplySettings(lead_ms=10_000)  # so that nothing has to be played before the end is sent
    patient = msgspec.structs.replace(settings(drain_ms=60_000), reply=ahead)
    async with serving(patient) as server:
        talking, silent = await say_hello(server), await say_hello(server)
        begin = await begun(talking)
        server.stop.set()
        closed = await end_of(silent)
        assert (closed.code, closed.reason) == (1001, "server_stopping")
        while not isinstance(end := await received(talking), m.ReplyEnd):
            assert not isinstance(end, m.ReplyCut)
        talking.send(m.Played(reply=begin.reply, sample=end.samples, done=True))
        assert (await end_of(talking)).code == 1001
        async with asyncio.timeout(SOON_S):
            await server.task


async def test_a_reply_that_outlasts_the_drain_is_cut() -> None:
    async with serving(settings(drain_ms=50)) as server:
        link = await say_hello(server)
        begin = await begun(link)
        server.stop.set()
        while not isinstance(cut := await received(link), m.ReplyCut):
            pass
        assert cut.reply == begin.reply
        assert (await end_of(link)).code == 1001


async def test_sessions_that_outlast_the_drain_are_closed_with_1001() -> None:
    async with serving(settings(drain_ms=10)) as server:
        link = await say_hello(server)
        server.stop.set()
        closed = await end_of(link)
        assert (closed.code, closed.reason) == (1001, "server_stopping")


async def test_a_session_that_hangs_is_cancelled(
    stand_in: Callable[[Life], list[StandIn]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "CLEAN_UP_MS", 10)
    cancelled = []

    async def hang(session: StandIn) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(session)
            raise

    sessions = stand_in(hang)
    async with serving(settings(drain_ms=10)) as server:
        link = await server.connect()
        await sessions_are(server, 1)
        server.stop.set()
        await end_of(link)
        async with asyncio.timeout(SOON_S):
            await server.task
    assert cancelled == sessions


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_drains_and_a_second_one_does_not_wait(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    async with serving(settings(drain_ms=60_000)) as server:
        link = await say_hello(server)
        os.kill(os.getpid(), number)
        while not isinstance(item := await received(link), m.GoAway):
            pass
        assert item.in_ms == 60_000
        assert not server.task.done()
        os.kill(os.getpid(), number)
        assert (await end_of(link)).code == 1001
        async with asyncio.timeout(SOON_S):
            await server.task
    assert signal.getsignal(number) == before


async def test_two_signals_in_quick_succession_count_as_two() -> None:
    async with serving(settings(drain_ms=60_000)) as server:
        link = await say_hello(server)
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        assert (await end_of(link)).code == 1001
        async with asyncio.timeout(SOON_S):
            await server.task


async def test_cancelling_closes_everything() -> None:
    async with serving() as server:
        link = await say_hello(server)
        server.task.cancel()
        assert (await end_of(link)).code == 1001
        with pytest.raises(asyncio.CancelledError):
            await server.task


async def test_a_stop_before_the_engines_have_started_ends_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, closed = asyncio.Event(), []

    async def start(_self: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def close(self: object) -> None:
        closed.append(type(self).__name__)

    monkeypatch.setattr("frametalk.adapters.tts.fixed.FixedVoice.start", start)
    monkeypatch.setattr("frametalk.adapters.tts.fixed.FixedVoice.close", close)
    stop = asyncio.Event()
    serving_task = asyncio.get_running_loop().create_task(serve(settings(), stop=stop))
    await begun.wait()
    stop.set()
    async with asyncio.timeout(SOON_S):
        await serving_task
    assert closed == ["FixedVoice"]


# ---- failures at the start -----------------------------------------------------------------------


async def test_a_missing_engine_stops_the_start() -> None:
    broken = msgspec.structs.replace(settings(), asr=AdapterSettings(adapter="absent"))
    with pytest.raises(FrametalkError, match="absent"):
        await serve(broken)


async def test_a_port_in_use_stops_the_start_and_closes_the_engines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed = []

    async def close(self: object) -> None:
        closed.append(type(self).__name__)

    monkeypatch.setattr("frametalk.adapters.tts.fixed.FixedVoice.close", close)
    async with serving() as server:
        with pytest.raises(FrametalkError) as failure:
            await serve(settings(port=server.port))
        assert failure.value.code == "cannot_listen"
        assert closed == ["FixedVoice"]


async def test_a_thousand_sessions_can_come_and_leave() -> None:
    async with serving(settings(max_sessions=2000, drain_ms=0)) as server:
        for index in range(1000):
            if index % 2:
                async with open_peer(server.port):
                    pass  # leaves by reset, without hello
            else:
                link = await server.connect()
                link.send(m.Hello(protocol=1))
                link.send(m.Bye())
                assert (await end_of(link)).code == 1000
        await sessions_are(server, 0)
