"""How many drafts a conversation may discard."""

from __future__ import annotations

from frametalk.core.draft_budget import DraftBudget


def test_each_turn_has_its_own_limit() -> None:
    budget = DraftBudget(per_turn=2, per_minute=10)
    assert budget.allows(1, 0.0)
    budget.discard(1, 0.0)
    budget.discard(1, 1.0)
    assert not budget.allows(1, 1.0)
    assert budget.allows(2, 1.0)
    assert budget.discarded_in(1) == 2


def test_the_limit_per_minute_ends_with_the_minute() -> None:
    budget = DraftBudget(per_turn=10, per_minute=3)
    for turn in range(3):
        budget.discard(turn, 10.0 * turn)
    assert not budget.allows(9, 59.0)
    assert budget.allows(9, 60.0)
