"""What a server over real sockets refuses one address, one player, and everyone while it is overloaded.

127.0.0.1 is exempt, as a proxy's address; these players come from 127.0.0.2 and further ones.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import ConnectionClosed

from frametalk.engine_waits import EngineWaits
from frametalk.loop_lag import LoopLag
from serving import Running, serving, settings
from signing import SECRET, signed
from sockets import get

pytestmark = pytest.mark.real

SCHOOL, HOME, PROXY = "127.0.0.2", "127.0.0.3", "127.0.0.1"


@dataclass
class Visit:
    """A connection, and the first message that it brought."""

    connection: ClientConnection
    answer: dict[str, Any]

    @property
    def outcome(self) -> str:
        return str(self.answer.get("code", self.answer["type"]))

    async def close_code(self) -> int:
        await self.connection.wait_closed()
        return self.connection.close_code or 0

    async def leave(self) -> None:
        await self.connection.close()


async def visit(server: Running, address: str = SCHOOL, **hello: Any) -> Visit:
    """Connect from an address of this machine, and say hello."""
    connection = await open_websocket(f"{server.url}/v1", local_addr=(address, 0), proxy=None)
    with suppress(ConnectionClosed):  # a refused address may not even say hello
        await connection.send(
            msgspec.json.encode({"type": "hello", "protocol": 1, **hello}).decode()
        )
    first = await connection.recv()
    decode = msgspec.msgpack.decode if isinstance(first, bytes) else msgspec.json.decode
    return Visit(connection, decode(first))


async def outcomes(server: Running, *addresses: str, **hello: Any) -> list[str]:
    """What became of visits from these addresses, one after another; all stay."""
    return [(await visit(server, address, **hello)).outcome for address in addresses]


# ---- connections in a minute ---------------------------------------------------------------------


async def test_an_address_that_connects_too_often_is_refused_and_others_are_not() -> None:
    async with serving(settings(handshakes_per_minute=3, drain_ms=0)) as server:
        for _ in range(3):
            player = await visit(server)
            await player.leave()
        refused = await visit(server)
        assert refused.outcome == "too_many_handshakes"
        assert 0 < refused.answer["retry_after_ms"] <= 20_000
        assert await refused.close_code() == 1013
        assert await outcomes(server, HOME, *[PROXY] * 5) == ["welcome"] * 6
        _, _, page = await get(server.port, "/metrics")
        assert b'frametalk_errors_total{code="too_many_handshakes"} 1.0' in page


async def test_no_limit_of_connections() -> None:
    async with serving(settings(handshakes_per_minute=0, drain_ms=0)) as server:
        assert await outcomes(server, *[SCHOOL] * 10) == ["welcome"] * 10


# ---- sessions at once ----------------------------------------------------------------------------


async def test_an_address_has_its_sessions_and_gets_another_when_one_ends() -> None:
    async with serving(settings(sessions_per_address=2, drain_ms=0)) as server:
        first = await visit(server)
        assert await outcomes(server, SCHOOL, HOME, PROXY, PROXY, PROXY) == ["welcome"] * 5
        refused = await visit(server)
        assert (refused.outcome, await refused.close_code()) == ("address_limit", 1013)
        await first.leave()
        assert await until_welcome(server) == "welcome"


async def until_welcome(server: Running, **hello: Any) -> str:
    """Visit until a session that has just ended does not count any more."""
    outcome = ""
    for _ in range(100):
        outcome = (await visit(server, **hello)).outcome
        if outcome == "welcome":
            break
    return outcome


async def test_a_session_that_waits_to_be_resumed_counts_and_may_come_back() -> None:
    async with serving(settings(sessions_per_address=1, drain_ms=0)) as server:
        player = await visit(server, features=["resume"])
        player.connection.transport.abort()
        assert await outcomes(server, SCHOOL) == ["address_limit"]
        again = await visit(server, features=["resume"], resume=player.answer["resume"])
        assert again.answer["resumed"] is True


async def test_a_resume_that_fails_needs_room_as_a_new_session() -> None:
    async with serving(settings(sessions_per_address=1, drain_ms=0)) as server:
        assert await outcomes(server, SCHOOL, HOME) == ["welcome"] * 2
        assert await outcomes(server, SCHOOL, resume="unknown") == ["address_limit"]


async def test_no_limit_of_an_addresss_sessions() -> None:
    async with serving(settings(sessions_per_address=0, max_sessions=60, drain_ms=0)) as server:
        came = await outcomes(server, *[SCHOOL] * 61)
        assert came == ["welcome"] * 60 + ["server_full"]


async def test_a_player_has_a_number_of_sessions_at_any_addresses() -> None:
    limits = settings(token_secret=SECRET, sessions_per_subject=2, drain_ms=0)
    async with serving(limits) as server:
        for address in (SCHOOL, HOME):
            assert (await visit(server, address, token=signed("ada"))).outcome == "welcome"
        refused = await visit(server, PROXY, token=signed("ada"))
        assert (refused.outcome, await refused.close_code()) == ("subject_limit", 1008)
        for player in ("grace", "", "", ""):
            assert (await visit(server, token=signed(player))).outcome == "welcome"


async def test_no_limit_of_a_players_sessions() -> None:
    limits = settings(token_secret=SECRET, sessions_per_subject=0, drain_ms=0)
    async with serving(limits) as server:
        came = [(await visit(server, token=signed("ada"))).outcome for _ in range(10)]
        assert came == ["welcome"] * 10


# ---- wrong tokens --------------------------------------------------------------------------------


async def answers(server: Running, address: str, *tokens: str) -> list[str]:
    return [(await visit(server, address, token=token)).outcome for token in tokens]


async def test_an_address_that_guesses_tokens_is_refused_for_a_while() -> None:
    limits = settings(token="s3cret", bad_tokens_per_minute=3, drain_ms=0)  # noqa: S106  (a sample)
    async with serving(limits) as server:
        assert await answers(server, SCHOOL, "a", "b", "c") == ["bad_token"] * 3
        assert await answers(server, SCHOOL, "d", "s3cret") == ["too_many_attempts"] * 2
        refused = await visit(server, SCHOOL, token="s3cret")  # noqa: S106
        assert "try again in" in refused.answer["remedy"]
        assert 0 < refused.answer["retry_after_ms"] <= 60_000
        assert await answers(server, HOME, "s3cret") == ["welcome"]


async def test_who_guesses_behind_a_proxy_does_not_keep_the_others_out() -> None:
    limits = settings(token="s3cret", bad_tokens_per_minute=3, drain_ms=0)  # noqa: S106  (a sample)
    async with serving(limits) as server:
        assert await answers(server, PROXY, "a", "b", "c") == ["bad_token"] * 3
        assert await answers(server, PROXY, "d", "s3cret", "e", "s3cret") == [
            "too_many_attempts",
            "welcome",
            "too_many_attempts",
            "welcome",
        ]


async def test_no_limit_of_wrong_tokens() -> None:
    limits = settings(token="s3cret", bad_tokens_per_minute=0, drain_ms=0)  # noqa: S106  (a sample)
    async with serving(limits) as server:
        assert await answers(server, SCHOOL, *"abcdefghijklmnopqrstuvwxyz", "s3cret") == [
            *["bad_token"] * 26,
            "welcome",
        ]


# ---- load ----------------------------------------------------------------------------------------


async def ready(server: Running) -> tuple[int, dict[str, Any]]:
    status, _, body = await get(server.port, "/readyz")
    return status, msgspec.json.decode(body)


@pytest.fixture
def late_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that is 300 ms late whenever it is measured."""
    monkeypatch.setattr(LoopLag, "lag_ms", 300.0)


