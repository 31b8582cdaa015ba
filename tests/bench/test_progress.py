"""Progress is printed now and then, and at the end."""

from __future__ import annotations

import pytest

from frametalk.bench import progress
from frametalk.bench.progress import Progress


def test_the_end_is_always_printed_and_steps_only_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now_s = iter((0.0, 1.0, 6.0, 6.0, 7.0, 8.0))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(now_s))
    made = Progress("sentences", 4)
    for _step in range(4):
        made.step()
    assert capsys.readouterr().err.splitlines() == [
        "  sentences: 2 of 4",
        "  sentences: 4 of 4",
    ]


def test_what_a_suite_keeps_is_found_by_the_one_that_watches() -> None:
    progress.keep(lambda: "unused")  # without `watch`, it is ignored
    so_far = progress.watch()
    assert so_far.report is None
    progress.keep(lambda: "two turns")
    assert so_far.report is not None
    assert so_far.report() == "two turns"
