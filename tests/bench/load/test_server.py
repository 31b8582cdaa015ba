"""The server under load and its players: when one of them ends before its result."""

from __future__ import annotations

import sys

import pytest

from frametalk.bench import child
from frametalk.bench.load import server
from frametalk.bench.load.plan import Plan
from frametalk.errors import FrametalkError

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="runs on Linux only"),
]

PLAN = Plan(
    port=1, sessions=40, cycle_s=1, seconds=1, sound="", decides=1_000, ends=500, engines_ms=0
)
SERVES = "import sys; print(4711, flush=True); sys.stdin.readline(); sys.exit('no memory')"


def runs(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """This program runs in place of each process of the suite."""
    monkeypatch.setattr(server.child, "module", lambda _name, *rest: child.code(text, *rest))


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        (
            "import sys; print('begun'); print('{\"turns\":8,', end=''); sys.exit('out of sound')",
            "the players' process ended with exit code 1 after 11 bytes of its result: out of sound",
        ),
        (
            "import os; print('begun', flush=True); os.kill(os.getpid(), 9)",
            "the players' process was killed by SIGKILL before its result: nothing on its",
        ),
        (
            "print('begun'); print('{\"turns\":8,')",
            'the players\' process printed no Seen (Input data was truncated): {"turns":8,',
        ),
        (
            "import port_of_no_game",
            "before its result: ModuleNotFoundError: No module named 'port_of_no_game'",
        ),
    ],
)
async def test_players_that_end_before_their_result_are_named_with_how_and_why(
    text: str, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs(monkeypatch, text)
    with pytest.raises(FrametalkError) as caught:
        await server.crowd(PLAN, lambda: None)
    assert failure in caught.value.text
    assert caught.value.code == "bench_load"


async def test_a_server_that_ends_before_its_result_is_named_with_how_and_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs(monkeypatch, SERVES)
    async with server.loaded([], None) as loaded:
        loaded.begin()
        with pytest.raises(FrametalkError, match="exit code 1 before its result: no memory"):
            await loaded.end()


async def test_a_server_that_is_not_ready_in_time_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "READY_TIMEOUT_S", 0.0)
    runs(monkeypatch, "import time; time.sleep(60)")
    with pytest.raises(FrametalkError, match="the server to be measured was not ready after 0 s"):
        async with server.loaded([], None):
            pytest.fail("it never started")