async def test_a_server_with_too_much_work_takes_no_new_session_and_keeps_the_old_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving(settings(token_secret=SECRET, drain_ms=0)) as server:
        player = await visit(server, features=["resume"], token=signed("ada"))
        unused = signed("grace")
        with monkeypatch.context() as loop:
            loop.setattr(LoopLag, "lag_ms", 300.0)
            refused = await visit(server, token=unused)
            assert (refused.outcome, refused.answer["retry_after_ms"]) == ("server_busy", 5_000)
            assert await refused.close_code() == 1013
            status, body = await ready(server)
            assert (status, body) == (
                503,
                {
                    "ready": False,
                    "why": "server_busy",
                    "loop_lag_ms": 300.0,
                    "engine_wait_ms": 0.0,
                },
            )
            assert (await get(server.port, "/healthz"))[0] == 200
            _, _, page = await get(server.port, "/metrics")
            assert b"\nframetalk_loop_lag_seconds 0.3\n" in page
            player.connection.transport.abort()
            again = await visit(
                server, features=["resume"], resume=player.answer["resume"], token=signed("ada")
            )
            assert again.answer["resumed"] is True
        assert (await visit(server, token=unused)).outcome == "welcome"


async def test_a_server_whose_engines_keep_players_waiting_takes_no_new_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving(settings(drain_ms=0)) as server:
        player = await visit(server, features=["resume"])
        with monkeypatch.context() as engines:
            engines.setattr(EngineWaits, "wait_ms", 9_000.0)
            refused = await visit(server)
            assert (refused.outcome, refused.answer["retry_after_ms"]) == ("server_busy", 5_000)
            status, body = await ready(server)
            assert (status, body["why"], body["engine_wait_ms"]) == (503, "server_busy", 9_000)
            player.connection.transport.abort()
            again = await visit(server, features=["resume"], resume=player.answer["resume"])
            assert again.answer["resumed"] is True
        assert await outcomes(server, SCHOOL) == ["welcome"]


