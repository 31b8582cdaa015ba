"""Hallucinations of Whisper, and speech that resembles them."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.adapters.asr.whisper.guards import Verdict, assess, is_quiet, loops, salvaged
from frametalk.core.agreement import TimedWord, written


def said(text: str) -> list[TimedWord]:
    return [TimedWord(f" {word}", 0, 0) for word in text.split()]


def verdict(
    text: str,
    *,
    sound_s: float = 4.0,
    no_speech: float = 0.1,
    log_probability: float = -0.3,
) -> Verdict:
    return assess(
        said(text),
        sound_s=sound_s,
        no_speech=no_speech,
        log_probability=log_probability,
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Open the red door and bring me the iron key.",
        "No, no, no, no!",
        "knock knock knock, who's there",
        "go go, go go",
        "Thank you.",
        "Bye-bye.",
        "thanks for the key",
    ],
)
def test_what_people_say_is_believed(text: str) -> None:
    assert verdict(text) is Verdict.BELIEVED


@pytest.mark.parametrize(
    "text",
    [
        "the door the door the door the door",
        "open it I I I I I I I I",
        "and then he said and then he said and then he said and then he said",
        "la" * 100,
    ],
)
def test_loops_are_doubted(text: str) -> None:
    assert verdict(text) is Verdict.DOUBTED


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for watching!",
        "Subtitles by the Amara.org community",
        "ご視聴ありがとうございました。",
    ],
)
def test_phrases_of_subtitles_are_discarded(text: str) -> None:
    assert verdict(text) is Verdict.NOTHING


def test_a_sentence_twice_in_the_time_of_one_is_doubted() -> None:
    twice = "I need a new sword. I need a new sword."
    assert verdict(twice, sound_s=1.6) is Verdict.DOUBTED
    assert verdict(twice, sound_s=4.0) is Verdict.BELIEVED


def test_thanks_in_possible_silence_are_doubted() -> None:
    assert verdict("Thank you.", no_speech=0.4) is Verdict.DOUBTED
    assert verdict("Thank you for the key.", no_speech=0.4) is Verdict.BELIEVED


def test_an_unsure_text_in_silence_is_discarded_and_a_sure_one_is_believed() -> None:
    assert verdict("where is he", no_speech=0.9, log_probability=-1.5) is Verdict.NOTHING
    assert verdict("where is he", no_speech=0.9, log_probability=-0.2) is Verdict.BELIEVED
    assert verdict("where is he", no_speech=0.5, log_probability=-1.5) is Verdict.NOTHING
    assert verdict("where is he", no_speech=0.3, log_probability=-1.5) is Verdict.BELIEVED
    assert verdict("where is he", no_speech=0.0, log_probability=-2.0) is Verdict.NOTHING


def test_a_loop_in_silence_and_marks_without_words_are_discarded() -> None:
    loop = "I'm not sure I'm not sure I'm not sure I'm not sure"
    assert verdict(loop, no_speech=0.8) is Verdict.NOTHING
    assert verdict(". . . . .", log_probability=-0.1) is Verdict.NOTHING


def test_speech_that_is_too_fast_is_doubted() -> None:
    text = "one two three four five six seven eight nine ten eleven twelve"
    assert verdict(text, sound_s=0.6) is Verdict.DOUBTED
    assert verdict(text, sound_s=3.0) is Verdict.BELIEVED


def test_the_words_before_a_loop_are_kept() -> None:
    words = said("open the door the door the door the door")
    assert loops(words) == 3
    assert written(salvaged(words)) == "open the door"
    assert salvaged(said("open the door")) == ()


def test_silence_and_faint_hum_are_quiet_and_a_voice_is_not() -> None:
    seconds = np.arange(16_000) / 16_000
    tone = np.sin(2 * np.pi * 200 * seconds)
    assert is_quiet(np.zeros(16_000, np.int16))
    assert is_quiet(np.zeros(100, np.int16))
    assert is_quiet((tone * 40).astype(np.int16))
    assert not is_quiet((tone * 100).astype(np.int16))
    short = np.zeros(16_000, np.int16)
    short[8_192:8_704] = 2_000
    assert not is_quiet(short)
