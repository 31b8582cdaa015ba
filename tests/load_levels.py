"""Levels of a load measurement, made up."""

from __future__ import annotations

from frametalk.bench.load.report import Level
from frametalk.bench.samples import Distribution


def level(sessions: int, share: float, broken: tuple[str, ...] = ()) -> Level:
    """A level at which everything is well, but for what is `broken`."""
    return Level(
        sessions=sessions,
        turns=sessions,
        missed=0,
        overhead_ms=Distribution.of([5.0]),
        mouth_to_ear_ms=Distribution.of([800.0]),
        cpu_core_share=share,
        main_share=share,
        stages={"voice activity": share / 2, "sockets": share / 4},
        stage_samples=1_000,
        workers={"espeak": share},
        us_per_frame=share / sessions * 20_000,
        loop_lag_ms=Distribution.of([1.0] * 100),
        late_frames=0,
        rss_mb=100,
        rss_per_session_mb=0.3,
        trace_p95_ms={},
        errors={},
        client_share=0.1,
        client_behind_ms=Distribution.of([0.1]),
        broken=list(broken),
    )
