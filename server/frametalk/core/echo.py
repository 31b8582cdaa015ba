"""Whether what the microphone hears is the reply that is being played.

Works on 8 kHz sound with the high frequencies raised: where the reply was in the last 256 ms is found by
whitened cross-correlation over all delays; there a least-squares filter that forgets slowly learns
loudspeaker, room and microphone, and what it predicts is what the reply explains.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from frametalk.core.audio import Samples

RATE_HZ = 16_000
QUIETEST = 32.8  # -60 dB of full scale: below it nothing is judged
PAST_SAMPLES = RATE_HZ  # of the reply that are kept
AHEAD_SAMPLES = 7 * RATE_HZ
CLOCK_ERROR_SAMPLES = 60 * RATE_HZ // 1000
SAME_SOUND = 0.8  # correlation from which two pieces of a reply are the same piece

# All further numbers count samples of the halved rate.
MEMORY = 2_048
EARLIEST, LATEST = -320, 3_200  # delays that are looked for: -40..400 ms
TRANSFORM = 5_632  # holds MEMORY and all delays
TAPS = 240  # 30 ms: most of what a living room gives back
LEAD = 6  # taps before the strongest path
KEPT_PER_WINDOW = 0.97
RIDGE = 0.005
FOUND = 0.35  # share explained by the paths around one delay from which it is worth a fit
WEAK = 0.2  # of the mean energy: where the reply is weaker, any sound would seem to match it
SAME_DELAY = 5
BETTER = 0.1  # share by which another delay has to explain more
SURE = 0.75  # share from which no other delay is looked for
MATURE = 6  # windows learned, after which taps have to foretell a window instead of fitting it
LOOK_EACH = 4  # windows: looking costs as much as following
# The least explained of these newest spans counts: a voice shows at once.
SPANS = (128, 256, 512, 800)
TAIL = 0.12  # of the longest span's energy: a span that is softer only holds the end of the room's sound
STRICT = 1.25  # what is not explained counts more: a voice as strong as the echo must show
MOST_GAIN = 4.0  # over what was learned
UNHEARD = 1e-4  # of full scale: a reply that is nowhere louder has no echo
NOTHING = 1e-20

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
    scaled = samples.astype(np.float32) / 32_768
    return np.asarray(sliding_window_view(scaled, len(_HALVING))[::2] @ _HALVING, np.float32)


class _Track:
    """The reply's sound from a second ago to some seconds ahead, on the microphone's clock."""

    def __init__(self) -> None:
        self._sound = np.zeros(PAST_SAMPLES + AHEAD_SAMPLES, np.int16)
        self._first = 0
        self.end = 0  # nothing is written from here on

    def move(self, now: int) -> None:
        """Let go of what is older than a second; it is dear, so not at every window."""
        shift = now - PAST_SAMPLES - self._first
        if 0 <= shift < PAST_SAMPLES:
            return
        start, length = self._first + shift, len(self._sound)
        self._sound, self._first = self.read(start, start + length), start
        if not start <= self.end <= start + length:
            self.end = start

    def read(self, start: int, stop: int) -> Samples:
        """Samples `start` to `stop`; silence where nothing is known."""
        out = np.zeros(stop - start, np.int16)
        low, high = self._inside(start), self._inside(stop)
        out[low + self._first - start : high + self._first - start] = self._sound[low:high]
        return out

    def write(self, at: int, samples: Samples) -> None:
        """Put `samples` at `at`; known sound that is repeated a little off its place stays there.

        The echo has one delay: a clock that is read anew must not tear the reply apart.
        """
        shift = self._shift(at, samples)
        if shift is not None:
            known = self.end - at - shift
            at, samples = self.end, samples[known:]
        low, high = self._inside(at), self._inside(at + len(samples))
        if high > low:
            skipped = low + self._first - at
            self._sound[low:high] = samples[skipped : skipped + high - low]
            self.end = max(self.end, high + self._first)

    def silence(self, at: int) -> None:
        """Nothing from `at` on."""
        self._sound[self._inside(at) :] = 0
        self.end = min(self.end, max(at, self._first))

    def _inside(self, position: int) -> int:
        return min(max(position - self._first, 0), len(self._sound))

    def _shift(self, at: int, samples: Samples) -> int | None:
        """How much later the known sound lies than these samples; None if they are not the same."""
        length = min(len(samples), self.end - at, 8_192)
        if length < CLOCK_ERROR_SAMPLES or at < self._first:
            return None
        near = CLOCK_ERROR_SAMPLES
        known = self.read(at - near, at + length + near).astype(np.float64)
        again = samples[:length].astype(np.float64)
        size = 12_000
        product = np.fft.rfft(known, size) * np.conj(np.fft.rfft(again, size))
        common = np.fft.irfft(product, size)[: 2 * near + 1]
        energy = np.concatenate(([0.0], np.cumsum(known**2)))
        energy = (energy[length:] - energy[:-length]) * (again @ again)
        alike = common / np.sqrt(energy + 1.0)
        best = int(np.argmax(alike))
        return best - near if alike[best] >= SAME_SOUND else None


class _Path:
    """The way from loudspeaker to microphone at one delay, learned from both sounds."""

    def __init__(self, delay: int) -> None:
        self.delay = delay
        self._windows = 0
        self._products = np.zeros((TAPS, TAPS), np.float32)
        self._common = np.zeros(TAPS, np.float32)
        self._taps = np.zeros(TAPS, np.float32)

    @property
    def mature(self) -> bool:
        """Whether so much was learned that the taps know the way, not only the sound."""
        return self._windows > MATURE

    @property
    def doubtful(self) -> bool:
        """Whether another delay should be looked for; now and then only, once the way is known."""
        return not self.mature or self._windows % LOOK_EACH == 0

    def reach(self, ago: int) -> tuple[int, int]:
        """Of the reply, what the newest `ago` values of the microphone may hold."""
        latest = LEAD - self.delay
        return latest - ago - TAPS + 1, latest

    def learn(self, reply: Sound, heard: Sound) -> None:
        """Take in values of the microphone and the reply in their reach."""
        delayed = np.ascontiguousarray(sliding_window_view(reply, TAPS)[:, ::-1])
        self._products = KEPT_PER_WINDOW * self._products + delayed.T @ delayed
        self._common = KEPT_PER_WINDOW * self._common + heard @ delayed
        self._windows += 1

    def solve(self, steps: int) -> None:
        """Bring the taps closer to the least squares, by conjugate gradients from where they are."""
        ridge = RIDGE * float(np.trace(self._products)) / TAPS + 1e-9
        rest = self._common - self._products @ self._taps - ridge * self._taps
        direction, size = rest, float(rest @ rest)
        for _ in range(steps):
            if size <= NOTHING:
                return
            image = self._products @ direction + ridge * direction
            step = size / (float(direction @ image) + 1e-30)
            self._taps = self._taps + step * direction
            rest = rest - step * image
            size, last = float(rest @ rest), size
            direction = rest + (size / last) * direction

    def explained(self, reply: Sound, heard: Sound) -> float:
        """Share of `heard` that is explained; `reply` is what its longest span reaches.

        At whatever level: clients lower a reply, and players turn a knob.
        """
        recent = heard[-SPANS[-1] :]
        echo = np.convolve(reply, self._taps, "valid")
        tail = TAIL * float(recent @ recent) + 1e-9
        least = 1.0
        for span in SPANS:
            sound, copy = recent[-span:], echo[-span:]
            total, size = float(sound @ sound), float(copy @ copy) + 1e-12
            gain = min(max(float(sound @ copy) / size, 0.0), MOST_GAIN)
            rest = total - 2 * gain * float(sound @ copy) + gain**2 * size
            least = min(least, 1 - STRICT * rest / max(total, tail))
        return min(max(least, 0.0), 1.0)


def _likely_delay(reply: Sound, heard: Sound) -> tuple[float, int]:
    """The delay around which the reply explains most of what was heard, and about which share of it.

    `reply` begins LATEST before `heard` and ends -EARLIEST after it.
    """
    there, here = np.fft.rfft(reply, TRANSFORM), np.fft.rfft(heard, TRANSFORM)
    power = np.abs(there)
    white = 1 / (power + 0.3 * np.sqrt(np.mean(power**2)) + 1e-12)
    there, here = there * white, here * white
    common = np.fft.irfft(there * np.conj(here), TRANSFORM)[: LATEST - EARLIEST + 1]
    energy = np.concatenate(([0.0], np.cumsum(np.fft.irfft(there, TRANSFORM)[: len(reply)] ** 2)))
    energy = energy[MEMORY:] - energy[:-MEMORY]
    total = float(np.sum(np.fft.irfft(here, TRANSFORM) ** 2))
    shares = common**2 / (total * (energy + WEAK * np.mean(energy)) + 1e-12)
    around = np.convolve(shares, np.ones(16), "valid")
    start = int(np.argmax(around))
    best = start + int(np.argmax(shares[start : start + 16]))
    return float(around[start]), LATEST - best


class EchoTest:
    """Tells the echo of a reply from other sound.

    All positions are samples on the microphone's clock at 16 kHz.
    """

    def __init__(self) -> None:
        self._reply = _Track()
        self._now: int | None = None
        self._heard = np.zeros(MEMORY, np.float32)
        self._tail = np.zeros(_BEFORE, np.int16)
        self._path: _Path | None = None
        self._played_any = False

    @property
    def sounding(self) -> bool:
        """Whether any of the reply could be in the microphone now."""
        gone = 0 if self._now is None else self._now - self._reply.end
        return self._played_any and gone < 2 * (LATEST + TAPS)

    def play(self, at: int, samples: Samples) -> None:
        """The reply's sound that leaves the loudspeaker from microphone sample `at` on."""
        if not len(samples):
            return
        if self._now is None:
            self._reply.move(at)
        self._reply.write(at, samples)
        self._played_any = True

    def stop(self, at: int) -> None:
        """Nothing more leaves the loudspeaker from `at` on."""
        self._reply.silence(at)

    def explained(self, at: int, window: Samples) -> float:
        """Share 0..1 of the microphone's energy that the reply explains; from 0.6 it is its echo.

        The windows, of 512 samples, come in order; the least explained of the newest 16-100 ms counts.
        Windows below -60 dB of full scale give 0.
        """
        self._hear(at, window)
        loudness = float(np.mean(np.square(window, dtype=np.float32))) if len(window) else 0.0
        if loudness < QUIETEST**2 or not self.sounding:
            return 0.0
        share = self._follow(min(len(window) // 2, MEMORY))
        if share >= SURE or (self._path and not self._path.doubtful):
            return share
        return max(share, self._search(share))

    def _hear(self, at: int, window: Samples) -> None:
        if at != self._now:
            self._heard[:] = 0
            self._tail[:] = 0
        self._now = at + len(window)
        self._reply.move(self._now)
        raw = np.concatenate((self._tail, window))
        if len(window) > 1:
            self._heard = np.concatenate((self._heard, _halved(raw)))[-MEMORY:]
        self._tail = raw[-_BEFORE:]

    def _played(self, start: int, stop: int) -> Sound:
        """Halved reply from `start` to `stop`, counted from now."""
        now = self._now or 0
        return _halved(self._reply.read(now + 2 * start - _BEFORE, now + 2 * stop))

    def _follow(self, new: int) -> float:
        """Learn from the `new` newest values along the known path: what it explains."""
        path = self._path
        if path is None or not new:
            return 0.0
        longest = self._played(*path.reach(SPANS[-1]))
        foretold = path.explained(longest, self._heard) if path.mature else None
        path.learn(self._played(*path.reach(new)), self._heard[-new:])
        path.solve(steps=6)
        return path.explained(longest, self._heard) if foretold is None else foretold

    def _search(self, share: float) -> float:
        """Look for a delay that explains clearly more than `share`, and follow it from now on."""
        reply = self._played(-MEMORY - LATEST, -EARLIEST)
        if not np.any(np.abs(reply) > UNHEARD):
            return 0.0
        found, delay = _likely_delay(reply, self._heard)
        if found < FOUND or (self._path and abs(delay - self._path.delay) <= SAME_DELAY):
            return 0.0
        path = _Path(delay)
        path.learn(self._played(*path.reach(MEMORY)), self._heard)
        path.solve(steps=30)
        better = path.explained(self._played(*path.reach(SPANS[-1])), self._heard)
        if better < share + BETTER:
            return 0.0
        self._path = path
        return better
