"""The cost of final texts beside plain calls, and which speech it is measured on."""

from __future__ import annotations

import pytest

from frametalk.bench.real.finals import Final, free_speech, summary
from heard_texts import FakeRecognisers, context, speech


def test_the_ratio_is_of_each_final_to_its_own_plain_call() -> None:
    values = summary([Final(100, 1_000, 1), Final(600, 1_200, 2), Final(90, 300, 1)])
    assert values["final_cpu_ratio"].p50 == pytest.approx(0.3)
    assert values["final_cpu_ratio"].n == values["second_readings_n"] == 3
    assert values["second_readings"] == pytest.approx(1 / 3, abs=1e-4)


def test_a_95th_percentile_needs_twenty_finals() -> None:
    slow = [Final(100, 1_000, 1)] * 18 + [Final(900, 1_000, 2)] * 2
    assert summary(slow)["final_cpu_ratio"].p95 == 0.9
    assert summary(slow[:19])["final_cpu_ratio"].p95 is None


def test_people_come_first_and_only_speech_of_two_to_six_seconds() -> None:
    made = context(
        FakeRecognisers(),
        free=[speech("by flite", sound_s=3)],
        pieces={"a": [speech("long", sound_s=9), speech("fits", sound_s=5)]},
    )
    assert [one.name for one in free_speech(made)] == ["fits", "by flite"]


def test_without_recordings_flite_is_enough() -> None:
    made = context(FakeRecognisers(), free=[speech("by flite", sound_s=3)])
    assert [one.name for one in free_speech(made)] == ["by flite"]
