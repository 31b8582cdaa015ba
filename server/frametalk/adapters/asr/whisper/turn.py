"""One turn on its way through Whisper: the window of sound that is read, and what it was read as.

The window begins where the stable words that were cut off end. Cut words become the model's history;
stable words whose sound is still in the window are forced upon it. Neither is searched for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from frametalk.core.agreement import Agreement, TimedWord, written

Samples = npt.NDArray[np.int16]

RATE_HZ = 16_000
WINDOW_SAMPLES = 4 * RATE_HZ  # a longer one is cut where that is safe
LONGEST_SAMPLES = 26 * RATE_HZ  # and this one wherever it must be: the model takes 30 s
KEPT_SAMPLES = RATE_HZ * 3 // 2  # the least that is left of a window
KEPT_OF_NOISE_SAMPLES = 4 * RATE_HZ  # of a window in which nothing was understood
PAUSE_SAMPLES = RATE_HZ * 6 // 100  # so long must it be quiet for a safe cut
PAUSE_LOUDNESS = 0.1  # of the window's own
STEP_SAMPLES = RATE_HZ // 100
HISTORY_TOKENS = 96  # of words that were cut off
# People say four tokens a second, seven when they hurry; a loop is cut short here.
TOKENS_PER_S = 10
TOKENS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Request:
    """What the model is asked: to read `samples`, of which the tokens of `prefix` are known.

    `history` are tokens of what was said before, `hints` names that may be said. `language` is empty
    where it is to be detected; `full` asks for the 30 s that the model was trained on.
    """

    samples: Samples
    hints: tuple[str, ...] = ()
    history: tuple[int, ...] = ()
    prefix: tuple[int, ...] = ()
    language: str = ""
    full: bool = False

    @property
    def sound_s(self) -> float:
        """Length of the sound in seconds."""
        return len(self.samples) / RATE_HZ


def token_limit(samples: int) -> int:
    """How many tokens may be read from so much sound."""
    return TOKENS_AT_ONCE + TOKENS_PER_S * samples // RATE_HZ


@dataclass(frozen=True, slots=True)
class Reading:
    """The words after the prefix, placed in samples of the request's sound."""

    words: tuple[TimedWord, ...] = ()
    log_probability: float = 0.0  # average of a token
    no_speech: float = 0.0  # probability
    language: str = ""


class Turn:
    """Sound as it comes, and the words so far."""

    def __init__(self, hints: tuple[str, ...], language: str) -> None:
        self.hints = hints
        self.language = language
        self.words = Agreement()
        self.fed = 0  # samples since the turn's first
        self.read = 0  # up to where the newest reading heard
        self._window = bytearray()
        self._window_at = 0
        self._cut_words = 0  # of the stable ones, those whose sound is gone

    def feed(self, pcm: bytes) -> None:
        """Take sound."""
        self._window += pcm
        self.fed += len(pcm) // 2

    def request(self, *, full: bool) -> Request:
        """What to ask of the model now; a window that is too long is cut first."""
        if len(self._window) // 2 > WINDOW_SAMPLES:
            self._cut()
        stable = self.words.stable
        history = [token for word in stable[: self._cut_words] for token in word.tokens]
        prefix = [token for word in stable[self._cut_words :] for token in word.tokens]
        return Request(
            self._samples(),
            self.hints,
            tuple(history[-HISTORY_TOKENS:]),
            tuple(prefix),
            self.language,
            full,
        )

    def place(self, words: Sequence[TimedWord]) -> tuple[TimedWord, ...]:
        """Words of a reading of the present window, on the turn's clock, after the stable ones.

        Whisper's own times stand still in places; here each word lasts, if only a sample.
        """
        begins = self.words.stable[-1].at if self.words.stable else 0
        placed = []
        for word in words:
            begins = min(max(begins, word.at + self._window_at), self.fed - 1)
            end = max(begins + 1, word.end + self._window_at)
            placed.append(replace(word, at=begins, end=end))
        return tuple(placed)

    def take(self, words: Sequence[TimedWord], read: int) -> None:
        """What the sound up to `read` was read as, on the turn's clock, after the stable words."""
        if read > self.read:  # the same sound read twice would agree with itself
            self.words.read(words)
            self.read = read
        else:
            self.words.rest = tuple(words)

    @property
    def text(self) -> str:
        """All words as written."""
        return written(self.words.words)

    def _samples(self) -> Samples:
        return np.frombuffer(bytes(self._window), "<i2")

    def _cut(self) -> None:
        """Cut off what is stable, at the last pause between two words; else, in the end, anywhere."""
        samples = self._samples()
        cut = self._safe_cut(samples)
        if cut is None and len(samples) > LONGEST_SAMPLES:
            cut = self._forced_cut()
        if cut is not None:
            sample, self._cut_words = cut
            del self._window[: (sample - self._window_at) * 2]
            self._window_at = sample

    def _safe_cut(self, samples: Samples) -> tuple[int, int] | None:
        """Sample and number of stable words before it."""
        stable = self.words.stable
        latest = self.fed - KEPT_SAMPLES
        for index in range(len(stable) - 1, self._cut_words, -1):
            before, after = stable[index - 1], stable[index]
            if after.at <= latest:
                pause = pause_between(samples, before, after, self._window_at)
                if pause is not None:
                    return pause, index
        return None

    def _forced_cut(self) -> tuple[int, int]:
        """As above. Words of the newest reading count as stable there, whether they agree or not."""
        latest = self.fed - KEPT_OF_NOISE_SAMPLES
        self.words.finalize_before(latest)
        ends = [word.end for word in self.words.stable if self._window_at < word.end <= latest]
        return ends[-1] if ends else latest, sum(w.end <= latest for w in self.words.stable)


def pause_between(samples: Samples, one: TimedWord, other: TimedWord, first: int) -> int | None:
    """The middle of the quietest stretch about where `one` ends and `other` begins; None without.

    `first` is the place of `samples` on the words' clock. Word times are right to a tenth of a second or
    so, hence the look to either side.
    """
    begin = max((one.at + one.end) // 2 - first, 0)
    end = min((other.at + other.end) // 2 - first, len(samples))
    steps = (end - begin) // STEP_SAMPLES
    need = PAUSE_SAMPLES // STEP_SAMPLES
    if steps < need:
        return None
    energy = samples[begin : begin + steps * STEP_SAMPLES].astype(np.float32) ** 2
    means = energy.reshape(steps, STEP_SAMPLES).mean(axis=1)
    smooth = np.convolve(means, np.full(need, 1 / need), "valid")
    quietest = int(smooth.argmin())
    whole = float(np.mean(samples.astype(np.float32) ** 2))
    if smooth[quietest] > whole * PAUSE_LOUDNESS**2:
        return None
    return first + begin + quietest * STEP_SAMPLES + PAUSE_SAMPLES // 2
