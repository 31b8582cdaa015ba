"""Sentences are spoken by a voice that is chosen by name, with their mouth shapes."""

from __future__ import annotations

import pytest

from frametalk.bench.real.folder import Absent
from frametalk.bench.real.sayings import spoken
from heard_texts import FakeRecognisers, context


async def test_each_sentence_has_its_own_sound_and_marks() -> None:
    options = {"ms_per_char": 100, "first_chunk_ms": 0}
    short, long = await spoken("fixed", options, ["one", "one two"])
    assert (short.text, long.text) == ("one", "one two")
    assert len(long.samples) > len(short.samples) > 0
    assert [mark.name for mark in long.marks if mark.kind == "word"] == ["one", "two"]
    assert all(mark.end <= len(long.samples) for mark in long.marks)


async def test_the_voice_joe_needs_its_model() -> None:
    with pytest.raises(Absent, match="en_US-joe-medium"):
        await context(FakeRecognisers()).sayings("joe")
