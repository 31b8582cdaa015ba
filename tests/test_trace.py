"""Steps timed one way, and the instants that a turn's stages end at."""

from __future__ import annotations

import logging

import pytest

from frametalk.trace import Step, TurnTrace

# ---- steps ---------------------------------------------------------------------------------------


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now_s = 10.0
        self.observed: list[tuple[str, float]] = []

    def step(self, name: str, turn: TurnTrace | None = None) -> Step:
        return Step(name, lambda: self.now_s, lambda *seen: self.observed.append(seen), turn)


def test_a_step_is_observed_with_its_name_and_length():
    clock = Clock()
    with clock.step("recognition"):
        clock.now_s += 0.5

    assert clock.observed == [("recognition", 0.5)]


def test_a_step_marks_the_stage_of_its_turn():
    clock, turn = Clock(), TurnTrace()
    with clock.step("recognition", turn):
        clock.now_s += 0.5

    assert turn.instants == {"recognition": 10.5}


def test_a_step_that_fails_is_observed_and_fails():
    clock = Clock()
    with pytest.raises(ZeroDivisionError), clock.step("think"):
        1 / 0  # noqa: B018  (the error is the point)

    assert [name for name, _seconds in clock.observed] == ["think"]


def test_only_the_first_end_counts():
    clock = Clock()
    step = clock.step("tool_call")
    clock.now_s += 0.25
    assert step.end() == 0.25
    clock.now_s += 1
    assert step.end() == 0.25
    assert clock.observed == [("tool_call", 0.25)]


def test_steps_may_overlap():
    clock = Clock()
    outer, inner = clock.step("outer"), clock.step("inner")
    outer.end()
    inner.end()

    assert [name for name, _seconds in clock.observed] == ["outer", "inner"]


def test_a_step_is_logged_at_debug_only(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("frametalk"), "propagate", True)  # a server may have run
    with caplog.at_level(logging.INFO, logger="frametalk.trace"):
        Clock().step("quiet").end()
    assert caplog.records == []

    with caplog.at_level(logging.DEBUG, logger="frametalk.trace"):
        Clock().step("shown").end()
    assert "shown took" in caplog.text


# ---- marks ---------------------------------------------------------------------------------------


def test_the_first_mark_of_a_stage_counts():
    marks = TurnTrace()
    marks.mark("mind_first_token", 1.0)
    marks.mark("mind_first_token", 2.0)
    assert marks.instants == {"mind_first_token": 1.0}


def test_the_tools_stage_ends_with_the_last_outcome_before_the_first_words():
    marks = TurnTrace()
    marks.mark("tools", 1.0)
    marks.mark("tools", 2.0)
    marks.mark("first_clause", 3.0)
    marks.mark("tools", 4.0)
    assert marks.instants["tools"] == 2.0


def test_a_call_after_the_first_words_is_not_a_stage():
    marks = TurnTrace()
    marks.mark("first_clause", 3.0)
    marks.mark("tools", 4.0)
    assert "tools" not in marks.instants
