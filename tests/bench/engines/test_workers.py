"""Workers killed in the middle of turns of whole sessions: a few times here, fifty times in the bench."""

from __future__ import annotations

import sys

import pytest

from conftest import require
from frametalk.bench.engines import worker_kills
from frametalk.bench.engines import workers as engines_workers
from frametalk.bench.engines.workers import Engines
from frametalk.config import load

pytestmark = pytest.mark.real


async def test_sessions_go_on_when_their_workers_are_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    require(sys.platform != "win32", "kills are signals")
    monkeypatch.setattr(worker_kills, "SAID", worker_kills.SAID[:2])
    measured = await engines_workers.measure(2, sessions=2, deaths=0, only=("pocketsphinx",))
    assert measured.lost == []
    assert {one.worker: one.survived for one in measured.workers} == {
        "pocketsphinx": 2,
        "espeak": 2,
    }
    assert measured.kills_survived == measured.kills == 2
    assert measured.turns >= 4


async def test_kills_that_were_not_done_in_time_do_not_count_as_survived(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker_kills, "SAID", worker_kills.SAID[:1])
    measured = await engines_workers.measure(
        50, sessions=1, deaths=0, limit_s=0.5, only=("pocketsphinx",)
    )
    assert measured.kills_survived < measured.kills


def test_options_reach_the_settings_with_their_types() -> None:
    engines = Engines("faster_whisper", "piper", {"spare": True, "device": "cpu"}, {"threads": 1})
    settings = load(environment={}, flags=engines.settings)
    assert settings.asr.options == {"spare": True, "device": "cpu"}
    assert (settings.tts.adapter, settings.tts.options) == ("piper", {"threads": 1})
