"""Sentences spoken and read back."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.bench.real.folder import Absent
from frametalk.bench.real.roundtrip import measure, recorded, summary
from frametalk.bench.real.sayings import Saying
from heard_texts import FakeRecognisers, context, heard


def test_the_rate_is_over_all_words_and_what_is_wrong_is_listed() -> None:
    values = summary([heard("a b c", "A, b, c."), heard("d e f g h", "d e x g h")])
    assert (values["roundtrip_wer"], values["roundtrip_wer_n"]) == (round(1 / 8, 4), 8)
    assert values["roundtrip_wrong"] == ["d e f g h | d e x g h"]


def test_a_sentence_is_recorded_at_the_recogniser_s_rate_with_silence_around() -> None:
    saying = Saying("hello", np.full(24_000, 500, np.int16), 24_000, ())
    spoken = recorded(saying)
    assert spoken.text == "hello"
    assert spoken.sound_s == pytest.approx(1 + 0.45, abs=0.001)


async def test_without_models_there_is_nothing_to_measure() -> None:
    with pytest.raises(Absent):
        await measure(context(FakeRecognisers()))
