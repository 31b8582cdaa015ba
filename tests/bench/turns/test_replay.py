"""The silences of spoken utterances, as a session hears them."""

from __future__ import annotations

import pytest

from conftest import require_program
from frametalk.bench.turns.replay import record
from frametalk.bench.turns.turn_set import Utterance
from frametalk.config import load
from frametalk.core.completeness import Completeness

COMPLETE, INCOMPLETE = Completeness.COMPLETE, Completeness.INCOMPLETE


@pytest.mark.real
async def test_pauses_and_ends_of_real_speech_are_found() -> None:
    require_program("flite")
    utterances = [
        Utterance(id="a", kind="command", voice="slt", pieces=("pull the lever",)),
        Utterance(
            id="b", kind="paused", voice="slt", pieces=("give me the", "golden key"),
            pauses_ms=(600,), pause_kinds=("unfinished",),
        ),
    ]  # fmt: skip
    command, paused = await record(utterances, load(environment={}, flags=["log.level=ERROR"]))
    assert [one.by_words[-1] for one in command] == [COMPLETE]
    assert [one.to_ms is None for one in paused] == [False, True]
    assert paused[0].by_words[-1] is INCOMPLETE
    assert paused[0].to_ms - paused[0].from_ms == pytest.approx(600, abs=80)
