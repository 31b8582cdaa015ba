"""The volume of a reply over time, and who changed it."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

DUCK_DB = -12.0
DUCK_GAIN = 10 ** (DUCK_DB / 20)
RAMP_MS = 5  # avoids a click, and is too short to be heard as a fade
FADE_MS = 10  # to silence

Times = npt.NDArray[np.float64]
Change = Literal["lowered", "paused", "raised"]
ChangedBy = Literal["local", "server"]


class VolumeChange(NamedTuple):
    """When the volume began to change, how, and by whom: the client itself or the server."""

    at_s: float
    change: Change
    by: ChangedBy


class Volume:
    """The gain of one reply as a line through points in time; 1 at its beginning. Times never go back."""

    def __init__(self) -> None:
        self.changes: list[VolumeChange] = []
        self._at_s = [0.0]
        self._gains = [1.0]

    def lower(self, at_s: float, by: ChangedBy) -> None:
        """Duck: go down to `DUCK_DB`."""
        self._change(at_s, "lowered", by, DUCK_GAIN, RAMP_MS)

    def pause(self, at_s: float, by: ChangedBy) -> None:
        """Fade out."""
        self._change(at_s, "paused", by, 0.0, FADE_MS)

    def raise_(self, at_s: float, by: ChangedBy) -> None:
        """Go back to full volume."""
        self._change(at_s, "raised", by, 1.0, RAMP_MS)

    def stop(self, at_s: float) -> None:
        """Fade out for good, after a cut."""
        self._ramp(at_s, 0.0, FADE_MS)

    @property
    def state(self) -> Change:
        """The last change."""
        return self.changes[-1].change if self.changes else "raised"

    def gains(self, at_s: Times) -> Times:
        """The gain at each of these times."""
        if len(self._gains) == 1:
            return np.ones_like(at_s)
        return np.interp(at_s, self._at_s, self._gains)

    def _change(
        self, at_s: float, change: Change, by: ChangedBy, gain: float, ramp_ms: float
    ) -> None:
        if change != self.state:
            self.changes.append(VolumeChange(at_s, change, by))
            self._ramp(at_s, gain, ramp_ms)

    def _ramp(self, at_s: float, gain: float, ramp_ms: float) -> None:
        """From the gain at `at_s` to another; a ramp under way ends there."""
        now = float(np.interp(at_s, self._at_s, self._gains))
        while self._at_s[-1] > at_s:
            self._at_s.pop()
            self._gains.pop()
        self._at_s += [at_s, at_s + ramp_ms / 1000]
        self._gains += [now, gain]
