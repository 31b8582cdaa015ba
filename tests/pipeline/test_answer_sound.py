"""Where the answer is in a reply that a filler opens, and whose underruns are whose."""

from __future__ import annotations

from frametalk.pipeline.answer_sound import AnswerSound

FILLER_END = 4_000


def behind_a_filler(*reports: tuple[int, int]) -> AnswerSound:
    """An answer whose filler was reported as played in these steps: sample and underruns."""
    answer = AnswerSound()
    for sample, underruns in reports:
        answer.report(sample, underruns)
    answer.begin(FILLER_END)
    return answer


def test_only_the_first_beginning_counts() -> None:
    answer = behind_a_filler()
    answer.begin(FILLER_END + 900)
    assert answer.first == FILLER_END


def test_without_a_filler_every_underrun_is_the_answers() -> None:
    answer = AnswerSound()
    answer.begin(0)
    answer.report(500, 1)
    assert answer.underruns(1) == 1


def test_running_dry_between_filler_and_answer_is_no_underrun_of_the_answer() -> None:
    counted = behind_a_filler((2_000, 0), (FILLER_END, 1), (FILLER_END, 1))
    assert counted.underruns(1) == 0
    counted_late = behind_a_filler((2_000, 0), (FILLER_END, 0))
    assert counted_late.underruns(1) == 0
    not_reported = behind_a_filler((2_000, 0))
    assert not_reported.underruns(1) == 0


def test_an_answer_that_follows_without_a_gap_has_no_underrun() -> None:
    assert behind_a_filler((2_000, 1)).underruns(1) == 0


def test_running_dry_once_more_is_the_answers_underrun() -> None:
    assert behind_a_filler((2_000, 0), (FILLER_END, 1)).underruns(2) == 1
    assert behind_a_filler((2_000, 1), (FILLER_END, 2)).underruns(3) == 1
