"""frametalk in the peer benchmark harness, which lies outside the repository on some machines only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from conftest import ROOT

pytestmark = pytest.mark.real

RUN = ROOT / "latency_tests" / "peers" / "run.py"
HARNESS = Path(os.environ.get("FRAMETALK_PEERS") or ROOT.parent / "shared" / "peers")


def run(harness: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the harness with frametalk in it."""
    return subprocess.run(
        [sys.executable, str(RUN), "frametalk", *arguments],
        env={**os.environ, "FRAMETALK_PEERS": str(harness)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_spoken_turn_is_answered_in_the_harness(tmp_path: Path) -> None:
    if not (HARNESS / "bench.py").is_file():
        pytest.skip("no peer harness beside the repository")
    if find_spec("openai") is None:
        pytest.skip("openai is not installed")
    ran = run(
        HARNESS, *"latency --mode best --turns 1 --settle 0.5 -v --out".split(), str(tmp_path)
    )
    assert ran.returncode == 0, ran.stderr
    (file,) = tmp_path.iterdir()
    result = json.loads(file.read_text(encoding="utf-8"))
    assert (result["peer"], result["missed"]) == ("frametalk", 0)
    assert "'segment': 'There is an old workshop behind it.'" in ran.stderr  # its stages were found
    assert "frametalk sent an error" not in ran.stderr
    assert "Traceback" not in ran.stderr


def test_without_the_harness_it_says_what_to_set(tmp_path: Path) -> None:
    ran = run(tmp_path, "latency")
    assert ran.returncode == 1
    assert ran.stderr == f"no peer harness in {tmp_path}: set FRAMETALK_PEERS to its folder\n"
