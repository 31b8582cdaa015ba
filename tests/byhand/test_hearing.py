"""A recogniser gets a recording in microphone frames. Time is virtual."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from frametalk.adapters.asr.fixed import FixedRecogniser
from frametalk.adapters.base import Bias, Hypothesis
from frametalk.byhand.hearing import recognise, segments

pytestmark = pytest.mark.looptime
SECOND = np.zeros(16_000, np.int16)
Partials = list[tuple[float, str, str]]


def note(partials: Partials, at_ms: float, hypothesis: Hypothesis) -> None:
    partials.append(
        (at_ms, hypothesis.text[: hypothesis.stable], hypothesis.text[hypothesis.stable :])
    )


async def test_partials_come_at_the_pace_of_the_sound() -> None:
    partials: Partials = []
    recogniser = FixedRecogniser(["open the red door"], finalize_ms=60)
    found = await recognise(
        recogniser,
        SECOND,
        Bias(),
        lambda at_ms, one: note(partials, at_ms, one),
        live=True,
        now=asyncio.get_running_loop().time,
    )
    assert partials == [
        (260, "", "open"),
        (500, "open", " the"),
        (760, "open the", " red"),
        (1_000, "open the red", " door"),
    ]
    assert found.hypothesis.text == "open the red door"
    assert found.final_ms == pytest.approx(60, abs=0.1)
    assert found.took_ms == pytest.approx(1_060, abs=0.1)


async def test_without_live_only_the_engine_takes_time() -> None:
    found = await recognise(
        FixedRecogniser(["hello"], finalize_ms=200),
        SECOND,
        Bias(),
        lambda _at_ms, _one: None,
        now=asyncio.get_running_loop().time,
    )
    assert found.took_ms == pytest.approx(200, abs=0.1)
    assert found.real_time_factor == pytest.approx(0.2, abs=1e-3)
    assert found.sound_ms == 1_000


async def test_every_sample_is_fed_once_including_the_last_short_frame() -> None:
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
    await recognise(recogniser, sound, Bias(), lambda _at_ms, _one: None)
    assert recogniser.fed == sound.tobytes()


def test_a_long_recording_is_split_at_the_greatest_length_of_a_turn() -> None:
    parts = list(segments(np.arange(2_500, dtype=np.int16), 1_000, 1_000, 1_000))
    assert [(at, len(part)) for at, part in parts] == [(0, 1_000), (1_000, 1_000), (2_000, 500)]
    assert np.array_equal(np.concatenate([part for _at, part in parts]), np.arange(2_500))


def test_another_rate_keeps_the_length() -> None:
    ((at, part),) = segments(SECOND, 16_000, 8_000, 60_000)
    assert (at, len(part)) == (0, 8_000)
