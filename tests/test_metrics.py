"""What Prometheus reads: names, units, and that nothing a client says becomes a label."""

from __future__ import annotations

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from frametalk.metrics import Metrics
from frametalk.workers.supervisor import WorkerState


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_sessions_rise_and_fall_and_are_counted():
    metrics = Metrics()
    metrics.session_opened()
    metrics.session_opened()
    metrics.session_closed()
    assert value(metrics, "frametalk_sessions") == 1
    assert value(metrics, "frametalk_sessions_opened_total") == 2


def test_a_measured_turn_is_timed_in_seconds_with_its_stages():
    metrics = Metrics()
    metrics.turn(640.0, [("endpoint_wait", 480.0), ("transport", 160.0)])
    assert value(metrics, "frametalk_turns_total") == 1
    assert value(metrics, "frametalk_turns_unmeasured_total") == 0
    assert value(metrics, "frametalk_mouth_to_ear_seconds_sum") == pytest.approx(0.64)
    stage = value(metrics, "frametalk_stage_seconds_sum", stage="endpoint_wait")
    assert stage == pytest.approx(0.48)


def test_an_unmeasured_turn_is_counted_and_not_timed():
    metrics = Metrics()
    metrics.turn(None)
    assert value(metrics, "frametalk_turns_total") == 1
    assert value(metrics, "frametalk_turns_unmeasured_total") == 1
    assert value(metrics, "frametalk_mouth_to_ear_seconds_count") == 0


def test_frame_costs_are_kept_by_kind_of_client():
    metrics = Metrics()
    metrics.client_frames("godot", 90, p99_ms=0.4, max_ms=1.5)
    metrics.client_frames("godot", 90, p99_ms=0.2, max_ms=0.3)
    metrics.client_frames("browser", 72, p99_ms=3.0, max_ms=5.0)
    assert value(metrics, "frametalk_client_frames_total", client="godot") == 180
    below = {"client": "godot", "le": "0.0005"}
    assert value(metrics, "frametalk_client_frame_seconds_bucket", of="p99", **below) == 2
    assert value(metrics, "frametalk_client_frame_seconds_bucket", of="max", **below) == 1
    maximum = value(metrics, "frametalk_client_frame_seconds_sum", client="browser", of="max")
    assert maximum == pytest.approx(0.005)


def test_errors_tools_cuts_and_late_frames_are_counted():
    metrics = Metrics()
    metrics.error("mic_rate")
    metrics.error("mic_rate")
    metrics.tool("refused")
    metrics.tool("done", 0.035)
    metrics.reply_cut()
    metrics.false_cut(split=False)
    metrics.late_frame(3)
    assert value(metrics, "frametalk_errors_total", code="mic_rate") == 2
    assert value(metrics, "frametalk_tool_calls_total", state="refused") == 1
    assert value(metrics, "frametalk_tool_seconds_sum") == pytest.approx(0.035)
    assert value(metrics, "frametalk_reply_cuts_total") == 1
    assert value(metrics, "frametalk_false_cuts_total", turn="joined") == 1
    assert value(metrics, "frametalk_late_frames_total") == 3


def test_steps_are_timed():
    metrics = Metrics()
    metrics.step("speak", 0.25)
    assert value(metrics, "frametalk_step_seconds_sum", step="speak") == 0.25
    taken: list[tuple[str, float]] = []
    metrics.watch_steps(lambda name, seconds: taken.append((name, seconds)))
    metrics.step("recognition", 0.5)
    assert taken == [("recognition", 0.5)]


def test_two_servers_in_one_process_count_separately():
    one, other = Metrics(), Metrics()
    one.session_opened()
    assert value(other, "frametalk_sessions") == 0


def test_the_page_is_prometheus_text_with_base_units():
    metrics = Metrics()
    metrics.ready(610.0)
    page = metrics.exposition().decode()
    families = list(text_string_to_metric_families(page))
    for family in families:
        assert re.fullmatch(r"frametalk_[a-z_]+", family.name)
        assert not family.name.endswith(("_ms", "_us", "_mb"))
        assert family.documentation.endswith(".")
        if family.type == "histogram":
            assert family.name.endswith("_seconds")
    assert "frametalk_ready_seconds 0.61" in page


def test_tokens_are_counted_by_kind():
    metrics = Metrics()
    metrics.mind_used(900, 20, 0.5)
    metrics.mind_used(100, 5, 0.25)
    assert value(metrics, "frametalk_mind_tokens_total", kind="prompt") == 1000
    assert value(metrics, "frametalk_mind_tokens_total", kind="completion") == 25
    assert value(metrics, "frametalk_mind_cost_total") == pytest.approx(0.75)


def test_workers_are_read_when_the_page_is_read() -> None:
    metrics = Metrics()
    states = [WorkerState("espeak", 1, 2, 3, 1_000)]
    metrics.watch_workers(lambda: states)
    states += [WorkerState("espeak", 1, 0, 0, 500), WorkerState("whisper", 0, 0, 0, 9_000)]
    assert value(metrics, "frametalk_worker_restarts_total", worker="espeak") == 2
    assert value(metrics, "frametalk_worker_reruns_total", worker="espeak") == 2
    assert value(metrics, "frametalk_worker_failures_total", worker="espeak") == 3
    assert value(metrics, "frametalk_worker_resident_bytes", worker="espeak") == 1_500
    assert value(metrics, "frametalk_worker_resident_bytes", worker="whisper") == 9_000
    assert b'frametalk_worker_restarts_total{worker="espeak"} 2.0' in metrics.exposition()


def test_voice_cache_hits_and_misses_are_counted():
    metrics = Metrics()
    for hit in (False, True, True):
        metrics.voice_cache(hit)
    assert value(metrics, "frametalk_voice_cache_lookups_total", result="hit") == 2
    assert value(metrics, "frametalk_voice_cache_lookups_total", result="miss") == 1
