"""What Whisper says that nobody said: loops, phrases that silence brings up, its own prompt.

Encoding only the sound there is (`context = "fit"`) makes these likelier, so a reading that trips a
guard is made again with the 30 s that the model was trained on; what trips it there too is not believed.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from enum import Enum

import numpy as np
import numpy.typing as npt

from frametalk.core.agreement import TimedWord, bare

RATE_HZ = 16_000
NO_SPEECH = 0.6  # above this probability that nobody speaks, an unsure text is not believed
UNSURE = -1.0  # average log probability of a token
COMPRESSION = 2.4  # bytes of a text over bytes of it compressed; speech stays below
REPEATS_OF_A_WORD = 5  # "no, no, no, no" is said by people
REPEATS_OF_A_PHRASE = 3
LONGEST_PHRASE = 8  # words
WORDS_PER_S = 8.0  # nobody speaks faster
WORDS_AT_ONCE = 3  # what may be said however short the sound is
PROMPTED_IN_A_ROW = 4  # names in the prompt's own order and without anything between
QUIET = 33.0  # root mean square of the loudest 32 ms: 60 dB below full scale
LOUDNESS_WINDOW = 512

# What the subtitles of silent pictures say. People say the first lot too, so they need a voice.
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
    """What to make of a reading."""

    BELIEVED = "believed"
    DOUBTED = "doubted"  # read it again in full
    NOTHING = "nothing"  # nobody spoke


def judge(
    words: Sequence[TimedWord],
    *,
    sound_s: float,
    no_speech: float,
    log_probability: float,
    prompted: Sequence[str] = (),
) -> Verdict:
    """Judge the words read from `sound_s` of sound.

    `no_speech` is the probability that there is none, `log_probability` the average of a token's;
    `prompted` are the names that the prompt listed, in its order.
    """
    if not words:
        return Verdict.BELIEVED
    if no_speech > NO_SPEECH and log_probability < UNSURE:
        return Verdict.NOTHING
    text = "".join(bare(word.text) for word in words)
    if text.startswith(SAID_BY_SUBTITLES):
        return Verdict.NOTHING
    if text in SAID_BY_PEOPLE and no_speech > NO_SPEECH / 2:
        return Verdict.DOUBTED
    if len(words) > WORDS_AT_ONCE + WORDS_PER_S * sound_s:
        return Verdict.DOUBTED
    if loops(words) or _compression(words) > COMPRESSION or _recites(words, prompted):
        return Verdict.DOUBTED
    return Verdict.BELIEVED


def loops(words: Sequence[TimedWord]) -> int:
    """Where a word or phrase begins to repeat itself as nobody does, as an index; 0 for nowhere."""
    said = [bare(word.text) for word in words]
    for at in range(len(said)):
        for length in range(1, min(LONGEST_PHRASE, (len(said) - at) // 2) + 1):
            most = REPEATS_OF_A_WORD if length == 1 else REPEATS_OF_A_PHRASE
            if _times(said, at, length) > most:
                return at + length
    return 0


def salvaged(words: Sequence[TimedWord]) -> tuple[TimedWord, ...]:
    """What is left of a reading that is doubted in full too: the words before they begin to loop."""
    return tuple(words[: loops(words)])


def is_quiet(samples: npt.NDArray[np.int16]) -> bool:
    """Whether there is nothing that could be speech."""
    whole = len(samples) // LOUDNESS_WINDOW * LOUDNESS_WINDOW
    if not whole:
        return True
    windows = samples[:whole].astype(np.float32).reshape(-1, LOUDNESS_WINDOW)
    return bool(np.sqrt(np.mean(windows**2, axis=1)).max() < QUIET)


def _times(said: Sequence[str], at: int, length: int) -> int:
    """How often the `length` words at `at` stand there one after the other."""
    phrase, times = said[at : at + length], 1
    while said[at + times * length : at + (times + 1) * length] == phrase:
        times += 1
    return times


def _compression(words: Sequence[TimedWord]) -> float:
    text = "".join(word.text for word in words).encode()
    return len(text) / len(zlib.compress(text))


def _recites(words: Sequence[TimedWord], prompted: Sequence[str]) -> bool:
    """Whether the words are names of the prompt in its order: heard in the prompt, not in the sound."""
    names = {bare(word) for name in prompted for word in name.split()}
    said = [bare(word.text) for word in words]
    return (
        len(said) >= PROMPTED_IN_A_ROW
        and set(said) <= names
        and "".join(said) in "".join(bare(name) for name in prompted)
    )
