"""Conversations whose connections are cut at any message: nothing is lost, nothing comes twice."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import looptime
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cutting import Cutter, Direction, Where, converse, lost
from frametalk.bench.network.talk import Outcome
from frametalk.headless.resuming import ResumingLink
from frametalk.transports.arrivals import Arrivals
from frametalk.transports.unconfirmed import Unconfirmed

EXAMPLES, ALL_EXAMPLES = 12, 300
CUTS = st.lists(
    st.tuples(st.sampled_from(["up", "down"]), st.integers(0, 60), st.booleans()), max_size=30
)


def on_virtual_time(
    conversation: Coroutine[Any, Any, tuple[Outcome, Cutter]],
) -> tuple[Outcome, Cutter]:
    loop = looptime.new_event_loop()
    try:
        result: tuple[Outcome, Cutter] = loop.run_until_complete(conversation)
        return result
    finally:
        loop.close()


def test_an_uncut_conversation_loses_nothing() -> None:
    outcome, cutter = on_virtual_time(converse([], turns=4))
    assert (lost(outcome), outcome.turns, outcome.resume_ms, cutter.made) == ({}, 4, [], 0)


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_message_of_each_type_is_lost_once(direction: Direction) -> None:
    _, uncut = on_virtual_time(converse([], turns=3))
    seen = uncut.seen[direction]
    for number, kind in enumerate(sorted(set(seen) - {"hello", "welcome", "bye"})):
        cut = (direction, seen.index(kind), number % 2 == 1)
        outcome, cutter = on_virtual_time(converse([cut], turns=3))
        assert cutter.made == 1, kind
        assert lost(outcome) == {}, kind


def test_conversations_that_are_cut_anywhere_lose_nothing(pytestconfig: pytest.Config) -> None:
    made = 0
    examples = ALL_EXAMPLES if pytestconfig.getoption("whole_fuzz") else EXAMPLES

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(CUTS, st.integers(0, 1_000))
    def talks(cuts: list[Where], seed: int) -> None:
        nonlocal made
        # Without its first welcome a client has no token.
        first = [(cuts[0][0], cuts[0][1] + 1, cuts[0][2]), *cuts[1:]] if cuts else []
        outcome, cutter = on_virtual_time(converse(first, turns=4, seed=seed))
        assert lost(outcome) == {}
        assert len(outcome.resume_ms) <= cutter.made
        made += cutter.made

    talks()
    assert made >= examples * 2


# ---- the comparison finds what it should find ----------------------------------------------------

CUT: list[Where] = [("down", 40, False), ("up", 40, False), ("down", 25, True), ("up", 30, False)]


def broken(
    monkeypatch: pytest.MonkeyPatch, owner: type, name: str, by: Callable[..., Any]
) -> set[str]:
    """What a conversation loses with this method replaced."""
    monkeypatch.setattr(owner, name, by)
    outcome, _ = on_virtual_time(converse(CUT, turns=4))
    return set(lost(outcome))


def test_a_client_that_repeats_everything_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = broken(monkeypatch, ResumingLink, "_confirm", lambda *_args: None)
    assert "control_doubled" in found


def test_a_server_that_repeats_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = broken(monkeypatch, Unconfirmed, "after", lambda *_args: iter(()))
    assert found & {"control_lost", "reply_samples_lost"}


def test_a_server_that_miscounts_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    take = Arrivals.take

    def takes(arrivals: Arrivals, inbound: Any) -> None:
        take(arrivals, inbound)
        if arrivals.mic_sample is not None:
            arrivals.mic_sample += 640

    assert broken(monkeypatch, Arrivals, "take", takes)
