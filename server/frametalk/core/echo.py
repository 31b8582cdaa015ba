"""Whether what the microphone hears is the reply that is being played.

Works on 8 kHz sound, high frequencies raised. In the last 256 ms the delay is looked for by whitened
cross-correlation (Knapp and Carter, 1976); around it a least-squares filter stands for loudspeaker, room
and microphone. What it predicts, at whatever level, is what the reply explains. Nothing older is
remembered but the delay, so a lowered reply or another place in the room changes nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from frametalk.core.audio import Samples

RATE_HZ = 16_000
PAST_SAMPLES = RATE_HZ  # of the reply that are kept
AHEAD_SAMPLES = 5 * RATE_HZ
SILENT = 1e-3  # of full scale: -60 dB, below it nothing is judged

# All further numbers count samples of the halved rate.
MEMORY = 2_048
EARLIEST, LATEST = -320, 3_200  # delays that are looked for: -40..400 ms
TAPS = 96
LEAD = 16  # taps before the delay that was found
SPANS = (512, 1_024)  # the less explained of these newest spans counts, so a voice shows soon
SURE = 0.75  # share from which no other delay is looked for
CANDIDATES = 2
APART = 40  # delays nearer than this are one
RIDGE = 0.003
WHITENING = 0.3
WEAK = 0.1  # where the reply was softer than this share of its mean, little can be told
TRANSFORM = 8_192

Sound = npt.NDArray[np.float32]


def _halving_filter() -> Sound:
    """Low-pass at 3.6 kHz and pre-emphasis in one."""
    n = np.arange(31) - 15
    low = np.sinc(0.45 * n) * np.hamming(31)
    return np.asarray(np.convolve(low / low.sum(), (1, -0.8)), np.float32)


_HALVING = _halving_filter()[::-1].copy()
_BEFORE = len(_HALVING) - 2  # samples that the filter needs before the first pair


def _halved(samples: Samples) -> Sound:
    """One value for each pair of samples after the first `_BEFORE`."""
    windows = sliding_window_view(samples.astype(np.float32) / 32_768, len(_HALVING))[::2]
    return np.asarray(windows @ _HALVING, np.float32)


class EchoTest:
    """Tells the echo of a reply from other sound.

    All positions are samples on the microphone's clock at 16 kHz.
    """

    def __init__(self) -> None:
        self._reply = np.zeros(0, np.int16)
        self._first = 0  # where the reply that is known begins
        self._over: int | None = None  # where the last of it leaves the loudspeaker
        self._heard = np.zeros(2 * MEMORY + _BEFORE, np.int16)
        self._now: int | None = None
        self._delay: int | None = None

    @property
    def sounding(self) -> bool:
        """Whether any of the reply could be in the microphone now."""
        if self._over is None:
            return False
        return self._now is None or self._now < self._over + 2 * (LATEST + TAPS)

    def play(self, at: int, samples: Samples) -> None:
        """The reply's sound that leaves the loudspeaker from microphone sample `at` on."""
        oldest = (at if self._now is None else self._now) - PAST_SAMPLES
        samples = samples[max(0, oldest - at) :]
        at = max(at, oldest)
        latest = oldest + PAST_SAMPLES + AHEAD_SAMPLES
        nothing = at > latest or not len(samples)
        end_known = self._first + len(self._reply)
        known = self._read(oldest, min(latest, end_known if nothing else max(at, end_known)))
        self._first, self._reply = oldest, known
        if nothing:
            return
        end = at - oldest + len(samples)
        self._reply = np.concatenate((known, np.zeros(max(0, end - len(known)), np.int16)))
        self._reply[at - oldest : end] = samples
        self._reply = self._reply[: PAST_SAMPLES + AHEAD_SAMPLES]
        self._over = oldest + len(self._reply)

    def stop(self, at: int) -> None:
        """Nothing more leaves the loudspeaker from `at` on."""
        self._reply = self._reply[: max(0, at - self._first)]
        if self._over is not None:
            self._over = min(self._over, at)

    def hear(self, at: int, window: Samples) -> None:
        """The microphone's next window; one that does not follow the last begins afresh."""
        if at != self._now:
            self._heard[:] = 0
        self._now = at + len(window)
        self._heard = np.concatenate((self._heard, window))[-len(self._heard) :]

    def explained(self) -> float:
        """Share 0..1 of the newest 64 and 128 ms that the reply explains."""
        if self._now is None or not self.sounding:
            return 0.0
        heard = _halved(self._heard)
        newest = self._heard[-2 * SPANS[0] :].astype(np.float32) / 32_768
        reply = _halved(
            self._read(self._now - 2 * (MEMORY + LATEST) - _BEFORE, self._now - 2 * EARLIEST)
        )
        if np.mean(np.square(newest)) < SILENT**2 or not np.any(reply):
            return 0.0
        share = 0.0 if self._delay is None else _share(reply, heard, self._delay)
        if share < SURE:
            for delay in _likely_delays(reply, heard):
                found = _share(reply, heard, delay)
                if found > share:
                    share, self._delay = found, delay
        return share

    def _read(self, start: int, stop: int) -> Samples:
        """The reply from `start` to `stop`; silence where nothing is known."""
        out = np.zeros(max(0, stop - start), np.int16)
        low, high = max(start, self._first), min(stop, self._first + len(self._reply))
        if high > low:
            out[low - start : high - start] = self._reply[low - self._first : high - self._first]
        return out


def _likely_delays(reply: Sound, heard: Sound) -> list[int]:
    """Where the reply is most alike to what was heard.

    `reply` begins LATEST before `heard` and ends -EARLIEST after it.
    """
    there, here = np.fft.rfft(reply, TRANSFORM), np.fft.rfft(heard, TRANSFORM)
    power = np.abs(there)
    white = 1 / (power + WHITENING * np.sqrt(np.mean(power**2)) + 1e-12)
    there, here = there * white, here * white
    common = np.fft.irfft(there * np.conj(here), TRANSFORM)[: LATEST - EARLIEST + 1]
    energy = np.concatenate(([0.0], np.cumsum(np.fft.irfft(there, TRANSFORM)[: len(reply)] ** 2)))
    energy = energy[MEMORY:] - energy[:-MEMORY]
    alike = common * np.abs(common) / (energy + WEAK * np.mean(energy) + 1e-12)
    delays = []
    for _ in range(CANDIDATES):
        best = int(np.argmax(alike))
        delays.append(LATEST - best)
        alike[max(0, best - APART) : best + APART] = -np.inf
    return delays


def _share(reply: Sound, heard: Sound, delay: int) -> float:
    """Share of what was heard that the reply explains through the best filter around `delay`."""
    padded = np.pad(reply, TAPS)
    newest = TAPS + LATEST - delay + LEAD
    columns = sliding_window_view(padded[newest - TAPS + 1 : newest + MEMORY], TAPS)
    columns = np.ascontiguousarray(columns[:, ::-1])
    products = columns.T @ columns
    products[np.diag_indices(TAPS)] += RIDGE * np.trace(products) / TAPS + 1e-9
    echo = columns @ np.linalg.solve(products, columns.T @ heard)
    shares = []
    for span in SPANS:
        sound, copy = heard[-span:], echo[-span:]
        common = max(float(sound @ copy), 0.0)
        size = float(copy @ copy) * float(sound @ sound)
        shares.append(common * common / size if size > 0 else 0.0)
    return min(1.0, *shares)
