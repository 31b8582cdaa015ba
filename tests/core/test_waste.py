"""How many answers may be made in vain."""

from __future__ import annotations

from frametalk.core.waste import Waste


def test_a_turn_has_its_limit_and_the_next_one_begins_afresh() -> None:
    waste = Waste(per_turn=2, per_minute=10)
    assert waste.allows(1, 0.0)
    waste.discarded(1, 0.0)
    waste.discarded(1, 1.0)
    assert not waste.allows(1, 1.0)
    assert waste.allows(2, 1.0)
    assert waste.of(1) == 2


def test_a_minute_has_its_limit_and_passes() -> None:
    waste = Waste(per_turn=10, per_minute=3)
    for turn in range(3):
        waste.discarded(turn, 10.0 * turn)
    assert not waste.allows(9, 59.0)
    assert waste.allows(9, 60.0)
