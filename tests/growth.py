"""Work whose time may grow with its input, and not faster. It compares CPU time within one run."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

TIMES_LINEAR = 4.0  # for a busy machine; ten times the input takes quadratic work 100 times as long
GRAIN_S = 0.02
TRIES = 3  # neighbours of the core slow one measurement down; quadratic work fails each of them


def cpu_s(work: Callable[[], object]) -> float:
    """The CPU time of a call, without the collector, whose cost depends on what other tests have left."""
    gc.collect()
    gc.disable()
    try:
        began_s = time.process_time()
        work()
        return time.process_time() - began_s
    finally:
        gc.enable()


def grows_linearly(work: Callable[[int], object], small: int, large: int) -> bool:
    small_s = min(cpu_s(lambda: work(small)) for _ in range(3))
    return cpu_s(lambda: work(large)) <= TIMES_LINEAR * large / small * small_s + GRAIN_S


def assert_linear(work: Callable[[int], object], small: int, large: int) -> None:
    """The time of `work(large)` is at most in proportion to that of `work(small)`, in one try at least."""
    assert any(grows_linearly(work, small, large) for _ in range(TRIES))
