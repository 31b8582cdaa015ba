"""Bounds how fast a client's messages are taken. Those that come faster wait; none is lost."""

from __future__ import annotations

from frametalk.errors import FrametalkError, Stage
from frametalk.transports.intake import Pace

BURST_S = 10.0  # of messages at once: what waited while the client or its network stood still
REPEAT_S = 10.0  # between two reports


class MessageRate:
    """Control messages and frames of sound, each at most `limit` a second and a burst; 0: any number."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._control = Pace(limit, limit * BURST_S)
        self._media = Pace(limit, limit * BURST_S)
        self._reported_s: float | None = None

    def wait_s(self, *, is_media: bool, now_s: float) -> float:
        """Seconds to wait before this message is taken."""
        if not self._limit:
            return 0.0
        return (self._media if is_media else self._control).wait_s(1, now_s)

    def report(self, now_s: float) -> FrametalkError | None:
        """The error for a client that has to wait, at most every 10 s."""
        if self._reported_s is not None and now_s - self._reported_s < REPEAT_S:
            return None
        self._reported_s = now_s
        return FrametalkError(
            "too_many_messages",
            f"more than {self._limit} messages a second; they are taken at that rate",
            stage=Stage.LINK,
            remedy="send what changed, a few times a second, in one message",
        )
