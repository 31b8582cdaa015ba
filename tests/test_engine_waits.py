"""How long sessions wait for engines, and what is refused because of it."""

from __future__ import annotations

import pytest

from frametalk.engine_waits import WINDOW_S, EngineWaits
from frametalk.errors import Fault, FrametalkError


class Waits(EngineWaits):
    """Waits at a time that the test sets."""

    def __init__(self, limit_ms: float = 3_000) -> None:
        self.now_s = 1_000.0
        super().__init__(limit_ms, lambda: self.now_s)

    def after(self, step: str, *waits_s: float) -> Waits:
        for each in waits_s:
            self.observe(step, each)
        return self


def test_short_waits_are_no_load() -> None:
    waits = Waits().after("recognition", *[0.2] * 20).after("voice_first_sound", *[0.1] * 20)
    assert (waits.wait_ms, waits.is_long) == (200, False)
    waits.check()


def test_each_step_has_its_own_median_once_there_are_enough() -> None:
    waits = Waits().after("recognition", 0.1, 0.2, 0.2, 0.9).after("voice_first_sound", 0.1)
    assert waits.medians_ms == {"recognition": 200, "voice_first_sound": None}


@pytest.mark.parametrize("step", ["recognition", "voice_first_sound"])
def test_a_server_whose_engines_keep_sessions_waiting_takes_no_more(step: str) -> None:
    waits = Waits().after(step, 3.1, 3.2, 3.3, 3.4)
    with pytest.raises(FrametalkError, match="server_busy") as refused:
        waits.check()
    assert (refused.value.fatal, refused.value.fault) == (True, Fault.SERVER)
    assert refused.value.retry_after_ms == 5_000


@pytest.mark.parametrize(
    "waits_s",
    [(60.0, 60.0, 60.0), (0.2, 0.2, 60.0, 60.0, 60.0, 0.2, 0.2), (60.0,) * 7 + (0.2,) * 4],
)
def test_a_few_long_waits_are_no_load(waits_s: tuple[float, ...]) -> None:
    assert not Waits().after("recognition", *waits_s).is_long


def test_a_slow_mind_is_no_load() -> None:
    assert not Waits().after("mind_first_token", *[60.0] * 7).is_long


def test_a_server_without_turns_takes_sessions_again() -> None:
    waits = Waits().after("recognition", *[9.0] * 7)
    waits.now_s += WINDOW_S
    assert waits.is_long
    waits.now_s += 1
    assert not waits.is_long


def test_no_limit_refuses_nothing() -> None:
    waits = Waits(limit_ms=0).after("recognition", *[60.0] * 7)
    assert (waits.wait_ms, waits.is_long) == (60_000, False)
    waits.check()
