"""Results of suites as `--json` writes them, made from the suites' own reports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from frametalk.bench.client.run import ClientReport, Cost
from frametalk.bench.load.report import LoadReport, Objective
from frametalk.bench.overhead.report import Footprint, OverheadReport
from frametalk.bench.report import Machine
from frametalk.bench.samples import Distribution, Traced
from frametalk.bench.turns.ends import ByPause, Point
from frametalk.bench.turns.live import BargeInTrial, TurnTrial
from frametalk.bench.turns.measured import TurnsReport, summary
from frametalk.bench.waterfalls import Waterfalls
from load_levels import level

MACHINE = Machine("Linux 6.1", "x86_64", 2, "3.11.7", 0.5)
VERSIONS = {"frametalk": "1.2.3"}
STAGES = {"capture": 20.0, "endpoint_wait": 640.0, "recognition": 60.0}


def written(file: Path, data: Mapping[str, Any]) -> Path:
    """A file with this result."""
    file.write_bytes(msgspec.json.encode(data))
    return file


def _data(report: Any) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(report))
    found = {"p50": 900.0, "p95": 1000.0, "p99": None, "n": 50, "values": []}
    found |= {f"{rank}_ci": [None, None] for rank in ("p50", "p95", "p99")}
    data.setdefault("sessions", 1)
    data.setdefault("versions", VERSIONS)
    calibration = {"loop_us": found, "awake_us": found | {"p50": 600.0}, "asleep_ratio": 1.5}
    return data | {"calibration": calibration, "repeats": 1, "stopped": False}


def overhead(turns: int = 30) -> dict[str, Any]:
    """Turns of one player; the first is the fastest."""
    keys = [f"0.{n}" for n in range(turns)]
    values = [5.0 + n for n in range(turns)]
    found = Distribution.of(values, keys)
    traces = [Traced(720.0, tuple(STAGES.items()), "") for _ in range(turns)]
    return _data(
        OverheadReport(
            suite="overhead",
            sessions=1,
            turns=turns,
            overhead_ms=found,
            barge_in_ms=Distribution.of(each / 2 for each in values),
            barge_in_onset_ms=Distribution.of(each + 96 for each in values),
            mouth_to_ear_ms=Distribution.of((each + 200 for each in values), keys),
            parts_ms={"engines": Distribution.of([200.0] * turns, keys), "overhead": found},
            late_frames=0,
            cpu_s_per_session_minute=0.6,
            rss_mb=60.0,
            ready_ms=400.0,
            idle_session_mb=0.1,
            embedded=Footprint(True, 900, 120.0, 0.5),
            embedded_missing="",
            turns_lost={},
            errors={},
            traced=Waterfalls.of([*traces, Traced(None, (), "no speech: the turn was typed")]),
            client={"mic_late_frames": 0},
            settings=["log.level=WARNING"],
            machine=MACHINE,
            versions=VERSIONS,
        )
    )


def turns() -> dict[str, Any]:
    """Two rules at two settings each; four commands, one of them with a tool call."""
    trials = [
        TurnTrial(
            id=f"command-{n}",
            kind="command",
            understood="open the door",
            mouth_to_ear_ms=720.0 + n,
            waterfall_ms=STAGES | ({"tools": 5.0} if n == 1 else {}),
        )
        for n in range(4)
    ]
    traces = [Traced(720.0, tuple(trial.waterfall_ms.items()), "") for trial in trials]
    ours = summary(
        trials, [BargeInTrial(id="b", kind="backchannel", duck_ms=18.0)], [], 0.2, traces
    )
    rules = [
        Point(rule, ms, ms + 50, 60 / ms, 30 / ms, 0.2)
        for rule in ("fixed timeout", "words")
        for ms in (200, 400)
    ]
    kept = ("mouth_to_ear_ms", "false_cut_rate", "split_turn_rate", "ready_at_end_rate", "duck_ms")
    same = {name: getattr(ours, name) for name in kept}
    return _data(
        TurnsReport(
            suite="turns",
            sessions=2,
            utterances=4,
            **same,
            barge_in_stop_ms=ours.barge_in_stop_ms,
            backchannel_kept_rate=1.0,
            self_interruptions=None,
            waste_ratio=0.2,
            ours=ours,
            fixed_timeout=summary(trials[:1], [], [], None),
            bench_lag_ms=Distribution.of([1.0, 2.0]),
            curve=rules,
            by_pause=[ByPause(200, 12, 0.25, 0.0), ByPause(500, 9, 0.5, 0.125)],
            settings=[],
            machine=MACHINE,
            versions=VERSIONS,
        )
    )


def load() -> dict[str, Any]:
    """Three numbers of sessions, of which the last breaks an objective."""
    levels = [level(1, 0.02), level(20, 0.3), level(50, 0.7, ("overhead p95",))]
    return _data(
        LoadReport(
            engines="scripted",
            sessions=50,
            levels=levels,
            sessions_at_60_percent=42.5,
            carried=20,
            limited_by="overhead p95 at 50 sessions",
            cost_ratio=0.7,
            calibration_us=[900.0, 901.0],
            objective=Objective(),
            settings=[],
            machine=MACHINE,
            versions=VERSIONS,
        )
    )


def client(frames: int = 1000) -> dict[str, Any]:
    """Frames that cost 0.1 ms, but for the last, which costs 1 ms."""
    return _data(
        ClientReport(
            suite="client",
            client="godot",
            engine="Godot 4.6",
            replies=5,
            frame_ms=Cost.of([0.1] * (frames - 1) + [1.0]),
            lips_ms=Distribution.of([0.0, 0.1] * (frames // 2)),
            lips_distance_ms=Distribution.of([0.0, 0.1] * (frames // 2)),
            frame_share={"72": 0.0072, "90": 0.009, "120": 0.012},
            garbage_bytes_per_frame=None,
            machine=MACHINE,
        )
    )


def attack() -> dict[str, Any]:
    """A suite without charts of its own: lists of things, and values in them."""
    calm = Distribution.of([150.0 + n for n in range(10)])
    floods = [
        {"name": name, "neighbour_ms": calm, "lost": n, "said": "goodbye"}
        for n, name in enumerate(("small messages", "pings"))
    ]
    return _data(
        {
            "suite": "attack",
            "wrong": 0,
            "neighbour_calm_ms": calm,
            "floods": floods,
            "machine": MACHINE,
        }
    )


ALL = {"overhead": overhead, "turns": turns, "load": load, "client": client, "attack": attack}
