"""Where the sounds of espeak-ng begin: its events are not always there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from frametalk.core.audio import ms_to_samples
from frametalk.core.visemes import TABLES

VOICELESS = frozenset("ptkcqʈ")
STOPS = VOICELESS | frozenset("bdɡgɟɢɖɓɗɠʄʛ")
FRICATIVES = frozenset("ʃʒszɕʑʂʐ")  # the second half of an affricate
SOFT = frozenset(
    "fθhxçɸβvð"
)  # may be as quiet as a closure, and are not part of the one after them
SONORANTS = frozenset("mnŋɲɳɴlɫɭʎrɹɻɾwjɥ")
# At the normal speed; measured with en-us and de, medians of m 21 and 22, n 27 and 29, l 42 and 38.
VOWEL_EARLIER_MS = 22
MERGED_MS = 60
SOFT_MS = 40
REACH_MS, NEAR_MS, STEP_MS = 100, 15, 1
WINDOW_MS = 5
QUIET = 0.25  # of the loudest sound around; most closures with voice stay below it
BURST_MS = 15  # the breath after a burst may be as quiet as a closure, but the lips are open


def sounds(
    phonemes: Sequence[tuple[str, int]],
    samples: npt.NDArray[np.int16],
    rate_hz: int,
    speed: float,
) -> list[tuple[int, str]]:
    """(first sample, phoneme) for mouth shapes, from (phoneme, sample of its event).

    The event of p, t or k is at the burst, after the silent closure; that of b, d or g is at the start of
    the closure, or at the burst where the library speaks it without voice. So a stop begins and ends with
    the quiet beside its event, and the next sound begins at the burst. The event of a vowel after a
    sonorant comes when the vowel has begun. Some sounds have no time, because the library speaks them with
    the vowel before ("l" in "shelf"): these are the last 60 ms of it, at most half.
    """
    level = _Level(samples, rate_hz)
    found: list[tuple[int, str]] = []
    burst: int | None = None
    before, floor = " ", 0
    for (name, event), (_next, end) in pairwise([*phonemes, ("", len(samples))]):
        sound = name.strip("ˈˌ")
        first = sound[:1] or " "
        at, quiet = event if burst is None else burst, None
        if first in STOPS:
            opened = event + ms_to_samples(BURST_MS, rate_hz)
            last = min(end, opened) if first in VOICELESS else end
            quiet = level.quiet(event, floor, last, end)
        if burst is None:
            if quiet is not None:
                at = quiet[0]
            elif first in TABLES["vowels"] and before in SONORANTS:
                at = max(event - ms_to_samples(VOWEL_EARLIER_MS / speed, rate_hz), floor)
            elif first in SONORANTS and end <= event:
                merged = ms_to_samples(MERGED_MS / speed, rate_hz)
                at = max(event - merged, (floor + event) // 2)
        burst = quiet[1] if quiet is not None and (sound[1:2] or " ") not in FRICATIVES else None
        found.append((at, name))
        before, floor = sound[-1:] or " ", at + 1
        if before in SOFT:
            floor += ms_to_samples(SOFT_MS / speed, rate_hz)
    return found


class _Level:
    """The loudness of a sound every millisecond."""

    def __init__(self, samples: npt.NDArray[np.int16], rate_hz: int) -> None:
        self._step = rate_hz * STEP_MS / 1000
        summed = np.concatenate(([0.0], np.cumsum(np.square(samples, dtype=np.float64))))
        middles = np.arange(0, len(samples), self._step).astype(int)
        half = ms_to_samples(WINDOW_MS, rate_hz) // 2
        low, high = np.maximum(middles - half, 0), np.minimum(middles + half, len(samples))
        self._rms = np.sqrt((summed[high] - summed[low]) / np.maximum(high - low, 1))

    def quiet(self, event: int, floor: int, last: int, end: int) -> tuple[int, int] | None:
        """The quiet beside sample `event`, between `floor` and `last`: (first sample, end); None if none.

        Quiet compared with what is heard before `event` and up to `end`, where the stop's sound ends.
        """
        at, low, high, after = (int(sample / self._step) for sample in (event, floor, last, end))
        around = self._rms[max(at - REACH_MS, 0) : after + NEAR_MS]
        if not len(around):
            return None
        soft = np.flatnonzero(self._rms[low:high] < QUIET * around.max()) + low
        runs = np.split(soft, np.flatnonzero(np.diff(soft) > 1) + 1)
        near = [run for run in runs if len(run) and run[0] - NEAR_MS <= at <= run[-1] + NEAR_MS]
        if not near:
            return None
        longest = max(near, key=len)
        return int(longest[0] * self._step), int((longest[-1] + 1) * self._step)
