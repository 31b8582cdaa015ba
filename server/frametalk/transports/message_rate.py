"""Bounds how fast a client's messages are taken. Those that come faster wait; none is lost."""

from __future__ import annotations

from dataclasses import dataclass

from frametalk.errors import FrametalkError, Stage
from frametalk.transports.intake import Pace

BURST_S = 10.0  # of messages at once: what waited while the client or its network stood still
REPEAT_S = 10.0  # between two reports


@dataclass(frozen=True, slots=True)
class Rates:
    """The most in a second, for control messages and for sound each; 0: any.

    `scene_changes` counts the scene's messages among the control messages.
    """

    messages: int = 0
    kilobytes: int = 0
    scene_changes: int = 0


class _Bound:
    """One bound: an amount a second, and a burst of it."""

    def __init__(self, limit: float, code: str, text: str) -> None:
        self._limit = limit
        self._pace = Pace(limit, limit * BURST_S)
        self.code = code
        self.text = text

    def wait_s(self, amount: float, now_s: float) -> float:
        return self._pace.wait_s(amount, now_s) if self._limit else 0.0

    def fits(self, amount: float, now_s: float) -> bool:
        return not self._limit or self._pace.fits(amount, now_s)


class MessageRate:
    """The bounds of one session."""

    def __init__(self, rates: Rates) -> None:
        def bounds(what: str) -> list[_Bound]:
            count, size = rates.messages, rates.kilobytes
            return [
                _Bound(count, "too_many_messages", f"more than {count} {what} a second"),
                _Bound(size * 1_000, "too_many_bytes", f"more than {size} kB of {what} a second"),
            ]

        self._control, self._media = bounds("messages"), bounds("frames of sound")
        changes = rates.scene_changes
        self._scene = _Bound(
            changes, "too_many_messages", f"more than {changes} changes of the scene a second"
        )
        self._exceeded = self._scene
        self._reported_s: float | None = None

    def wait_s(
        self, size_bytes: int, now_s: float, *, is_media: bool = False, is_scene: bool = False
    ) -> float:
        """Seconds to wait before this message is taken."""
        count, size = self._media if is_media else self._control
        waits = [(count, count.wait_s(1, now_s)), (size, size.wait_s(size_bytes, now_s))]
        if is_scene:
            waits.append((self._scene, self._scene.wait_s(1, now_s)))
        self._exceeded, longest_s = max(waits, key=lambda wait: wait[1])
        return longest_s

    def takes_media(self, size_bytes: int, now_s: float) -> bool:
        """Whether a frame of sound may be taken at once; only then it is counted."""
        count, size = self._media
        if not (count.fits(1, now_s) and size.fits(size_bytes, now_s)):
            return False
        count.wait_s(1, now_s)
        size.wait_s(size_bytes, now_s)
        return True

    def report(self, now_s: float) -> FrametalkError | None:
        """The error for a client that has to wait after the last message, at most every 10 s."""
        if self._reported_s is not None and now_s - self._reported_s < REPEAT_S:
            return None
        self._reported_s = now_s
        return FrametalkError(
            self._exceeded.code,
            f"{self._exceeded.text}; they are taken at that rate",
            stage=Stage.LINK,
            remedy="send what changed, a few times a second, in one message",
        )
