"""What a player reports about the character."""

from __future__ import annotations

import logging

from frametalk.context import SessionContext
from frametalk.errors import FrametalkError, Stage
from frametalk.logs import SpokenText
from frametalk.wire.messages import Report

log = logging.getLogger(__name__)

MAX_REPORTS = 20  # of one session


class Reports:
    """The reports of one session: counted, and noted without the player's words."""

    def __init__(self, context: SessionContext) -> None:
        self._context = context
        self._count = 0

    def take(self, message: Report) -> None:
        """Take a report. Raises FrametalkError `report_limit` for one too many."""
        if self._count >= MAX_REPORTS:
            raise FrametalkError(
                "report_limit",
                f"{MAX_REPORTS} reports were sent in this session",
                stage=Stage.SESSION,
                remedy="send one report for each thing that is wrong",
            )
        self._count += 1
        self._context.metrics.report(message.reason)
        reply, reason = message.reply, message.reason
        self._context.record.words("report", message.text or reason, reply=reply, reason=reason)
        self._context.audit.write("report", reply=message.reply, reason=message.reason)
        log.info("reported: reply %s, %s", message.reply, message.reason)
        log.debug("report: %s", SpokenText(message.text))
