"""A recogniser hears a recording in microphone frames. Time is virtual."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from frametalk.adapters.asr.fixed import FixedRecogniser
from frametalk.adapters.base import Bias, Hypothesis
from frametalk.byhand.hearing import hear, stretches

pytestmark = pytest.mark.looptime
SECOND = np.zeros(16_000, np.int16)
Told = list[tuple[float, str, str]]


def note(told: Told, at_ms: float, one: Hypothesis) -> None:
    told.append((at_ms, one.text[: one.stable], one.text[one.stable :]))


async def test_partials_come_with_the_sound_they_are_made_of() -> None:
    told: Told = []
    recogniser = FixedRecogniser(["open the red door"], finalize_ms=60)
    heard = await hear(
        recogniser,
        SECOND,
        Bias(),
        lambda at_ms, one: note(told, at_ms, one),
        live=True,
        now=asyncio.get_running_loop().time,
    )
    assert told == [
        (260, "", "open"),
        (500, "open", " the"),
        (760, "open the", " red"),
        (1_000, "open the red", " door"),
    ]
    assert heard.hypothesis.text == "open the red door"
    assert heard.final_ms == pytest.approx(60, abs=0.1)
    assert heard.took_ms == pytest.approx(1_060, abs=0.1)


async def test_without_a_pace_only_the_engine_takes_time() -> None:
    heard = await hear(
        FixedRecogniser(["hello"], finalize_ms=200),
        SECOND,
        Bias(),
        lambda _at_ms, _one: None,
        now=asyncio.get_running_loop().time,
    )
    assert heard.took_ms == pytest.approx(200, abs=0.1)
    assert heard.real_time_factor == pytest.approx(0.2, abs=1e-3)
    assert heard.sound_ms == 1_000


async def test_every_sample_is_fed_once_also_the_last_short_frame() -> None:
    class Counting(FixedRecogniser):
        fed = b""

        def open(self, bias, on_partial):
            stream = super().open(bias, on_partial)
            counting = self

            class Stream:
                def feed(self, pcm: bytes) -> None:
                    counting.fed += pcm

                finalize = staticmethod(stream.finalize)
                cancel = staticmethod(stream.cancel)

            return Stream()

    recogniser = Counting()
    sound = np.arange(1_000, dtype=np.int16)
    await hear(recogniser, sound, Bias(), lambda _at_ms, _one: None)
    assert recogniser.fed == sound.tobytes()


def test_a_long_recording_is_cut_where_a_turn_would_be_called_over() -> None:
    parts = list(stretches(np.arange(2_500, dtype=np.int16), 1_000, 1_000, 1_000))
    assert [(at, len(part)) for at, part in parts] == [(0, 1_000), (1_000, 1_000), (2_000, 500)]
    assert np.array_equal(np.concatenate([part for _at, part in parts]), np.arange(2_500))


def test_another_rate_keeps_the_length() -> None:
    ((at, part),) = stretches(SECOND, 16_000, 8_000, 60_000)
    assert (at, len(part)) == (0, 8_000)
