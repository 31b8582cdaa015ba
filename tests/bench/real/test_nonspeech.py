"""Words in sound without speech are counted over all recognisers."""

from __future__ import annotations

import pytest

from frametalk.bench.real.folder import Absent
from frametalk.bench.real.nonspeech import measure
from heard_texts import FakeRecognisers, context


async def test_silence_from_all_recognisers_is_no_word() -> None:
    values = await measure(context(FakeRecognisers()))
    assert values["nonspeech_believed"] == 0
    assert values["nonspeech_believed_n"] == 14
    assert len(values["nonspeech_believed_by"]) == 5


async def test_each_word_counts_with_its_sound_and_recogniser() -> None:
    heard = {("base", True, "breath"): "key, key,", ("tiny", False, "music"): "you"}
    values = await measure(context(FakeRecognisers(heard)))
    assert values["nonspeech_believed"] == 3
    assert values["nonspeech_believed_by"]["base, with hints"] == ["breath | key, key,"]
    assert values["nonspeech_believed_by"]["tiny"] == ["music | you"]


async def test_an_absent_recogniser_is_skipped_and_none_is_nothing_to_measure() -> None:
    made = context(FakeRecognisers(present=("base",)))
    assert (await measure(made))["nonspeech_believed"] == 0
    assert set(made.skipped.values()) == {"no tiny", "no joined"}
    with pytest.raises(Absent):
        await measure(context(FakeRecognisers(present=())))
