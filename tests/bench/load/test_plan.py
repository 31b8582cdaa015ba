"""What the players of a measurement do: the lengths of their frames."""

from __future__ import annotations

import msgspec
import pytest

from frametalk.bench.load.plan import Plan

PLAN = Plan(port=1, sessions=1, cycle_s=1, seconds=1, sound="", decides=0, ends=0, engines_ms=0)
WINDOW_SAMPLES = 512  # 32 ms of 16 kHz


@pytest.mark.parametrize(("frame_ms", "samples", "aligned"), [(20, 320, 8), (40, 640, 4)])
def test_after_so_many_frames_one_begins_with_a_window(
    frame_ms: int, samples: int, aligned: int
) -> None:
    plan = msgspec.structs.replace(PLAN, frame_ms=frame_ms)
    assert (plan.frame_samples, plan.aligned) == (samples, aligned)
    assert plan.aligned * plan.frame_samples % WINDOW_SAMPLES == 0
