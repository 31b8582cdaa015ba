"""Traces for Perfetto: what may overlap has tracks of its own, and a turn can be shown alone."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from frametalk.diary import Diary, TurnEntry
from frametalk.perfetto import trace_events
from frametalk.workers.supervisor import CallTime
from trace_checks import imported


class Moment(Diary):
    """A diary whose present the test sets."""

    def __init__(self, now_s: float = 10.0) -> None:
        self.now_s = now_s
        super().__init__(lambda: self.now_s)

    def stepped(self, name: str, seconds: float, ended_s: float) -> None:
        self.now_s = ended_s
        self.step(name, seconds)

    def turn(self, number: int, heard_s: float, *stages_ms: float) -> None:
        """A measured turn; its reply was heard at `heard_s`."""
        names = ("capture", "recognition", "sending", "client_buffer")
        stages = tuple(zip(names, stages_ms, strict=False))
        total_ms = sum(stages_ms)
        self.answered(
            TurnEntry(number, number, heard_s, total_ms, stages, "", False, 0, heard_s=heard_s)
        )


def checked(*args: Any, **options: Any) -> list[dict[str, Any]]:
    return imported(json.dumps(trace_events(*args, **options)))


def slices(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in events if each["ph"] == "X"]


def test_calls_of_one_worker_that_overlap_are_on_different_tracks() -> None:
    diary = Moment()
    diary.stepped("talk", 5.0, 6.0)
    calls = [
        CallTime("whisper", "hear", 7, 1.0, 3.0),
        CallTime("whisper", "hear", 7, 2.0, 4.0),
        CallTime("whisper", "hear", 7, 3.5, 5.0),
        CallTime("espeak", "speak", 8, 1.5, 1.6),
    ]
    events = checked([("s", diary)], calls, 1)
    placed = [(each["tid"], each["ts"]) for each in slices(events) if each["pid"] == 1_000_007]
    assert placed == [(1, 1e6), (2, 2e6), (1, 3.5e6)]
    names = [each["args"]["name"] for each in events if each["name"] == "process_name"]
    assert names == ["s", "worker whisper of 1", "worker espeak of 1"]


def test_steps_are_placed_where_they_began() -> None:
    diary = Moment(10.0)
    diary.step("think", 0.25)
    (step,) = slices(checked([("s", diary)], (), 1))
    assert (step["name"], step["ts"], step["dur"]) == ("think", 9.75e6, 0.25e6)


def test_a_turn_is_shown_without_the_others_and_with_the_calls_made_meanwhile() -> None:
    diary = Moment()
    for number in (1, 2):
        diary.now_s = 10.0 * number
        diary.event("SpeechStarted", number)
        diary.stepped("think", 0.2, 10.0 * number + 1)
        diary.decision("wait 640 ms")
        diary.turn(number, 10.0 * number + 2, 20.0, 100.0, 5.0, 40.0)
    calls = [CallTime("espeak", "speak", 8, at_s, at_s + 0.1) for at_s in (11.5, 16.0, 21.5)]
    events = checked([("s", diary)], calls, 1, turn=2)
    assert {each["args"]["turn"] for each in events if "turn" in each.get("args", {})} == {2}
    assert [each["ts"] for each in slices(events) if each["name"] == "speak"] == [21.5e6]
    assert len(slices(checked([("s", diary)], calls, 1))) == 2 * (1 + 1 + 4) + 3


def test_calls_of_other_times_are_left_out() -> None:
    calls = [CallTime("espeak", "speak", 8, 1.0, 2.0)]
    assert checked((), calls, 1) == []


steps = st.lists(
    st.tuples(st.sampled_from(("think", "speak")), st.floats(0, 3), st.floats(10, 20)), max_size=12
)
turns = st.lists(
    st.tuples(st.floats(10, 20), st.lists(st.floats(0, 900), min_size=4, max_size=4)), max_size=6
)


@given(steps, turns)
def test_whatever_overlaps_is_shown(
    steps: list[tuple[str, float, float]], turns: list[tuple[float, list[float]]]
) -> None:
    diary = Moment()
    for name, seconds, ended_s in sorted(steps, key=lambda each: each[2]):
        diary.stepped(name, seconds, ended_s)
    for number, (heard_s, stages_ms) in enumerate(turns, 1):
        diary.turn(number, heard_s, *stages_ms)
    events = checked([("s", diary)])
    assert len(slices(events)) == len(steps) + 5 * len(turns)


def test_a_diary_is_bounded() -> None:
    diary = Diary(lambda: 0.0)
    for number in range(10_000):
        diary.decision(str(number))
    assert len(diary.entries) == 2_000
    assert diary.entries[-1].name == "9999"
