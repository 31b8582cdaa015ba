"""espeak-ng in its worker: sound, words, mouth shapes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from itertools import pairwise

import numpy as np
import pytest
import pytest_asyncio

from adapters.conformance.voices import VoiceConformance, say
from frametalk.adapters.tts.espeak.voice import EspeakVoice
from frametalk.core.visemes import weights
from frametalk.errors import AdapterError

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

RATE_HZ = 22_050
FRAME_90_HZ = RATE_HZ // 90
SENTENCES = (
    "The blacksmith opened the red door.",
    "Bring me a pair of old boots before supper.",
    "My father made five beautiful swords for the baron.",
    "Put the map back upon the table, please.",
    "A brave man never begs for mercy.",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def voice() -> AsyncIterator[EspeakVoice]:
    voice = EspeakVoice()
    await voice.start()
    yield voice
    await voice.close()
    await voice.close()


class TestEspeakVoice(VoiceConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], EspeakVoice]:
        return EspeakVoice


async def test_words_are_named_as_written(voice: EspeakVoice) -> None:
    assert await words(voice, "Very well, friend: that's 25 gold.") == [
        *("Very", "well", "friend", "that's", "25", "gold")
    ]


async def words(voice: EspeakVoice, text: str, language: str = "en") -> list[str]:
    """The names of the word marks, which must not overlap."""
    marks = [m for m in (await say(voice, text, language=language)).marks if m.kind == "word"]
    assert all(one.at < one.end <= two.at for one, two in pairwise(marks))
    return [mark.name for mark in marks]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("I'm the king's well-known friend.", "I'm the king's well-known friend"),
        ("It lies in the deep lake of the north.", "It lies in the deep lake of the north"),
        ("To be or not to be, for a while.", "To be or not to be for a while"),
        (
            "My mother-in-law's cart: it isn\u2019t here.",
            "My mother-in-law's cart it isn\u2019t here",
        ),
        ("Don't\u2014I mean, stop\u2026now.", "Don't I mean stop now"),
        ("1,000 and/or 3.5 of C++.", "1,000 and/or 3.5 of C++"),
    ],
)
async def test_every_written_word_has_one_mark(voice: EspeakVoice, text: str, named: str) -> None:
    assert await words(voice, text) == named.split()


@pytest.mark.parametrize(
    ("language", "text", "named"),
    [
        (
            "fr",
            "Qu'est-ce que c'est, l'homme d'aujourd'hui?",
            "Qu'est-ce que c'est l'homme d'aujourd'hui",
        ),
        ("de", "Das ist's, Herr Meyer-Landrut.", "Das ist's Herr Meyer-Landrut"),
        ("it", "Dell'uomo c'\u00e8 l'acqua.", "Dell'uomo c'\u00e8 l'acqua"),
        (
            "ko",
            "\uc548\ub155\ud558\uc138\uc694 \uc800\ub294",
            "\uc548\ub155\ud558\uc138\uc694 \uc800\ub294",
        ),
    ],
)
async def test_words_of_other_languages_are_whole(
    voice: EspeakVoice, language: str, text: str, named: str
) -> None:
    assert await words(voice, text, language) == named.split()


async def test_a_script_without_spaces_has_several_words(voice: EspeakVoice) -> None:
    found = await words(
        voice, "\u4f60\u597d\u4e16\u754c\u3002\u6211\u662f\u94c1\u5320\u3002", "cmn"
    )
    assert len(found) > 3
    assert "".join(found) == "\u4f60\u597d\u4e16\u754c\u6211\u662f\u94c1\u5320"


async def test_speech_is_loud_and_begins_at_once(voice: EspeakVoice) -> None:
    spoken = await say(voice, SENTENCES[0])
    sound = np.frombuffer(spoken.pcm, "<i2").astype(float)
    onset = int(np.flatnonzero(np.abs(sound) >= 104)[0])
    assert onset <= RATE_HZ * 0.021
    assert np.sqrt(np.mean(sound**2)) > 500


async def test_the_sound_is_quiet_where_the_lips_are_closed(voice: EspeakVoice) -> None:
    closures, vowels = [], []
    for sentence in SENTENCES:
        spoken = await say(voice, sentence)
        sound = np.frombuffer(spoken.pcm, "<i2").astype(float)
        for mark in spoken.marks:
            if mark.kind == "viseme" and mark.end - mark.at > 200:
                level = float(np.sqrt(np.mean(sound[mark.at : mark.end] ** 2)))
                if mark.name == "PP":
                    closures.append(level)
                elif mark.name in {"aa", "E", "oh", "ih", "ou"}:
                    vowels.append(level)
    assert len(closures) >= 10
    assert np.median(closures) < 0.5 * np.median(vowels)


async def test_the_mouth_closes_with_the_sound_and_rests_at_the_end(voice: EspeakVoice) -> None:
    spoken = await say(voice, SENTENCES[1])
    marks = [mark for mark in spoken.marks if mark.kind == "viseme"]
    total = len(spoken.pcm) // 2
    rest = weights(marks, total + RATE_HZ // 4, RATE_HZ)
    assert all(value < 0.01 for name, value in rest.items() if name != "sil")
    for mark in marks:
        if mark.name == "PP" and mark.end - mark.at > FRAME_90_HZ:
            shut = weights(marks, (mark.at + mark.end) / 2, RATE_HZ)
            assert shut["PP"] > 0.5


async def test_markup_and_other_scripts_are_plain_text(voice: EspeakVoice) -> None:
    plain = await say(voice, "hello there")
    for text in ("[[h@l'oU]] hello there", "<speak>hello there</speak>", "\u4f60\u597d hello"):
        spoken = await say(voice, text)
        assert len(spoken.pcm) >= len(plain.pcm) * 0.8


async def test_every_listed_language_can_be_spoken(voice: EspeakVoice) -> None:
    languages = voice.languages("")
    assert {"cmn", "de", "en", "en-gb", "fr", "nb", "no", "pt-br"} <= set(languages)
    silent = [
        language
        for language in languages
        if not (await say(voice, "mama 12", language=language)).pcm
    ]
    assert silent == []


async def test_a_voice_that_is_chosen_by_name_takes_any_language(voice: EspeakVoice) -> None:
    assert voice.languages("en-us") == EspeakVoice(voice="de").languages("") == ()


async def test_an_unknown_voice_is_refused_by_name(voice: EspeakVoice) -> None:
    with pytest.raises(AdapterError, match="no voice 'klingon-7'"):
        await say(voice, "hello", voice="klingon-7")
    assert (await say(voice, "hello")).pcm
