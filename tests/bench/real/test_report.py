"""The table of the real suite: values by their names, and what is missing."""

from __future__ import annotations

import io

from rich.console import Console

from frametalk.bench.real.report import table
from frametalk.bench.real.run import RealReport
from frametalk.bench.report import this_machine
from frametalk.bench.samples import Distribution


def printed(report: RealReport) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(table(report))
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_values_have_their_names_and_long_lists_stay_in_the_json() -> None:
    report = RealReport(
        wer={"commands": 0.0213, "commands_n": 120, "wrong": {"commands": ["door | drawer"]}},
        final_cpu_ratio=Distribution.of([0.25] * 20),
        false_actions=0,
        false_actions_n=24,
        skipped={"wer.readings_tiny": "whisper-tiny.en is not there"},
        failed={"lips": "no closure"},
        machine=this_machine(),
        versions={},
    )
    text = printed(report)
    assert "wer.commands " in text
    assert "0.0213" in text
    assert "0.25 / 0.25 / - (20)" in text
    assert "false_actions_n" in text
    assert "skipped: whisper-tiny.en is not there" in text
    assert "failed: no closure" in text
    assert "drawer" not in text
