"""The engines suite as a table."""

from __future__ import annotations

import io

import msgspec
import pytest
from rich.console import Console

from frametalk.bench.engines import run as engines
from frametalk.bench.engines.report import lines, table
from frametalk.bench.engines.run import EnginesReport, Part
from frametalk.bench.report import this_machine
from frametalk.bench.samples import Distribution


def test_values_have_the_names_that_budgets_use_and_skipped_parts_a_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts = dict.fromkeys(("whisper", "piper", "mind", "workers"), Part((), ""))
    monkeypatch.setattr(engines, "PARTS", parts)
    report = EnginesReport(
        suite="engines",
        sessions=1,
        whisper={"final_ratio": 0.12345},
        piper=None,
        mind={"overhead_ms": 1},
        workers=None,
        skipped={"piper": "onnx not installed [remedy]", "workers": "not asked for"},
        machine=this_machine(),
        versions={},
    )
    out = io.StringIO()
    Console(file=out, width=120).print(table(report))
    text = out.getvalue()
    assert "whisper.final_ratio" in text
    assert "0.1235" in text
    assert "skipped: onnx not installed [remedy]" in text
    assert text.index("mind.overhead_ms") < text.index("not asked for")


def test_each_kind_of_value_has_its_text() -> None:
    value = {
        "times_ms": msgspec.to_builtins(Distribution.of(range(1, 21))),
        "none": None,
        "well": True,
        "pair": [1, 2.5],
        "table": [{"sessions": 1, "ms": 3.14159}, {"sessions": 4, "ms": None}],
        "nested": {"count": 3},
        "said": [{"text": "The door is open, traveller."}],
    }
    assert list(lines("x", value)) == [
        ("x.times_ms", "10 / 19 / - (20)"),
        ("x.none", "-"),
        ("x.well", "yes"),
        ("x.pair", "1, 2.5"),
        ("x.table[0]", "sessions 1, ms 3.142"),
        ("x.table[1]", "sessions 4, ms -"),
        ("x.nested.count", "3"),
        ("x.said[0]", "text The door is open, t…"),
    ]
