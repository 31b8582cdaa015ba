"""Lips against sound with a trained voice: quiet closures, a shape for each consonant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from adapters.conformance.voices import say
from frametalk.adapters.tts.piper.voice import PiperVoice
from frametalk.bench.real.lip_shift import Spoken, lip_shift
from frametalk.core.marks import Mark

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

SENTENCES = (
    "Bring me a pair of old boots before supper.",
    "Bram, the blacksmith, opens the door.",
    "Put the map back upon the table, please.",
    "Stop! Nobody passes the bridge before the morning bell.",
    "The captain bumped his head and dropped the lamp.",
    "Maybe the abbot keeps the big purple pot.",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def joe(real_models: Callable[[str], Path]) -> AsyncIterator[PiperVoice]:
    file = real_models("en_US-joe-medium") / "en_US-joe-medium.onnx"
    voice = PiperVoice(str(file), threads=1)
    await voice.start()
    yield voice
    await voice.close()


async def test_lips_close_with_the_sound(joe: PiperVoice) -> None:
    spoken = []
    for text in SENTENCES:
        chunk = await say(joe, text)
        spoken.append(Spoken(np.frombuffer(chunk.pcm, "<i2"), joe.rate_hz, chunk.marks))
    found = lip_shift(spoken)
    assert found.closures >= 25
    assert abs(found.ms) <= 10
    assert found.ratios[0] < 0.35
    for late_ms in (-20, 20):  # the measure notices marks that are 20 ms off
        assert abs(lip_shift([moved(each, late_ms) for each in spoken]).ms) > 10


@pytest.mark.parametrize(
    ("word", "shapes"),
    [
        ("Bram", "PP RR aa PP"),
        ("street", "SS DD RR ih DD"),
        ("spring", "SS PP RR ih nn"),
        ("strength", "SS DD RR E nn TH"),
        ("twelfths", "DD ou E nn FF TH SS"),
    ],
)
async def test_each_consonant_of_a_cluster_has_its_shape(
    joe: PiperVoice, word: str, shapes: str
) -> None:
    marks = [mark for mark in (await say(joe, word)).marks if mark.kind == "viseme"]
    found = [mark for mark in marks if mark.name != "sil"]
    assert " ".join(mark.name for mark in found) == shapes
    rate = joe.rate_hz / 1000
    # The voice's lengths are random; seven shapes may have to share 200 ms.
    least_ms = 20 if len(found) == 7 else 35
    assert all((mark.end - mark.at) / rate >= least_ms for mark in found if mark.name != "PP")
    assert all(length_ms(mark, rate) <= 130 for mark in found if mark.name == "PP")


def length_ms(mark: Mark, rate_khz: float) -> float:
    return (mark.end - mark.at) / rate_khz


def moved(spoken: Spoken, by_ms: int) -> Spoken:
    by = round(by_ms * spoken.rate_hz / 1000)
    marks = [replace(mark, at=mark.at + by, end=mark.end + by) for mark in spoken.marks]
    return replace(spoken, marks=marks)
