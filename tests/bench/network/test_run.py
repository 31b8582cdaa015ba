"""The suite over real sockets and a relay that cuts: a small run of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from frametalk.bench.network.run import LONGEST_S, cuts_of_a_session
from frametalk.bench.options import Options
from frametalk.bench.suites import bench
from frametalk.netlab.cuts import Cut

pytestmark = pytest.mark.real


def test_two_conversations_lose_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "network.json"
    assert bench("network", Options(conversations=2, seed=7), json=file) == 0
    data = json.loads(file.read_text())
    assert (data["sessions"], data["errors"]) == (2, {})
    assert data["cuts"] >= 42
    assert data["resumes"] >= 40
    assert data["resume_ms"]["n"] == data["resumes"]
    counts = ("control_lost", "control_doubled", "mic_samples_lost", "reply_samples_lost")
    assert [data[name] for name in (*counts, "tools_twice")] == [0] * 5
    ours, stock = data["rtc"]["mic_path_ms"], data["rtc"]["stock_ms"]
    for when in ("p50", "after_loss"):  # 1 ms against 82, and 282 after a loss, on a quiet machine
        assert ours[when] < stock[when] / 3
    assert "microphone samples lost" in capsys.readouterr().out


def test_the_first_connection_lasts_until_there_is_a_session() -> None:
    cuts = cuts_of_a_session(3)
    assert cuts() == Cut(LONGEST_S)
    assert len({cuts().after_s for _ in range(20)}) > 5
