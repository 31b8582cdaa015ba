"""The file for all numbers."""

from __future__ import annotations

import json

import msgspec

from frametalk.bench.report import STDOUT, Machine, this_machine, versions, write
from frametalk.bench.samples import Distribution


class AReport(msgspec.Struct):
    mouth_to_ear_ms: Distribution
    machine: Machine
    versions: dict[str, str]


def a_report() -> AReport:
    return AReport(Distribution.of(range(1, 31)), this_machine(), versions())


def test_the_json_has_percentiles_their_intervals_and_all_values(tmp_path):
    write(a_report(), tmp_path / "bench.json")
    data = json.loads((tmp_path / "bench.json").read_text())
    found = data["mouth_to_ear_ms"]
    assert (found["n"], found["p50"], found["p95"], found["p99"]) == (30, 15, 29, None)
    assert (found["p50_ci"], found["p95_ci"]) == ([10, 21], [26, None])
    assert found["values"] == list(range(1, 31))
    assert data["machine"]["cores"] >= 1
    assert data["versions"]["frametalk"]


def test_a_dash_prints_the_json(capsys):
    write(a_report(), STDOUT)
    assert json.loads(capsys.readouterr().out)["mouth_to_ear_ms"]["n"] == 30
