"""Whether the sound at the microphone is the echo of the reply that is being played.

Works at 8 kHz with pre-emphasis. Whitened cross-correlation (Knapp and Carter, 1976) finds the echo's
delay in the last 256 ms; a least-squares filter around that delay models loudspeaker, room and
microphone. The part of the sound that the filter predicts, at any level, is explained by the reply. Only
the delay is kept from earlier windows, so the test follows a ducked reply or a moved microphone at once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.fft import irfft, rfft
from numpy.lib.stride_tricks import sliding_window_view
from numpy.linalg import solve

from frametalk.core.audio import RECOGNITION_RATE_HZ, Samples

PAST_SAMPLES = RECOGNITION_RATE_HZ  # how much of the reply's past is kept
AHEAD_SAMPLES = 5 * RECOGNITION_RATE_HZ  # how much of its future
SILENT = 1e-3  # of full scale: -60 dB; softer sound is not tested

# The numbers below count samples at half the rate.
MEMORY = 2_048  # microphone samples that are compared
EARLIEST, LATEST = -320, 3_200  # range of delays: -40..400 ms
TAPS = 96
LEAD = 16  # taps before the delay that was found
SPANS = (512, 1_024)  # the lowest share of these newest spans counts, so that a voice shows soon
SURE = 0.75  # share at which the search for another delay stops
CANDIDATES = 2
APART = 40  # delays closer than this are the same
RIDGE = 0.003
WHITENING = 0.3
WEAK = 0.1  # share of the mean energy that damps places where the reply is soft
TRANSFORM = 8_192

Sound = npt.NDArray[np.float32]


def _halving_filter() -> Sound:
    """Low-pass at 3.6 kHz and pre-emphasis in one."""
    n = np.arange(31) - 15
    low = np.sinc(0.45 * n) * np.hamming(31)
    return np.asarray(np.convolve(low / low.sum(), (1, -0.8)), np.float32)


_HALVING = _halving_filter()[::-1].copy()
_BEFORE = len(_HALVING) - 2  # samples that the filter takes before the first pair


def _halved(samples: Samples) -> Sound:
    """One value for each pair of samples after the first `_BEFORE`."""
    windows = sliding_window_view(samples.astype(np.float32) / 32_768, len(_HALVING))[::2]
    return np.asarray(windows @ _HALVING, np.float32)


class EchoTest:
    """Tells the echo of a reply from other sound.

    All positions are samples on the microphone's clock at `RECOGNITION_RATE_HZ`.
    """

    def __init__(self) -> None:
        self._reply = np.zeros(0, np.int16)
        self._first = 0  # position of the first sample in `_reply`
        self._end: int | None = None  # where the reply's sound ends
        self._heard = np.zeros(2 * MEMORY + _BEFORE, np.int16)
        self._now: int | None = None
        self._delay: int | None = None

    @property
    def sounding(self) -> bool:
        """Whether the microphone may pick up any of the reply now."""
        if self._end is None:
            return False
        return self._now is None or self._now < self._end + 2 * (LATEST + TAPS)

    def play(self, at: int, samples: Samples) -> None:
        """Take sound of the reply that the loudspeaker plays from microphone sample `at` on."""
        oldest = (at if self._now is None else self._now) - PAST_SAMPLES
        samples = samples[max(0, oldest - at) :]
        at = max(at, oldest)
        latest = oldest + PAST_SAMPLES + AHEAD_SAMPLES
        empty = at > latest or not len(samples)
        end_known = self._first + len(self._reply)
        known = self._read(oldest, min(latest, end_known if empty else max(at, end_known)))
        self._first, self._reply = oldest, known
        if empty:
            return
        end = at - oldest + len(samples)
        self._reply = np.concatenate((known, np.zeros(max(0, end - len(known)), np.int16)))
        self._reply[at - oldest : end] = samples
        self._reply = self._reply[: PAST_SAMPLES + AHEAD_SAMPLES]
        self._end = oldest + len(self._reply)

    def stop(self, at: int) -> None:
        """The loudspeaker plays nothing from `at` on."""
        self._reply = self._reply[: max(0, at - self._first)]
        if self._end is not None:
            self._end = min(self._end, at)

    def hear(self, at: int, window: Samples) -> None:
        """Take the microphone's next window; a gap before it clears the sound that was kept."""
        if at != self._now:
            self._heard[:] = 0
        self._now = at + len(window)
        self._heard = np.concatenate((self._heard, window))[-len(self._heard) :]

    def explained(self) -> float:
        """The share, 0 to 1, of the newest 64 and 128 ms that the reply explains: the lower of the two."""
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
        """The reply from `start` to `stop`; silence where it is not known."""
        out = np.zeros(max(0, stop - start), np.int16)
        low, high = max(start, self._first), min(stop, self._first + len(self._reply))
        if high > low:
            out[low - start : high - start] = self._reply[low - self._first : high - self._first]
        return out


def _likely_delays(reply: Sound, heard: Sound) -> list[int]:
    """The delays at which the reply is most similar to the microphone's sound `heard`.

    `reply` begins LATEST before `heard` and ends -EARLIEST after it.
    """
    played, received = rfft(reply, TRANSFORM), rfft(heard, TRANSFORM)
    power = np.abs(played)
    white = 1 / (power + WHITENING * np.sqrt(np.mean(power**2)) + 1e-12)
    played, received = played * white, received * white
    correlation = irfft(played * np.conj(received), TRANSFORM)[: LATEST - EARLIEST + 1]
    energy = np.concatenate(([0.0], np.cumsum(irfft(played, TRANSFORM)[: len(reply)] ** 2)))
    energy = energy[MEMORY:] - energy[:-MEMORY]
    similarity = correlation * np.abs(correlation) / (energy + WEAK * np.mean(energy) + 1e-12)
    delays = []
    for _ in range(CANDIDATES):
        best = int(np.argmax(similarity))
        delays.append(LATEST - best)
        similarity[max(0, best - APART) : best + APART] = -np.inf
    return delays


def _share(reply: Sound, heard: Sound, delay: int) -> float:
    """The share of `heard` that the reply explains through the best filter around `delay`."""
    padded = np.pad(reply, TAPS)
    newest = TAPS + LATEST - delay + LEAD
    columns = sliding_window_view(padded[newest - TAPS + 1 : newest + MEMORY], TAPS)
    columns = np.ascontiguousarray(columns[:, ::-1])
    products = columns.T @ columns
    products[np.diag_indices(TAPS)] += RIDGE * np.trace(products) / TAPS + 1e-9
    echo = columns @ solve(products, columns.T @ heard)
    shares = []
    for span in SPANS:
        sound, predicted = heard[-span:], echo[-span:]
        common = max(float(sound @ predicted), 0.0)
        energy = float(predicted @ predicted) * float(sound @ sound)
        shares.append(common * common / energy if energy > 0 else 0.0)
    return min(1.0, *shares)
