"""Percentiles by nearest rank, and parts that add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.bench.samples import BargeInSample, Distribution, TurnSample


def test_percentiles_are_measured_values():
    found = Distribution.of(range(1, 101))
    assert (found.n, found.p50, found.p95, found.p99) == (100, 50, 95, 99)


@pytest.mark.parametrize(
    ("n", "known"), [(0, ""), (1, "p50"), (19, "p50"), (20, "p50 p95"), (99, "p50 p95")]
)
def test_a_percentile_of_too_few_values_is_none(n, known):
    found = Distribution.of([1.0] * n)
    assert found.n == n
    assert " ".join(name for name in ("p50", "p95", "p99") if getattr(found, name)) == known


@given(st.lists(st.floats(0, 1e4), min_size=100, max_size=150))
def test_percentiles_are_in_order_and_within_the_values(values):
    found = Distribution.of(values)
    assert found.p50 <= found.p95 <= found.p99 <= round(max(values), 3)


@given(st.lists(st.floats(0, 2), min_size=7, max_size=7), st.floats(0, 1))
def test_the_parts_of_a_turn_add_up_to_mouth_to_ear(instants, engines_s):
    turn = TurnSample(*sorted(instants), engines_s=engines_s)
    assert sum(turn.parts_ms.values()) == pytest.approx(turn.mouth_to_ear_ms, abs=1e-6)


def test_overhead_leaves_out_what_the_client_and_the_engines_took():
    turn = TurnSample(
        speech_end_s=1.000,
        decided_s=1.480,  # endpoint wait
        framed_s=1.488,  # the frame was not full yet
        sent_s=1.490,  # the client was late
        arrived_s=1.695,  # 200 ms of this were the engines
        started_s=1.735,
        audible_s=1.740,
        engines_s=0.200,
    )
    assert turn.parts_ms == pytest.approx(
        {
            "endpoint_wait": 480,
            "framing": 8,
            "client_late": 2,
            "overhead": 5,
            "engines": 200,
            "client_buffer": 40,
            "audible_onset": 5,
        }
    )


def test_an_interruption_is_timed_from_the_decision_and_from_the_onset():
    sample = BargeInSample(onset_s=2.0, sent_s=2.1, cut_s=2.104)
    assert sample.decided_ms == pytest.approx(4)
    assert sample.onset_ms == pytest.approx(104)
