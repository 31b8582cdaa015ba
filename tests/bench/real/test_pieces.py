"""Recordings are cut in the middle of pauses, and nothing of them is lost."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.bench.real.corpus import Speech
from frametalk.bench.real.pieces import of_free_length, pauses, pieces
from frametalk.core.audio import RECOGNITION_RATE_HZ, Samples


def recording(*parts_s: float) -> Samples:
    """Noise and silence in turns, of these lengths."""
    random = np.random.default_rng(0)
    return np.concatenate(
        [
            (random.standard_normal(round(s * RECOGNITION_RATE_HZ)) * (3_000, 10)[n % 2]).astype(
                np.int16
            )
            for n, s in enumerate(parts_s)
        ]
    )


def test_a_pause_is_as_long_as_a_breath() -> None:
    sound = recording(1.0, 0.4, 1.0, 0.1, 1.0, 0.5)
    assert [at / RECOGNITION_RATE_HZ for at in pauses(sound)] == [pytest.approx(1.2, abs=0.02)]


def test_pieces_are_long_enough_and_together_the_recording() -> None:
    whole = Speech("tale", recording(1.5, 0.4, 1.5, 0.4, 2.5, 0.4, 0.5))
    found = pieces(whole)
    assert [piece.name for piece in found] == ["tale 1", "tale 2"]
    assert found[0].sound_s == pytest.approx(3.6, abs=0.03)
    assert (np.concatenate([piece.samples for piece in found]) == whole.samples).all()


def test_a_breath_is_no_piece() -> None:
    sound = recording(2.5, 1.0, 0.3, 1.0, 2.5, 1.0, 0.3, 1.0)
    for begin_s in (3.5, 8.3):
        begin = round(begin_s * RECOGNITION_RATE_HZ)
        sound[begin : begin + round(0.3 * RECOGNITION_RATE_HZ)] //= 5
    found = pieces(Speech("tale", sound), shortest_ms=1_000)
    assert [piece.sound_s for piece in found] == [
        pytest.approx(3.0, abs=0.02),
        pytest.approx(6.6, abs=0.02),
    ]


def test_a_recording_without_pauses_is_one_piece() -> None:
    assert [piece.sound_s for piece in pieces(Speech("word", recording(0.8)))] == [0.8]


def test_free_speech_is_two_to_six_seconds() -> None:
    kept = of_free_length([Speech(str(s), recording(s)) for s in (1.9, 2.0, 6.0, 6.1)])
    assert [one.name for one in kept] == ["2.0", "6.0"]
