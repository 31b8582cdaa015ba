"""What is read from outside of a server, and the line through it."""

from __future__ import annotations

import msgspec
import pytest

from frametalk.bench.server import running
from frametalk.bench.soak.state import State, mb_per_hour, more, state_of
from frametalk.transports.websocket_client import connect
from frametalk.wire import messages as m

SETTINGS = (
    "log.level=ERROR",
    "vad.adapter=energy",
    "asr.adapter=fixed",
    "llm.adapter=fixed",
    "tts.adapter=fixed",
    "turn.adapter=",
)
FLAT = State(
    at_s=0, rss_mb=80, workers_rss_mb=0, descriptors=9, threads=3, processes=1, tasks=5, sessions=0
)


def at(seconds: float, rss_mb: float) -> State:
    return msgspec.structs.replace(FLAT, at_s=seconds, rss_mb=rss_mb)


def test_the_slope_is_in_megabytes_an_hour() -> None:
    rising = [at(60.0 * minute, 80 + 0.1 * minute) for minute in range(10)]
    assert mb_per_hour(rising, "rss_mb") == pytest.approx(6)
    assert mb_per_hour([at(60.0 * minute, 80) for minute in range(10)], "rss_mb") == 0
    assert mb_per_hour(rising[:2], "rss_mb") == 0


def test_only_what_has_grown_is_more() -> None:
    after = msgspec.structs.replace(FLAT, descriptors=12, tasks=4, rss_mb=99)
    assert more(FLAT, after) == {"descriptors": 3}


@pytest.mark.real
async def test_a_session_has_tasks_and_descriptors() -> None:
    async with running(SETTINGS) as server:
        before = await state_of(server)
        link = await connect(server.url)
        link.send(m.Hello(protocol=1))
        assert isinstance(await link.receive(), m.Welcome)
        after = await state_of(server)
        await link.close()
    assert (before.sessions, after.sessions) == (0, 1)
    assert {"tasks", "sessions"} <= set(more(before, after))
    assert after.rss_mb > 10
