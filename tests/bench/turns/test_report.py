"""The turns suite as a table and as a plot."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from frametalk.bench.report import this_machine, versions
from frametalk.bench.samples import Distribution
from frametalk.bench.turns.ends import ByPause, Point
from frametalk.bench.turns.live import BargeInTrial, EchoTrials, TurnTrial
from frametalk.bench.turns.measured import Measured, TurnsReport, summary
from frametalk.bench.turns.report import plot, table


def a_report() -> TurnsReport:
    turns = [
        TurnTrial(id=f"c{n}", kind="command", mouth_to_ear_ms=250.0 + n, ready=True)
        for n in range(20)
    ]
    over = [BargeInTrial(id="b", kind="backchannel", duck_ms=18.0)]
    ours = summary(turns, over, [EchoTrials(delay_ms=40, level_db=-6, replies=25)], 0.25)
    fixed: Measured = summary(turns[:2], [], [], None)
    curve = [
        Point(rule, ms, ms + 50, 0.2, 0.1, 0.2)
        for rule in ("fixed timeout", "words", "words + smart-turn")
        for ms in (200, 400)
    ]
    return TurnsReport(
        suite="turns",
        sessions=1,
        utterances=130,
        mouth_to_ear_ms=ours.mouth_to_ear_ms,
        false_cut_rate=ours.false_cut_rate,
        split_turn_rate=ours.split_turn_rate,
        ready_at_end_rate=ours.ready_at_end_rate,
        duck_ms=ours.duck_ms,
        barge_in_stop_ms=ours.barge_in_stop_ms,
        backchannel_kept_rate=ours.backchannel_kept_rate,
        self_interruptions=ours.self_interruptions,
        waste_ratio=ours.waste_ratio,
        ours=ours,
        fixed_timeout=fixed,
        bench_lag_ms=Distribution.of([1.0]),
        curve=curve,
        by_pause=[ByPause(200, 12, 0.25, 0.0), ByPause(500, 9, 0.5, 0.125)],
        settings=[],
        machine=this_machine(),
        versions=versions(),
    )


def test_the_table_compares_with_a_fixed_timeout_and_has_dashes_for_missing_values() -> None:
    out = io.StringIO()
    Console(file=out, width=120).print(table(a_report()))
    text = out.getvalue()
    assert "259 / 268 (20)" in text
    assert "0 of 25" in text
    assert "- / - (0)" in text
    assert "words + smart-turn 400 ms" in text
    assert "20.0%, 10.0%" in text
    assert "pauses of 500 ms and more (9)" in text


@pytest.mark.parametrize(("name", "begins"), [("curve.png", b"\x89PNG"), ("curve.svg", b"<?xml")])
def test_the_curve_is_drawn(tmp_path: Path, name: str, begins: bytes) -> None:
    plot(a_report(), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(begins)
