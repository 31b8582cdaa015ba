"""The limit to the first token, by how fast a model reads."""

from __future__ import annotations

import pytest

from frametalk.adapters.llm.openai.pace import PATIENCE, SLOWEST, Pace

LEAST_MS, MOST_MS = 2_000.0, 25_000.0


def limit(pace: Pace, characters: int, now_ms: float = 0.0) -> float:
    return pace.first_ms(characters, now_ms, LEAST_MS, MOST_MS)


def test_nothing_is_known_at_first() -> None:
    assert limit(Pace(), 10_000) == LEAST_MS


@pytest.mark.parametrize(
    ("took_ms", "expected_ms"),
    [(100.0, LEAST_MS), (4_000.0, PATIENCE * 4_000), (60_000.0, MOST_MS)],
    ids=["fast", "slow", "too slow"],
)
def test_the_limit_follows_the_speed_between_its_bounds(took_ms: float, expected_ms: float) -> None:
    pace = Pace()
    pace.read(2_000, took_ms)
    assert limit(pace, 2_000) == expected_ms


def test_an_answer_from_the_cache_hardly_changes_a_slow_estimate() -> None:
    pace = Pace()
    pace.read(2_000, 4_000)
    pace.read(2_000, 100)
    assert limit(pace, 2_000) == pytest.approx(PATIENCE * 4_000 / 1.25)
    pace.read(150, 60_000)
    assert limit(pace, 2_000) == pytest.approx(PATIENCE * 4_000 / 1.25), "too short to tell"


def test_a_prompt_that_is_being_read_adds_what_is_left_of_it() -> None:
    pace = Pace()
    pace.began(1_000, 0)
    whole_ms = 1_000 / SLOWEST
    assert limit(pace, 1_000, 4_000) == LEAST_MS + whole_ms - 4_000
    assert limit(pace, 1_000, 60_000) == LEAST_MS
    pace.ended()
    assert limit(pace, 1_000, 4_000) == LEAST_MS
