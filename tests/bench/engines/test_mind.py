"""The mind's bench: it measures, and it would find failures."""

from __future__ import annotations

import logging

import pytest

from frametalk.bench.engines.injections import WAYS, injections
from frametalk.bench.engines.mind import TEXT, FaultSurvived, attacked, overhead, survived
from frametalk.mind_stub.faults import Fault

pytestmark = pytest.mark.real


async def test_no_attack_reaches_the_game_although_the_model_obeys() -> None:
    some = list(injections())[::9]
    assert {attack.way for attack in some} == set(WAYS)
    assert await attacked(some) == (0, len(some))


async def test_the_same_attacks_reach_a_game_that_checks_nothing() -> None:
    some = list(injections())[::9]
    reached, obeyed = await attacked(some, unguarded=True)
    assert reached >= len(some)
    assert obeyed == len(some)


@pytest.mark.parametrize(
    "fault", [Fault.UNAUTHORISED, Fault.CUT_IN_MIDDLE, Fault.BAD_TOOL_ARGUMENTS]
)
async def test_a_fault_is_answered(fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    result = await survived(fault)
    assert result.closed
    assert result.said
    assert result.next_said == TEXT


async def test_first_tokens_of_the_adapter_and_the_bare_sdk_are_timed() -> None:
    ours_ms, bare_ms, overhead_ms = await overhead(pairs=3)
    assert min(ours_ms, bare_ms) > 0
    assert abs(overhead_ms) < max(ours_ms, bare_ms)


@pytest.mark.parametrize(
    ("said_ms", "said", "closed", "next_said"),
    [
        (None, "", True, TEXT),
        (2_501.0, "Hm.", True, TEXT),
        (10.0, "", True, TEXT),
        (10.0, "Hm.", False, TEXT),
        (10.0, "Hm.", True, "Hm."),
        (10.0, "Hm.", True, ""),
    ],
)
def test_a_late_silent_open_or_lasting_fault_does_not_count_as_answered(
    said_ms: float | None, said: str, closed: bool, next_said: str
) -> None:
    assert FaultSurvived("x", 10.0, "Hm.", True, TEXT, []).answered
    assert not FaultSurvived("x", said_ms, said, closed, next_said, []).answered
