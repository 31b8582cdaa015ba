"""Work whose time may grow with its input, and not faster. It compares CPU time within one run."""

from __future__ import annotations

import time
from collections.abc import Callable

TIMES_LINEAR = 4.0  # for a busy machine; ten times the input takes quadratic work 100 times as long
GRAIN_S = 0.02


def cpu_s(work: Callable[[], object]) -> float:
    """The CPU time of a call."""
    began_s = time.process_time()
    work()
    return time.process_time() - began_s


def assert_linear(work: Callable[[int], object], small: int, large: int) -> None:
    """The time of `work(large)` is at most in proportion to that of `work(small)`."""
    small_s = min(cpu_s(lambda: work(small)) for _ in range(3))
    assert cpu_s(lambda: work(large)) <= TIMES_LINEAR * large / small * small_s + GRAIN_S
