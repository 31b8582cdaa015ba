"""Scales: round ticks, every value within, and an even tail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.bench.html.scales import Scale, linear, tail, whole

VALUES = st.lists(st.floats(-1e9, 1e9).filter(lambda value: not 0 < abs(value) < 1e-6), min_size=1)


@given(VALUES, st.booleans())
def test_every_value_lies_between_few_labelled_ticks(values: list[float], zero: bool) -> None:
    scale = linear(values, 40, 300, zero=zero)
    assert scale.low <= min(values) or scale.low == pytest.approx(min(values))
    assert scale.high >= max(values) or scale.high == pytest.approx(max(values))
    assert 2 <= len(scale.ticks) <= 8
    assert all(40 <= scale.at(value) <= 340 for value in values)


def test_ticks_are_round_and_from_zero_if_it_is_said():
    assert [text for _at, text in linear([31, 97], 0, 100, zero=True).ticks] == [
        "0",
        "25",
        "50",
        "75",
        "100",
    ]
    assert linear([31, 97], 0, 100, zero=False).low == 20


def test_a_scale_that_goes_up_has_its_highest_value_at_the_top():
    scale = Scale(0, 10, 200, -150)
    assert (scale.at(0), scale.at(10), scale.at(5)) == (200, 50, 125)
    assert scale.at(20) == 50  # outside: at the end


@pytest.mark.parametrize("values", [[], [0.0], [7.0, 7.0], [-3.0]])
def test_equal_values_and_none_have_a_scale_too(values: list[float]) -> None:
    scale = linear(values, 0, 100, zero=False)
    assert scale.high > scale.low


def test_the_tail_of_percentiles_is_widened():
    scale = tail(10_000, 0, 400)
    assert scale.at(0.99) - scale.at(0.9) == pytest.approx(scale.at(0.999) - scale.at(0.99))
    assert [text for _at, text in tail(20, 0, 400).ticks] == ["0", "50", "75", "90", "95"]


def test_a_count_has_ticks_at_whole_numbers_only():
    assert [at for at, _text in whole(linear([0, 2], 0, 100, zero=True)).ticks] == [0, 1, 2]
