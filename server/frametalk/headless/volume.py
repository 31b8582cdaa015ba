"""How loud a reply is played over time, and why."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

DUCK_DB = -12.0
DUCK_GAIN = 10 ** (DUCK_DB / 20)
RAMP_MS = 5  # no click, and too short to be heard as a fade
FADE_MS = 10  # to nothing

Times = npt.NDArray[np.float64]
Change = Literal["lowered", "paused", "raised"]
Why = Literal["local", "server"]


class VolumeChange(NamedTuple):
    """The volume began to change: by the client itself, or because the server said so."""

    at_s: float
    what: Change
    why: Why


class Volume:
    """The gain of one reply as a line of times and gains, 1 at its beginning. Times never go back."""

    def __init__(self) -> None:
        self.changes: list[VolumeChange] = []
        self._at_s = [0.0]
        self._gains = [1.0]

    def lower(self, at_s: float, why: Why) -> None:
        """Go to the level at which the player can be heard over it."""
        self._change(at_s, "lowered", why, DUCK_GAIN, RAMP_MS)

    def pause(self, at_s: float, why: Why) -> None:
        """Fade out while the clock stands."""
        self._change(at_s, "paused", why, 0.0, FADE_MS)

    def raise_(self, at_s: float, why: Why) -> None:
        """Back to full volume."""
        self._change(at_s, "raised", why, 1.0, RAMP_MS)

    def stop(self, at_s: float) -> None:
        """The reply was cut: fade out for good."""
        self._ramp(at_s, 0.0, FADE_MS)

    @property
    def state(self) -> Change:
        """What was changed last."""
        return self.changes[-1].what if self.changes else "raised"

    def gains(self, at_s: Times) -> Times:
        """The gain at each of these times."""
        if len(self._gains) == 1:
            return np.ones_like(at_s)
        return np.interp(at_s, self._at_s, self._gains)

    def _change(self, at_s: float, what: Change, why: Why, gain: float, ramp_ms: float) -> None:
        if what != self.state:
            self.changes.append(VolumeChange(at_s, what, why))
            self._ramp(at_s, gain, ramp_ms)

    def _ramp(self, at_s: float, gain: float, ramp_ms: float) -> None:
        """From the gain that is reached by `at_s` to another; a ramp under way ends there."""
        now = float(np.interp(at_s, self._at_s, self._gains))
        while self._at_s[-1] > at_s:
            self._at_s.pop()
            self._gains.pop()
        self._at_s += [at_s, at_s + ramp_ms / 1000]
        self._gains += [now, gain]
