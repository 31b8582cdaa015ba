"""The suites by name, and a real run of the overhead suite, whose counts must agree."""

from __future__ import annotations

import json

import pytest

from conftest import real_model
from frametalk.bench.options import Options
from frametalk.bench.overhead.run import FIXED
from frametalk.bench.suites import SUITES, bench
from frametalk.config import TurnSettings
from frametalk.errors import ConfigError


def test_an_unknown_suite_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match=f"use one of {', '.join(SUITES)}"):
        bench("speed", Options())


@pytest.mark.real
def test_the_overhead_suite_measures_two_players_with_two_turns_each(tmp_path, capsys):
    file = tmp_path / "bench.json"
    budgets = tmp_path / "budgets.toml"
    budgets.write_text("[[overhead]]\nvalue = 'turns'\nmax = 3\nwhy = 'to be missed'\n")

    status = bench(
        "overhead", Options(turns=2, sessions=2, embedded=False), json=file, budgets=budgets
    )

    data = json.loads(file.read_text())
    assert status == 1
    assert "MISSED: turns 4, at most 3" in capsys.readouterr().out
    assert data["turns_lost"] == {}
    assert data["errors"] == {}
    assert data["sessions"] == 2
    assert data["turns"] == data["overhead_ms"]["n"] == data["mouth_to_ear_ms"]["n"] == 4
    assert data["barge_in_ms"]["n"] == data["barge_in_onset_ms"]["n"] == 2
    assert (data["traced"]["measured"], data["traced"]["unmeasured"]) == (4, {})
    assert data["traced"]["worst_sum_error_ms"] < 1
    assert data["traced"]["difference_ms"]["n"] == 4
    assert 0 < data["traced"]["worst_difference_ms"] < 40  # a window of voice activity, and a frame
    assert data["settings"] == list(FIXED)
    assert data["embedded"] is None
    assert data["embedded_missing"]
    assert data["parts_ms"]["engines"]["p50"] == 200
    delay_ms = TurnSettings().endpoint_delay_ms
    assert delay_ms <= data["parts_ms"]["endpoint_wait"]["p50"] <= delay_ms + 32  # and one window
    assert 0 <= data["parts_ms"]["framing"]["p50"] < 20
    assert data["overhead_ms"]["p50"] > 0
    assert 0 < data["cpu_s_per_session_minute"] < 60
    assert 20 < data["rss_mb"] < 2_000
    assert data["overhead_ms"]["p95"] is None


@pytest.mark.real
def test_the_real_suite_measures_what_a_real_model_believes_to_hear_in_noise(tmp_path):
    folder = real_model("whisper-base").parent
    models = tmp_path / "models"
    models.mkdir()
    (models / "whisper-base").symlink_to(folder / "whisper-base")
    file = tmp_path / "real.json"

    bench("real", Options(models=models, quick=True, only=("nonspeech", "words")), json=file)

    data = json.loads(file.read_text())
    assert data["failed"] == {}
    assert data["nonspeech_believed_n"] == 2
    assert {"base", "joined, with hints"} == set(data["nonspeech_believed_by"])
    assert data["nonspeech_believed"] == sum(
        len(text.split(" | ")[1].split())
        for texts in data["nonspeech_believed_by"].values()
        for text in texts
    )
    assert data["wer"]["commands_joined_n"] > 4
    assert data["skipped"]["wer.commands_base"] == "left out of a quick run"
    assert "speech" in data["skipped"]["wer.readings_base"]
    assert data["skipped"]["final_cpu_ratio"] == "not asked for"
