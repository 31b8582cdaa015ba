"""Watches when microphone frames come: too fast, or none during a turn, which then no silence can end."""

from __future__ import annotations

from frametalk.context import SessionContext, Timer
from frametalk.errors import FrametalkError, Stage
from frametalk.pipeline.endpoints import Endpoints

BURST_S = 30.0  # of sound at once: what waited while the client or its network stood still
RECOVERED_S = 4.0  # of sound that must fit again before more is taken


class MicSpeed:
    """Whether sound is taken: `limit` times real time in the long run, and a burst; 0 is no limit."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self._credit_s = BURST_S
        self._at_s = 0.0
        self.is_exceeded = False

    def takes(self, sound_s: float, now_s: float) -> bool:
        """Whether so much sound fits; if so, it is counted."""
        if not self.limit:
            return True
        earned_s = (now_s - self._at_s) * self.limit
        self._credit_s = min(BURST_S, self._credit_s + earned_s)
        self._at_s = now_s
        self.is_exceeded = self._credit_s < (RECOVERED_S if self.is_exceeded else sound_s)
        if not self.is_exceeded:
            self._credit_s -= sound_s
        return not self.is_exceeded


class FrameWatch:
    """Refuses sound that comes too fast, and ends an open turn whose frames cease.

    It waits while the client cannot send any.
    """

    def __init__(self, context: SessionContext, endpoints: Endpoints) -> None:
        self._context = context
        self._endpoints = endpoints
        self._speed = MicSpeed(context.settings.server.mic_speed)
        self._newest_s = 0.0
        self._timer: Timer | None = None  # runs while a turn is open

    def frame(self, sound_s: float) -> bool:
        """A frame of so much sound came: whether to take it.

        Raises FrametalkError `mic_too_fast` for the first that is not taken.
        """
        self._newest_s = now_s = self._context.now()
        if self._timer is None and self._endpoints.in_turn:
            self._check_in(self._context.settings.turns.mic_timeout_ms / 1000)
        was_exceeded = self._speed.is_exceeded
        if self._speed.takes(sound_s, now_s):
            return True
        if not was_exceeded:
            raise FrametalkError(
                "mic_too_fast",
                f"sound comes at more than {self._speed.limit:g} times real time",
                stage=Stage.HEAR,
                remedy="send sound as it is recorded; what comes faster is dropped for a second",
            )
        return False

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
