"""Each page of a server over real sockets has a rule of its own: what a stranger may read of it.

127.0.0.1 is the server's own machine; the stranger comes from 127.0.0.2.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from serving import Running, serving, settings
from sockets import get

pytestmark = pytest.mark.real

TOKEN = "a metrics token of the test"  # noqa: S105  (a sample)
BEARER = f"Authorization: Bearer {TOKEN}\r\n"  # as Prometheus sends it
HERE, STRANGER = "127.0.0.1", "127.0.0.2"
SHORT = {"status": "ok", "draining": False}


async def health(server: Running, address: str, headers: str = "") -> dict[str, Any]:
    status, content_type, body = await get(server.port, "/healthz", headers, address)
    assert (status, content_type) == (200, "application/json")
    found: dict[str, Any] = msgspec.json.decode(body)
    return found


async def metrics(server: Running, address: str, headers: str = "") -> int:
    """The status; if it is 200, Prometheus understands the page."""
    status, _, body = await get(server.port, "/metrics", headers, address)
    if status == 200:
        families = text_string_to_metric_families(body.decode())
        assert "frametalk_sessions" in {each.name for each in families}
    else:
        assert b"frametalk_" not in body
    return status


async def test_without_a_token_the_metrics_are_for_the_servers_own_machine() -> None:
    async with serving() as server:
        assert await metrics(server, HERE) == 200
        assert await metrics(server, STRANGER) == 403
        assert await metrics(server, STRANGER, BEARER) == 403


async def test_with_a_token_the_metrics_need_it_from_everywhere() -> None:
    async with serving(settings(metrics_token=TOKEN, drain_ms=0)) as server:
        for address in (HERE, STRANGER):
            assert await metrics(server, address) == 401
            assert await metrics(server, address, BEARER) == 200


async def test_a_stranger_learns_of_the_health_only_whether_it_is_good() -> None:
    async with serving() as server:
        assert await health(server, STRANGER) == SHORT
        assert await health(server, STRANGER, BEARER) == SHORT
        assert {"sessions", "engines", "characters"} <= (await health(server, HERE)).keys()


async def test_with_a_token_all_of_the_health_needs_it_from_everywhere() -> None:
    async with serving(settings(metrics_token=TOKEN, drain_ms=0)) as server:
        for address in (HERE, STRANGER):
            assert await health(server, address) == SHORT
            assert (await health(server, address, BEARER))["characters"] == ["fixed"]


async def test_guesses_at_the_health_are_throttled_as_those_at_the_metrics() -> None:
    limits = settings(metrics_token=TOKEN, bad_tokens_per_minute=3, drain_ms=0)
    async with serving(limits) as server:
        for _ in range(3):
            assert await health(server, STRANGER, "Authorization: Bearer guess\r\n") == SHORT
        assert await health(server, STRANGER, BEARER) == SHORT
        assert await metrics(server, STRANGER, BEARER) == 429
        assert await metrics(server, HERE, BEARER) == 200


async def test_the_token_of_the_metrics_opens_no_other_page() -> None:
    debug = {"debug_token": "another token of the test", "metrics_token": TOKEN}
    async with serving(settings(drain_ms=0, **debug)) as server:
        assert (await get(server.port, "/debug/state", BEARER))[0] == 401
    async with serving(settings(metrics_token=TOKEN, drain_ms=0)) as server:
        assert (await get(server.port, "/debug/state", BEARER))[0] == 404


async def test_anybody_may_learn_whether_another_session_would_be_admitted() -> None:
    async with serving(settings(metrics_token=TOKEN, drain_ms=0)) as server:
        status, _, body = await get(server.port, "/readyz", address=STRANGER)
        assert status == 200
        assert msgspec.json.decode(body).keys() == {
            "ready",
            "why",
            "loop_lag_ms",
            "engine_wait_ms",
        }
