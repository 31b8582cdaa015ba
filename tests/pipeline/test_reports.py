"""Players' reports: counted, bounded, and without their words in the log."""

from __future__ import annotations

import logging

import pytest

from frametalk.errors import FrametalkError
from frametalk.pipeline.reports import MAX_REPORTS, Reports
from frametalk.wire import messages as m
from player import playing
from stages import Stage

pytestmark = pytest.mark.looptime

REPORT = m.Report(reply=3, reason="hateful", text="He called me a canary.")


async def test_a_report_is_counted_by_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "frametalk")
    stage = Stage()
    Reports(stage.context).take(REPORT)
    assert b'frametalk_reports_total{reason="hateful"} 1.0' in stage.context.metrics.exposition()
    assert caplog.messages == ["reported: reply 3, hateful"]


async def test_one_report_too_many_is_refused() -> None:
    reports = Reports(Stage().context)
    for _ in range(MAX_REPORTS):
        reports.take(REPORT)
    with pytest.raises(FrametalkError) as refused:
        reports.take(REPORT)
    assert refused.value.code == "report_limit"


async def test_a_report_goes_through_the_wire() -> None:
    async with playing() as player:
        await player.enter()
        for _ in range(MAX_REPORTS + 1):
            player.link.send(REPORT)
        error = await player.until(m.Error)
        assert (error.code, error.ref, error.fatal) == ("report_limit", "report", False)
