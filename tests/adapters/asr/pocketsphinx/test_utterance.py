"""What a decoder reads into the silence before speech is left out."""

from __future__ import annotations

from typing import Any

import numpy as np

from frametalk.adapters.asr.pocketsphinx.utterance import FRAME_SAMPLES, Peaks


def sound(*frames: int) -> bytes:
    """Frames of 10 ms with these peaks."""
    return np.repeat(np.array(frames, "<i2"), FRAME_SAMPLES).tobytes()


def reading(*words: tuple[str, int, int]) -> dict[str, Any]:
    """Words with their first frame and the one after their last."""
    timed = [[text, at * FRAME_SAMPLES, end * FRAME_SAMPLES] for text, at, end in words]
    return {"text": " ".join(text for text, _at, _end in words), "words": timed, "score": -1.0}


def heard_after(quiet: int, *words: tuple[str, int, int]) -> str:
    """The text of a reading of ten frames of a quiet room and ten of speech."""
    peaks = Peaks()
    pcm = sound(*[quiet] * 10, *[20_000] * 10)
    for at in range(0, len(pcm), 642):  # not in whole frames
        peaks.feed(pcm[at : at + 642])
    return str(peaks.without_silent_start(reading(*words))["text"])


def test_words_in_silence_before_speech_are_left_out() -> None:
    words = ("get", 0, 5), ("the", 5, 12), ("open", 12, 16), ("door", 16, 20)
    assert heard_after(60, *words) == "open door"


def test_a_first_word_of_which_half_is_heard_stays() -> None:
    words = ("open", 5, 15), ("door", 15, 20)
    assert heard_after(60, *words) == "open door"


def test_in_a_loud_room_nothing_is_left_out() -> None:
    words = ("get", 0, 5), ("the", 5, 12), ("open", 12, 20)
    assert heard_after(400, *words) == "get the open"


def test_without_sound_there_is_nothing_to_leave_out() -> None:
    assert Peaks().without_silent_start(reading())["text"] == ""
