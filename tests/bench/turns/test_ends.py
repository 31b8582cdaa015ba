"""The rules for a turn's end on recorded silences: gaps, false cuts, continuations."""

from __future__ import annotations

from frametalk.bench.turns.ends import Silence, by_pause, curve, outcomes
from frametalk.config import TurnSettings
from frametalk.core.completeness import Completeness

COMPLETE, UNKNOWN, INCOMPLETE = Completeness.COMPLETE, Completeness.UNKNOWN, Completeness.INCOMPLETE


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


def test_in_the_soft_start_a_false_cut_does_not_split_the_turn() -> None:
    longer = [silence(900, 1_100, COMPLETE), silence(3_000, None, COMPLETE)]
    for pause, split in ((FINISHED_PAUSE, 0), (longer, 1)):
        (word,) = [one for one in curve([pause]) if (one.rule, one.setting_ms) == ("words", 208)]
        assert (word.false_cut_rate, word.split_turn_rate) == (1, split)
        (fixed,) = [one for one in curve([pause]) if one.setting_ms == 480]
        assert fixed.split_turn_rate == 1, "its turns do not continue"


def test_a_turn_does_not_end_before_its_text_is_known() -> None:
    for pause_ms, expected_ms in ((560, None), (600, 900 + 576)):
        slow = [silence(900, pause_ms, COMPLETE)._replace(text_after_ms=550)]
        ((outcome,),) = outcomes([slow], TurnSettings(), detector=False)
        assert outcome.ended_ms == expected_ms


def test_both_rates_are_given_for_each_length_of_pause() -> None:
    rates = [
        (one.pause_ms, one.n, one.false_cut_rate) for one in by_pause([PAUSED, FINISHED_PAUSE])
    ]
    assert rates == [(600, 2, 0.5)]


def test_speech_right_after_the_turns_end_is_a_false_cut() -> None:
    barely = [silence(900, 240, COMPLETE), silence(2_500, None, COMPLETE)]
    found = points([*barely])
    assert found["words", 208][1:] == (1, 1)
    sooner = [silence(900, 225, COMPLETE), silence(2_500, None, COMPLETE)]
    assert points(sooner)["words", 208][1:] != (0, 0)


def test_the_turn_detector_has_points_only_if_it_was_recorded() -> None:
    assert not [rule for rule, _ms in points(COMMAND) if "smart-turn" in rule]
    doubtful = [
        silence(900, 800, UNKNOWN, end_probability=0.1),
        silence(2_500, None, UNKNOWN, end_probability=0.9),
    ]
    found = points(doubtful)
    assert found["words", 208][1] == 1
    assert found["words + smart-turn", 208][1] == 0
