"""The suite with a program in the place of a game engine."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from frametalk.bench.client import run
from frametalk.bench.client.engines import ENGINES, Engine
from frametalk.bench.options import Options
from frametalk.bench.report import STDOUT
from frametalk.bench.suites import bench
from frametalk.errors import ConfigError, FrametalkError

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
    assert data["frame_ms"] == {"n": 100, "p50": 0.05, "p99": 0.099, "max": 0.1}
    assert data["lips_ms"] == {"n": 5, "p50": 0.5, "p95": 30.0}
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


def test_nothing_measured_is_no_result() -> None:
    measured = run._Measured("Pong", 0, [], [])
    with pytest.raises(FrametalkError, match="measured no frame"):
        run.summary("pong", measured, run.this_machine())
