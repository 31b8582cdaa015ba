"""The suite with a program in the place of a game engine."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import msgspec
import pytest

from frametalk.bench.client import run
from frametalk.bench.client.engines import ENGINES, Engine
from frametalk.bench.compare import compare
from frametalk.bench.options import Options
from frametalk.bench.pooled import pooled
from frametalk.bench.report import STDOUT
from frametalk.bench.suites import bench
from frametalk.errors import ConfigError, FrametalkError, Interrupted

FRAMES_MS = [n / 1000 for n in range(1, 101)]
LIPS_MS = [-2.0, -1.0, 0.5, 1.0, 30.0]
WRITES = (
    "import json, sys; open(sys.argv[2], 'w').write(json.dumps("
    f"{{'engine': 'Pong 1', 'replies': 2, 'frame_ms': {FRAMES_MS}, 'lips_ms': {LIPS_MS}}}))"
)


def _engine(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    def command(url: str, result: Path) -> list[str]:
        return [sys.executable, "-c", program, url, str(result)]

    monkeypatch.setitem(ENGINES, "pong", Engine(command))


def test_an_unknown_engine_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError) as caught:
        bench("client", Options(engine="pong"))
    assert "godot" in caught.value.remedy


@pytest.mark.real
def test_percentiles_are_printed_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _engine(monkeypatch, WRITES)
    assert bench("client", Options(engine="pong"), json=STDOUT) == 0
    out, err = capsys.readouterr()
    data = json.loads(out)
    cost, lips = data["frame_ms"], data["lips_ms"]
    assert (cost["n"], cost["p50"], cost["p99"], cost["max"]) == (100, 0.05, 0.099, 0.1)
    assert cost["p50_ci"] == [0.04, 0.061]
    assert cost["values"] == FRAMES_MS
    assert (lips["n"], lips["p50"], lips["p95"]) == (5, 0.5, None)  # too few for a p95
    assert data["lips_distance_ms"]["values"] == [2.0, 1.0, 0.5, 1.0, 30.0]
    assert data["frame_share"] == {"72": 0.0071, "90": 0.0089, "120": 0.0119}
    assert (data["engine"], data["replies"]) == ("Pong 1", 2)
    assert "main thread ms a frame, p99" in err


@pytest.mark.real
def test_a_program_that_fails_is_reported_with_its_output(monkeypatch: pytest.MonkeyPatch) -> None:
    _engine(monkeypatch, "raise SystemExit('no screen')")
    with pytest.raises(FrametalkError, match="no screen") as caught:
        bench("client", Options(engine="pong"))
    assert caught.value.code == "bench_client"


@pytest.mark.real
def test_a_program_that_writes_nothing_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    _engine(monkeypatch, "pass")
    with pytest.raises(FrametalkError, match="wrote no result"):
        bench("client", Options(engine="pong"))


@pytest.mark.real
def test_a_program_that_measures_no_frame_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    _engine(monkeypatch, WRITES.replace(str(LIPS_MS), "[]"))
    with pytest.raises(FrametalkError, match="measured no frame"):
        bench("client", Options(engine="pong"))


@pytest.mark.real
@pytest.mark.parametrize(
    ("ends", "raised"),
    [
        (f"import os, time; os.kill({os.getpid()}, 2); time.sleep(60)", Interrupted),
        ("raise SystemExit('no screen')", FrametalkError),
    ],
    ids=["Ctrl-C", "a failure"],
)
def test_what_a_program_wrote_before_an_early_end_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ends: str, raised: type[Exception]
) -> None:
    _engine(monkeypatch, WRITES.replace(str(LIPS_MS), "[]") + f"; {ends}")
    file = tmp_path / "client.json"
    with pytest.raises(raised):
        bench("client", Options(engine="pong"), json=file)
    data = json.loads(file.read_text())
    assert (data["stopped"], data["frame_ms"]["n"], data["lips_ms"]["n"]) == (True, 100, 0)


def _report(frames_ms: list[float]) -> run.ClientReport:
    measured = run._Measured("Pong 1", 2, frames_ms, LIPS_MS)
    return run.summary("pong", measured, run.this_machine())


def test_several_runs_have_the_percentiles_of_all_their_frames_and_the_highest_of_them() -> None:
    found = pooled([_report(FRAMES_MS), _report([ms * 10 for ms in FRAMES_MS])])
    assert (found.frame_ms.n, found.frame_ms.p50, found.frame_ms.max) == (200, 0.091, 1.0)


def test_two_results_can_be_compared(tmp_path: Path) -> None:
    files = tmp_path / "old.json", tmp_path / "new.json"
    for file, factor in zip(files, (1, 2), strict=True):
        data = msgspec.to_builtins(_report([ms * factor for ms in FRAMES_MS]))
        file.write_bytes(msgspec.json.encode(data | {"versions": {}}))
    moved = {change.value: change for change in compare(*files).changes if change.moved}
    assert set(moved) == {"frame_ms.p50", "frame_ms.p95"}
    assert moved["frame_ms.p50"].by == pytest.approx(0.05)
    assert moved["frame_ms.p50"].low is not None