async def test_no_limit_of_waits_for_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EngineWaits, "wait_ms", 9_000.0)
    async with serving(settings(max_engine_wait_ms=0, drain_ms=0)) as server:
        assert await outcomes(server, SCHOOL) == ["welcome"]


# ---- the order of refusals -----------------------------------------------------------------------


async def test_a_full_server_says_so_whatever_the_token_and_does_not_use_it_up() -> None:
    limits = settings(token_secret=SECRET, max_sessions=1, bad_tokens_per_minute=1, drain_ms=0)
    async with serving(limits) as server:
        player = await visit(server, token=signed("ada"))
        unused = signed("grace")
        for token in (unused, "wrong", "wrong", "", unused):
            refused = await visit(server, token=token)
            assert (refused.outcome, refused.answer["retry_after_ms"]) == ("server_full", 5_000)
            assert await refused.close_code() == 1013
        await player.leave()
        assert await until_welcome(server, token=unused) == "welcome"


async def test_a_player_who_is_refused_for_a_while_keeps_the_token() -> None:
    limits = settings(token_secret=SECRET, sessions_per_subject=1, drain_ms=0)
    async with serving(limits) as server:
        first = await visit(server, token=signed("ada"))
        unused = signed("ada")
        assert (await visit(server, token=unused)).outcome == "subject_limit"
        await first.leave()
        assert await until_welcome(server, token=unused) == "welcome"
        assert (await visit(server, token=unused)).outcome == "bad_token"


@pytest.mark.usefixtures("late_loop")
async def test_no_limit_of_lag() -> None:
    async with serving(settings(max_loop_lag_ms=0, drain_ms=0)) as server:
        assert await outcomes(server, SCHOOL) == ["welcome"]
        assert (await ready(server))[0] == 200


async def test_a_server_is_ready_while_it_has_room() -> None:
    async with serving(settings(max_sessions=1, drain_ms=0)) as server:
        status, body = await ready(server)
        assert (status, body["ready"], body["why"]) == (200, True, "")
        await visit(server)
        status, body = await ready(server)
        assert (status, body["ready"], body["why"]) == (503, False, "server_full")
