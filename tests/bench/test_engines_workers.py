"""Workers killed in the middle of turns, in whole sessions: few times here, fifty in the bench."""

from __future__ import annotations

import asyncio

import pytest

from frametalk.bench import engines_workers

pytestmark = pytest.mark.real

PATIENCE_S = 120


async def test_sessions_go_on_when_their_workers_are_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines_workers, "SAID", engines_workers.SAID[:2])
    async with asyncio.timeout(PATIENCE_S):
        measured = await engines_workers.measure(4, sessions=2, deaths=0)
    assert measured.failures == []
    assert measured.kills_survived == measured.kills == 4
    assert measured.turns >= 4
