"""One utterance for Whisper: the window of sound that is decoded, and the words read so far.

The window grows until stable words at its beginning are cut off. Cut words become the model's history;
stable words whose sound is still in the window become its prefix. Neither is decoded again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from frametalk.core.agreement import Agreement, TimedWord, written
from frametalk.core.audio import RECOGNITION_RATE_HZ as RATE_HZ
from frametalk.core.audio import Samples

WINDOW_SAMPLES = 4 * RATE_HZ  # a longer window is cut at a pause
MAX_SAMPLES = 26 * RATE_HZ  # a longer one is cut anywhere: the model takes 30 s
MIN_LEFT_SAMPLES = RATE_HZ * 3 // 2  # a cut leaves at least this much of the window
LEFT_OF_NOISE_SAMPLES = 4 * RATE_HZ  # and this much of a window without words
PAUSE_SAMPLES = RATE_HZ * 6 // 100  # the shortest pause to cut at
PAUSE_LOUDNESS = 0.1  # at most, relative to the window
STEP_SAMPLES = RATE_HZ // 100
HISTORY_TOKENS = 96  # of words that were cut off
# People say four tokens a second, seven when they hurry; this bounds a loop of the model.
TOKENS_PER_S = 10
TOKENS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Request:
    """Sound to decode; the tokens of `prefix` are its known beginning.

    `names` may be said; they prompt nothing, but decide the spelling. `history` are tokens of what was said
    before the sound. An empty `language` is detected. `full` decodes with the 30 s context that the model
    was trained on. `end` is where the sound ends in the utterance; `more` says that more waits, because it
    is too long for one request.
    """

    samples: Samples
    names: tuple[str, ...] = ()
    history: tuple[int, ...] = ()
    prefix: tuple[int, ...] = ()
    language: str = ""
    full: bool = False
    end: int = 0
    more: bool = False

    @property
    def sound_s(self) -> float:
        """Length of the sound in seconds."""
        return len(self.samples) / RATE_HZ


def token_limit(samples: int) -> int:
    """The most tokens that a reading of this much sound may have."""
    return TOKENS_AT_ONCE + TOKENS_PER_S * samples // RATE_HZ


@dataclass(frozen=True, slots=True)
class Reading:
    """The words after the prefix; their times are samples of the request's sound."""

    words: tuple[TimedWord, ...] = ()
    log_probability: float = 0.0  # a token's average
    no_speech: float = 0.0  # probability that nobody speaks
    language: str = ""


class Utterance:
    """The sound of an utterance as it arrives, and its words so far."""

    def __init__(self, names: tuple[str, ...], language: str) -> None:
        self.names = names
        self.language = language
        self.words = Agreement()
        self.fed = 0  # samples
        self.read = 0  # samples that the newest reading includes
        self._window = bytearray()
        self._window_at = 0
        self._cut_words = 0  # stable words whose sound was cut off

    def feed(self, pcm: bytes) -> None:
        """Take sound."""
        self._window += pcm
        self.fed += len(pcm) // 2

    def request(self, *, full: bool) -> Request:
        """The request for the sound so far; cuts the window first if it is too long.

        Of more sound than the model takes, it is for the first part.
        """
        if len(self._window) // 2 > WINDOW_SAMPLES:
            self._cut()
        samples = self._samples()[:MAX_SAMPLES]
        end = self._window_at + len(samples)
        stable = self.words.stable
        history = [token for word in stable[: self._cut_words] for token in word.tokens]
        prefix = [token for word in stable[self._cut_words :] for token in word.tokens]
        return Request(
            samples,
            self.names,
            tuple(history[-HISTORY_TOKENS:]),
            tuple(prefix),
            self.language,
            full,
            end,
            end < self.fed,
        )

    def place(self, words: Sequence[TimedWord]) -> tuple[TimedWord, ...]:
        """Move the words of a reading from the window's clock to the utterance's.

        Whisper gives several words the same time in places; here each word lasts at least a sample.
        """
        begins = self.words.stable[-1].at if self.words.stable else 0
        placed = []
        for word in words:
            begins = min(max(begins, word.at + self._window_at), self.fed - 1)
            end = max(begins + 1, word.end + self._window_at)
            placed.append(replace(word, at=begins, end=end))
        return tuple(placed)

    def take(self, words: Sequence[TimedWord], read: int) -> None:
        """Take a reading of the sound up to sample `read`: the words that follow the stable ones."""
        if read > self.read:  # two readings of the same sound always agree
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
        """Cut stable words off, at the last pause between two; a window that is too long, anywhere."""
        samples = self._samples()
        cut = self._safe_cut(samples)
        if cut is None and len(samples) > MAX_SAMPLES:
            cut = self._forced_cut()
        if cut is not None:
            sample, self._cut_words = cut
            del self._window[: (sample - self._window_at) * 2]
            self._window_at = sample

    def _safe_cut(self, samples: Samples) -> tuple[int, int] | None:
        """The sample to cut at and the number of stable words before it; None without a pause."""
        stable = self.words.stable
        latest = self.fed - MIN_LEFT_SAMPLES
        for index in range(len(stable) - 1, self._cut_words, -1):
            before, after = stable[index - 1], stable[index]
            if after.at <= latest:
                pause = pause_between(samples, before, after, self._window_at)
                if pause is not None:
                    return pause, index
        return None

    def _forced_cut(self) -> tuple[int, int]:
        """As `_safe_cut`, after a word that was read. Makes the words before it stable."""
        latest = max(self._window_at, self.read - LEFT_OF_NOISE_SAMPLES)
        self.words.finalize_before(latest)
        ends = [word.end for word in self.words.stable if self._window_at < word.end <= latest]
        return ends[-1] if ends else latest, sum(w.end <= latest for w in self.words.stable)


def pause_between(samples: Samples, one: TimedWord, other: TimedWord, first: int) -> int | None:
    """The middle of the quietest stretch between the middles of two words; None if it is not a pause.

    `first` is the place of `samples` on the words' clock. Word times are accurate to about 0.1 s, so the
    search covers half of either word.
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
