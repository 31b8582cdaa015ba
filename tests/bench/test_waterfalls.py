"""The server's traces of a bench: sums, and turns that were not measured."""

from __future__ import annotations

import pytest

from frametalk.bench.samples import Traced
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


def test_no_traces_are_no_turns():
    assert Waterfalls.of([]) == Waterfalls()
