"""espeak-ng's lips against its sound: closures are where the sound is quiet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import pytest
import pytest_asyncio

from adapters.conformance.voices import say
from frametalk.adapters.tts.espeak.voice import EspeakVoice
from frametalk.bench.real.lip_shift import Spoken, lip_shift

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

SENTENCES = (
    "Bring me a pair of old boots before supper.",
    "My father made five beautiful swords for the baron.",
    "Bram, the blacksmith, opens the door.",
    "Put the map back upon the table, please.",
    "Stop! Nobody passes the bridge before the morning bell.",
    "The price of a good copper pot is twenty pieces, my boy.",
    "The captain bumped his head and dropped the lamp.",
    "Spring comes to the street, and the abbot is happy.",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def voice() -> AsyncIterator[EspeakVoice]:
    voice = EspeakVoice()
    await voice.start()
    yield voice
    await voice.close()


@pytest.mark.parametrize(
    ("name", "speed"),
    [("en", 0.8), ("en", 1.0), ("en", 1.4)]
    + [(name, 1.0) for name in ("en-us", "en-gb-scotland", "de", "en-us+f3")],
)
async def test_lips_close_with_the_sound(voice: EspeakVoice, name: str, speed: float) -> None:
    spoken = [await spoken_by(voice, text, name, speed) for text in SENTENCES]
    found = lip_shift(spoken)
    assert found.closures >= 30
    assert abs(found.ms) <= 10
    assert found.ratios[0] < 0.35
    for late_ms in (-20, 20):  # the measure notices marks that are 20 ms off
        assert abs(lip_shift([moved(each, late_ms) for each in spoken]).ms) > 10


@pytest.mark.parametrize(
    ("word", "shapes"),
    [
        ("Bram", "PP RR aa PP"),
        ("spring", "SS PP RR ih nn"),
        ("strength", "SS DD RR E nn TH"),
        ("shelf", "CH E nn FF"),
    ],
)
async def test_each_consonant_of_a_cluster_has_its_shape(
    voice: EspeakVoice, word: str, shapes: str
) -> None:
    marks = [mark for mark in (await say(voice, word)).marks if mark.kind == "viseme"]
    found = [mark for mark in marks if mark.name != "sil"]
    assert " ".join(mark.name for mark in found) == shapes
    assert all(mark.end - mark.at >= 0.035 * voice.rate_hz for mark in found if mark.name != "PP")


async def spoken_by(voice: EspeakVoice, text: str, name: str, speed: float) -> Spoken:
    chunk = await say(voice, text, voice=name, speed=speed)
    return Spoken(np.frombuffer(chunk.pcm, "<i2"), voice.rate_hz, chunk.marks)


def moved(spoken: Spoken, by_ms: int) -> Spoken:
    by = round(by_ms * spoken.rate_hz / 1000)
    marks = [replace(mark, at=mark.at + by, end=mark.end + by) for mark in spoken.marks]
    return replace(spoken, marks=marks)
