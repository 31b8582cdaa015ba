"""Traces for Perfetto: what may overlap has tracks of its own."""

from __future__ import annotations

from frametalk.diary import Diary
from frametalk.perfetto import trace_events
from frametalk.workers.supervisor import CallTime


def test_calls_of_one_worker_that_overlap_are_on_different_tracks() -> None:
    calls = [
        CallTime("whisper", "hear", 7, 1.0, 3.0),
        CallTime("whisper", "hear", 7, 2.0, 4.0),
        CallTime("whisper", "hear", 7, 3.5, 5.0),
        CallTime("espeak", "speak", 8, 1.5, 1.6),
    ]
    events = trace_events((), calls, 1)["traceEvents"]
    slices = [(each["pid"], each["tid"], each["ts"]) for each in events if each["ph"] == "X"]
    assert [(tid, ts) for pid, tid, ts in slices if pid == 1_000_007] == [
        (1, 1e6),
        (2, 2e6),
        (1, 3.5e6),
    ]
    names = [each["args"]["name"] for each in events if each["name"] == "process_name"]
    assert names == ["worker whisper of 1", "worker espeak of 1"]


def test_steps_are_placed_where_they_began() -> None:
    now_s = 10.0
    diary = Diary(lambda: now_s)
    diary.step("think", 0.25)
    (step,) = [
        each for each in trace_events([("s", diary)], (), 1)["traceEvents"] if each["ph"] == "X"
    ]
    assert (step["name"], step["ts"], step["dur"]) == ("think", 9.75e6, 0.25e6)


def test_a_diary_is_bounded() -> None:
    diary = Diary(lambda: 0.0)
    for number in range(10_000):
        diary.decision(str(number))
    assert len(diary.entries) == 2_000
    assert diary.entries[-1].name == "9999"
