"""The server's traces of a bench: sums, the client's own clock, and turns that were not measured."""

from __future__ import annotations

import pytest

from frametalk.bench.samples import Session, Traced, TurnSample
from frametalk.bench.waterfalls import Waterfalls


def test_stages_are_those_of_measured_turns_and_the_others_are_counted_by_reason():
    found = Waterfalls.of(
        [
            Traced(300.0, (("endpoint_wait", 200.0), ("recognition", 100.0)), ""),
            Traced(310.5, (("endpoint_wait", 210.0), ("recognition", 100.0)), ""),
            Traced(None, (("endpoint_wait", 999.0),), "typed"),
            Traced(None, (), "typed"),
            Traced(None, (), ""),
        ]
    )
    assert found.measured == 2
    assert found.unmeasured == {"typed": 2, "no reason": 1}
    assert found.worst_sum_error_ms == pytest.approx(0.5)
    assert found.stages_ms["endpoint_wait"].values == (200.0, 210.0)
    assert found.in_words == "2 measured, 3 not (2 typed, 1 no reason); sums within 0.50 ms"


def heard(reply: int, mouth_to_ear_s: float) -> TurnSample:
    """A turn of which the client knows only when the player and the reply were heard."""
    return TurnSample(1.0, 1, 1, 1, 1, 1, 1.0 + mouth_to_ear_s, 0, key=f"0.{reply}", reply=reply)


def test_a_trace_whose_stages_add_up_is_still_compared_with_the_clients_clock():
    early = Traced(300.0, (("endpoint_wait", 200.0), ("recognition", 100.0)), "", reply=1)
    right = Traced(310.0, (("endpoint_wait", 210.0), ("recognition", 100.0)), "", reply=2)
    player = Session(turns=[heard(2, 0.312), heard(1, 0.350)], traces=[early, right])

    found = Waterfalls.of(player.traces, player.differences.items())

    assert found.worst_sum_error_ms == 0
    assert found.worst_difference_ms == pytest.approx(50)
    assert found.difference_ms.values == pytest.approx((-2, -50))
    assert found.difference_ms.keys == ("0.2", "0.1")
    assert found.in_words == (
        "2 measured, 0 not; sums within 0.00 ms, the client's clock within 50.0 ms"
    )


def test_a_turn_that_one_of_both_did_not_measure_is_not_compared():
    unmeasured, other = Traced(None, (), "cut", reply=1), Traced(300.0, (), "", reply=3)
    player = Session(turns=[heard(1, 0.3), heard(2, 0.3)], traces=[unmeasured, other])
    assert player.differences == {}
    assert Waterfalls.of(player.traces, ()).worst_difference_ms is None


def test_no_traces_are_no_turns():
    assert Waterfalls.of([]) == Waterfalls()
