"""The loudspeaker's sound on its way back into the microphone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

from frametalk.headless.playback import Playback
from frametalk.headless.reply import Reply
from frametalk.headless.tape import Tape
from frametalk.headless.volume import FADE_MS

Sound = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EchoPath:
    """The delay and level with which the loudspeaker reaches the microphone (negative: softer)."""

    delay_ms: float
    level_db: float


class SpeakerTap:
    """What left the loudspeaker, at its real volume, on the microphone's clock and at its rate."""

    def __init__(
        self, replies: dict[int, Reply], time_of: Callable[[int], float], rate_hz: int
    ) -> None:
        self._replies = replies
        self._time_of = time_of
        self.rate_hz = rate_hz
        self._resampled: dict[int, _Resampled] = {}

    def between(self, first: int, end: int) -> Sound:
        """Microphone samples `first` up to `end`, which must have passed; float, on int16's scale."""
        mix = np.zeros(end - first)
        begin_s = self._time_of(first)
        for id_, reply in reversed(self._replies.items()):
            playback = reply.playback
            if playback.done_s is not None and playback.done_s + FADE_MS / 1000 < begin_s:
                self._resampled.pop(id_, None)
                break
            if playback.started_s is not None:
                if id_ not in self._resampled:
                    self._resampled[id_] = _Resampled(playback, self.rate_hz)
                self._add(mix, begin_s, playback, self._resampled[id_].update())
        return mix

    def _add(self, mix: Sound, begin_s: float, playback: Playback, pcm: Tape) -> None:
        scale = self.rate_hz / playback.rate_hz
        # The window does not reach into the future, so it bounds the stretch that still plays.
        for at_s, first, end in playback.pieces(playback.available):
            start = round((at_s - begin_s) * self.rate_hz)
            skipped = max(0, -start)
            start += skipped
            if start >= len(mix):
                continue
            begin = round(first * scale) + skipped
            piece = pcm.read(begin, min(round(end * scale), begin + len(mix) - start))
            at = np.arange(start, start + len(piece))
            mix[at] += piece * playback.volume.gains(begin_s + at / self.rate_hz)


class _Resampled:
    """A reply's sound at another rate, resampled as it comes."""

    def __init__(self, playback: Playback, rate_hz: int) -> None:
        self._playback = playback
        self._pcm = Tape()
        self._taken = 0
        self._flushed = False
        # LQ needs the least sound ahead, and this sound is used soon after it came.
        self._resampler = soxr.ResampleStream(playback.rate_hz, rate_hz, 1, "int16", quality="LQ")

    def update(self) -> Tape:
        """All that has come so far."""
        came, complete = self._playback.available, self._playback.complete
        if came > self._taken or (complete and not self._flushed):
            chunk = self._playback.pcm.read(self._taken, came)
            self._pcm.append(self._resampler.resample_chunk(chunk, last=complete))
            self._taken, self._flushed = came, complete
        return self._pcm


class Echo:
    """The loudspeaker's sound as the microphone picks it up."""

    def __init__(self, path: EchoPath, tap: SpeakerTap, rate_hz: int) -> None:
        self._delay = round(path.delay_ms * rate_hz / 1000)
        self._gain = 10 ** (path.level_db / 20)
        self._tap = tap

    def between(self, first: int, end: int) -> Sound:
        """The echo in microphone samples `first` up to `end`."""
        return self._gain * self._tap.between(first - self._delay, end - self._delay)
