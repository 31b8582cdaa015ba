"""Detects what Whisper hallucinates: loops, and phrases for silence and noise.

These are likelier when only the sound itself is encoded (`context = "fit"`). A reading that fails a
check is decoded again with the 30 s context of the model's training; if that fails too, it is not used.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from enum import Enum

import numpy as np
import numpy.typing as npt

from frametalk.core.agreement import TimedWord, bare

# (no_speech, least log probability of a token): a text below the limit for its `no_speech` is discarded.
# From readings by base and tiny.en of 16 kinds of noise, music and silence, at six loudnesses and lengths,
# and of 450 pieces of speech, some faint or noisy. Speech had a `no_speech` of 0.53 at most and a
# probability of -1.43 at least. All else had more than 0.53, and only loops had a probability above -0.7.
SURE_ENOUGH = ((0.6, -0.7), (0.4, -1.3), (0.0, -1.8))
NO_SPEECH = 0.5  # at a higher probability a loop is no speech
THANKS_NO_SPEECH = 0.3  # at a higher probability thanks are doubted
COMPRESSION = 2.4  # ratio of a text's bytes to its compressed bytes; speech stays below
REPEATS_OF_A_WORD = 5  # people say "no, no, no, no"
REPEATS_OF_A_PHRASE = 3
MAX_PHRASE_WORDS = 8
WORDS_PER_S = 8.0  # people do not speak faster
TWICE_WORDS_PER_S = 4.5  # nor a whole sentence twice
TWICE_WORDS = 3  # at least, of the sentence
WORDS_AT_ONCE = 3  # allowed however short the sound is
QUIET = 33.0  # RMS of the loudest 32 ms: 60 dB below full scale
LOUDNESS_WINDOW = 512

# What subtitles say where nobody speaks. People say the first set too, so these depend on `no_speech`.
SAID_BY_PEOPLE = frozenset(
    "thankyou thanks thankyouverymuch you bye byebye goodbye okay ok so oh yeah mm hmm".split()
)
SAID_BY_SUBTITLES = tuple(
    "thanksforwatching thankyouforwatching thankyousomuchforwatching pleasesubscribe likeandsubscribe"
    " subtitlesby amaraorg transcribedby captionedby untertitelderamaraorg untertitelimauftrag"
    " vielendankfürszuschauen soustitresréalisés subtítulosrealizados ご視聴ありがとうございました"
    " 字幕by 請不吝點贊 продолжениеследует субтитрысделал".split()
)


class Verdict(Enum):
    """What to do with a reading."""

    BELIEVED = "believed"
    DOUBTED = "doubted"  # decode again in full
    NOTHING = "nothing"  # nobody spoke


def assess(
    words: Sequence[TimedWord],
    *,
    sound_s: float,
    no_speech: float,
    log_probability: float,
) -> Verdict:
    """Whether to believe the words read from `sound_s` of sound.

    `no_speech` is the probability that nobody speaks, `log_probability` a token's average.
    """
    if not words:
        return Verdict.BELIEVED
    if any(no_speech >= at and log_probability < least for at, least in SURE_ENOUGH):
        return Verdict.NOTHING
    text = "".join(bare(word.text) for word in words)
    if not text:
        return Verdict.NOTHING
    if text.startswith(SAID_BY_SUBTITLES):
        return Verdict.NOTHING
    if text in SAID_BY_PEOPLE and no_speech > THANKS_NO_SPEECH:
        return Verdict.DOUBTED
    if _is_too_fast(words, sound_s):
        return Verdict.DOUBTED
    if loops(words) or _compression(words) > COMPRESSION:
        return Verdict.NOTHING if no_speech > NO_SPEECH else Verdict.DOUBTED
    return Verdict.BELIEVED


def loops(words: Sequence[TimedWord]) -> int:
    """Index of the first repetition of a word or phrase that repeats too often; 0 without one."""
    said = [bare(word.text) for word in words]
    for at in range(len(said)):
        for length in range(1, min(MAX_PHRASE_WORDS, (len(said) - at) // 2) + 1):
            most = REPEATS_OF_A_WORD if length == 1 else REPEATS_OF_A_PHRASE
            if _times(said, at, length) > most:
                return at + length
    return 0


def salvaged(words: Sequence[TimedWord]) -> tuple[TimedWord, ...]:
    """The words before they begin to loop; for a reading that is doubted in full too."""
    return tuple(words[: loops(words)])


def is_quiet(samples: npt.NDArray[np.int16]) -> bool:
    """Whether the sound is too quiet to be speech."""
    whole = len(samples) // LOUDNESS_WINDOW * LOUDNESS_WINDOW
    if not whole:
        return True
    windows = samples[:whole].astype(np.float32).reshape(-1, LOUDNESS_WINDOW)
    return bool(np.sqrt(np.mean(windows**2, axis=1)).max() < QUIET)


def _is_too_fast(words: Sequence[TimedWord], sound_s: float) -> bool:
    """Whether these are more words than people speak in this time, or a whole sentence twice."""
    if len(words) > WORDS_AT_ONCE + WORDS_PER_S * sound_s:
        return True
    said, half = [bare(word.text) for word in words], len(words) // 2
    twice = half >= TWICE_WORDS and said[:half] == said[half:]
    return twice and len(words) > TWICE_WORDS_PER_S * sound_s


def _times(said: Sequence[str], at: int, length: int) -> int:
    """How often the `length` words at `at` occur in a row."""
    phrase, times = said[at : at + length], 1
    while said[at + times * length : at + (times + 1) * length] == phrase:
        times += 1
    return times


def _compression(words: Sequence[TimedWord]) -> float:
    text = "".join(word.text for word in words).encode()
    return len(text) / len(zlib.compress(text))
