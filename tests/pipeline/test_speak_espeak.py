"""The speaking stage with a real voice: written figures come out as words, marks lie in their sound."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from frametalk.adapters.tts.espeak.voice import RATE_HZ, EspeakVoice
from frametalk.core.marks import Mark
from frametalk.pipeline.reply import SayClause
from frametalk.pipeline.speak import Speak
from frametalk.wire.messages import ReplyMarks
from stages import Stage, character

pytestmark = pytest.mark.real


@pytest_asyncio.fixture
async def voice() -> AsyncIterator[EspeakVoice]:
    one = EspeakVoice()
    await one.start()
    yield one
    await one.close()


async def spoken(voice: EspeakVoice, *clauses: str) -> tuple[np.ndarray, list[Mark]]:
    """Sound and marks of a reply."""
    stage = Stage(now=lambda: 0.0)
    one = stage.reply(rate_hz=RATE_HZ)
    no_calls: Any = None
    speaker = Speak(stage.context, one, character(voice=voice), no_calls)
    for clause in (*clauses, None):
        one.script.put_nowait(None if clause is None else SayClause(clause))
    await speaker.synthesise()
    frames = one.frames.frames
    marks = [mark for item in stage.of(ReplyMarks) for mark in item.marks]
    return np.frombuffer(b"".join(frame.payload for frame in frames), "<i2"), marks


def named(marks: list[Mark], *kinds: str) -> list[tuple[str, int]]:
    return [(mark.name, mark.at) for mark in marks if mark.kind in kinds]


async def test_figures_sound_like_their_words_and_are_marked_as_written(voice: EspeakVoice) -> None:
    sound, marks = await spoken(voice, "*nods* [happy] That's 25 gold, or $3.50.")
    plain, words = await spoken(voice, "That's twenty-five gold, or three dollars and fifty cents.")
    near = RATE_HZ // 50  # the engine says no clause twice quite alike
    assert len(sound) == pytest.approx(len(plain), abs=near)
    shapes = [name for name, _at in named(marks, "viseme")]
    assert shapes == [name for name, _at in named(words, "viseme")]
    said, at = dict(named(marks, "word")), dict(named(words, "word"))
    assert named(marks, "gesture", "emotion") == [
        ("nod", said["That's"]),
        ("happy", said["That's"]),
    ]
    assert list(said) == ["That's", "25", "gold", "or", "$3.50"]
    for written, first in zip(said, ("That's", "twenty-five", "gold", "or", "three"), strict=True):
        assert said[written] == pytest.approx(at[first], abs=near)


async def test_a_direction_lies_where_its_word_begins(voice: EspeakVoice) -> None:
    sound, marks = await spoken(voice, "Wait.", "*sighs*", "Take it *points* there.", "*bows*")
    words = dict(named(marks, "word"))
    waited = next(mark.end for mark in marks if mark.name == "Wait")
    assert named(marks, "gesture") == [
        ("sigh", waited),
        ("point", words["there"]),
        ("bow", len(sound)),
    ]
