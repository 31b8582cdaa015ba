"""What a decoder reads into the silence before and after speech is left out."""

from __future__ import annotations

from typing import Any

import numpy as np

from frametalk.adapters.asr.pocketsphinx.certainty import FRAME_SAMPLES
from frametalk.adapters.asr.pocketsphinx.peaks import Peaks

LOUD = 20_000


def sound(*frames: int) -> bytes:
    """Frames of 10 ms with these peaks."""
    return np.repeat(np.array(frames, "<i2"), FRAME_SAMPLES).tobytes()


def reading(*words: tuple[str, int, int]) -> dict[str, Any]:
    """Words with their first frame and the one after their last."""
    timed = [[text, at * FRAME_SAMPLES, end * FRAME_SAMPLES] for text, at, end in words]
    return {"text": " ".join(text for text, _at, _end in words), "words": timed, "score": -1.0}


def words_in(frames: list[int], *words: tuple[str, int, int]) -> str:
    """The words of a reading of these frames that are left."""
    peaks = Peaks()
    pcm = sound(*frames)
    for at in range(0, len(pcm), 642):  # not in whole frames
        peaks.feed(pcm[at : at + 642])
    return str(peaks.without_silence(reading(*words))["text"])


def heard_after(quiet: int, *words: tuple[str, int, int]) -> str:
    """The words that are left after ten frames of a quiet room and ten of speech."""
    return words_in([*[quiet] * 10, *[LOUD] * 10], *words)


def heard_before(tail: int, *words: tuple[str, int, int]) -> str:
    """The words that are left of ten frames of speech and ten of its tail."""
    return words_in([*[LOUD] * 10, *[tail] * 10], *words)


def test_words_in_silence_before_speech_are_left_out() -> None:
    words = ("get", 0, 5), ("the", 5, 12), ("open", 12, 16), ("door", 16, 20)
    assert heard_after(60, *words) == "open door"


def test_a_first_word_of_which_half_is_heard_stays() -> None:
    words = ("open", 5, 15), ("door", 15, 20)
    assert heard_after(60, *words) == "open door"


def test_a_first_word_that_is_softer_than_any_word_is_left_out() -> None:
    words = ("a", 0, 5), ("ten", 5, 16), ("of", 16, 20)
    assert heard_after(LOUD // 50, *words) == "ten of"


def test_in_a_loud_room_nothing_is_left_out() -> None:
    words = ("get", 0, 5), ("the", 5, 12), ("open", 12, 20)
    assert heard_after(LOUD // 20, *words) == "get the open"


def test_a_word_in_the_tail_of_the_sound_is_left_out() -> None:
    words = ("who", 0, 3), ("are", 3, 6), ("you", 6, 12), ("the", 12, 20)
    assert heard_before(LOUD // 60, *words) == "who are you"


def test_a_last_word_that_begins_in_speech_stays() -> None:
    words = ("open", 0, 5), ("door", 5, 20)
    assert heard_before(0, *words) == "open door"


def test_a_soft_word_between_loud_ones_stays() -> None:
    frames = [*[LOUD] * 5, *[LOUD // 60] * 5, *[LOUD] * 5]
    assert words_in(frames, ("put", 0, 5), ("the", 5, 10), ("rope", 10, 15)) == "put the rope"


def test_a_word_that_has_no_whole_frame_yet_stays() -> None:
    assert words_in([LOUD] * 5, ("open", 0, 5), ("the", 5, 6)) == "open the"


def test_without_sound_there_is_nothing_to_leave_out() -> None:
    assert Peaks().without_silence(reading())["text"] == ""
