"""The rules for a turn's end on recorded silences: gaps, false cuts, continuations."""

from __future__ import annotations

import pytest

from conftest import require_program
from frametalk.bench.turns.replay import Silence, curve, record
from frametalk.bench.turns.turn_set import Utterance
from frametalk.config import load
from frametalk.core.completeness import Completeness

COMPLETE, INCOMPLETE = Completeness.COMPLETE, Completeness.INCOMPLETE


def silence(
    from_ms: float, pause_ms: float | None, kind: Completeness, end_probability: float | None = None
) -> Silence:
    to_ms = None if pause_ms is None else from_ms + pause_ms
    return Silence(from_ms, to_ms, from_ms - 20, [kind] * 12, end_probability)


COMMAND = [silence(1_000, None, COMPLETE)]
PAUSED = [silence(800, 600, INCOMPLETE), silence(2_000, None, COMPLETE)]
FINISHED_PAUSE = [silence(900, 600, COMPLETE), silence(2_500, None, COMPLETE)]


def points(*recorded: list[Silence]) -> dict[tuple[str, float], tuple[float, float, float]]:
    return {
        (one.rule, one.setting_ms): (
            one.response_gap_ms,
            one.false_cut_rate,
            one.early_end_rate,
        )
        for one in curve(recorded)
    }


def test_a_complete_command_ends_after_its_endpoint_delay() -> None:
    gap_ms, cut, over = points(COMMAND)["words", 208]
    assert gap_ms == 20 + 224  # the delay in whole windows, from the true end
    assert (cut, over) == (0, 0)


def test_a_fixed_timeout_makes_a_false_cut_in_a_longer_pause() -> None:
    found = points(COMMAND, PAUSED)
    assert found["fixed timeout", 480][1] == 0.5
    assert found["fixed timeout", 800][1] == 0


def test_the_words_rule_waits_after_incomplete_words() -> None:
    assert points(COMMAND, PAUSED)["words", 208] == (244.0, 0, 0)


def test_a_pause_after_a_complete_command_is_a_false_cut_by_either_rule() -> None:
    found = points(FINISHED_PAUSE)
    assert found["words", 208][1] == found["fixed timeout", 480][1] == 1


def test_speech_right_after_the_turns_end_is_a_false_cut() -> None:
    barely = [silence(900, 240, COMPLETE), silence(2_500, None, COMPLETE)]
    found = points([*barely])
    assert found["words", 208][1:] == (1, 1)
    sooner = [silence(900, 225, COMPLETE), silence(2_500, None, COMPLETE)]
    assert points(sooner)["words", 208][1:] != (0, 0)


def test_the_turn_detector_has_points_only_if_it_was_recorded() -> None:
    assert not [rule for rule, _ms in points(COMMAND) if "smart-turn" in rule]
    doubtful = [
        silence(900, 400, COMPLETE, end_probability=0.1),
        silence(2_500, None, COMPLETE, end_probability=0.9),
    ]
    found = points(doubtful)
    assert found["words", 208][1] == 1
    assert found["words + smart-turn", 208][1] == 0


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
