"""Ends a turn whose microphone frames cease: audio time stands still then, and no silence ends it."""

from __future__ import annotations

from frametalk.context import SessionContext, Timer
from frametalk.errors import FrametalkError, Stage
from frametalk.pipeline.endpoints import Endpoints


class FrameWatch:
    """Watches the microphone's frames while a turn is open. It waits while the client cannot send any."""

    def __init__(self, context: SessionContext, endpoints: Endpoints) -> None:
        self._context = context
        self._endpoints = endpoints
        self._newest_s = 0.0
        self._timer: Timer | None = None  # runs while a turn is open

    def frame(self) -> None:
        """A frame came."""
        self._newest_s = self._context.now()
        if self._timer is None and self._endpoints.in_turn:
            self._check_in(self._context.settings.turns.mic_timeout_ms / 1000)

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check_in(self, seconds: float) -> None:
        self._timer = self._context.client_time.after(seconds, self._check)

    def _check(self) -> None:
        self._timer = None
        if not self._endpoints.in_turn:
            return
        timeout_ms = self._context.settings.turns.mic_timeout_ms
        left_s = self._newest_s + timeout_ms / 1000 - self._context.now()
        if left_s > 0:
            self._check_in(left_s)
            return
        error = FrametalkError(
            "mic_timeout",
            f"no microphone frame came for {timeout_ms:.0f} ms during a turn",
            stage=Stage.HEAR,
            remedy="send frames without a break, or mic.stop",
        )
        self._context.report(error)
        self._endpoints.force()
