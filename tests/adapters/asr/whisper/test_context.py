"""How much is encoded for a sound."""

from __future__ import annotations

from frametalk.adapters.asr.whisper.context import FULL_FRAMES, encoded_frames


def frames(sound_s: float, *, full: bool = False) -> float:
    return encoded_frames(int(sound_s * 100), full=full, multiple_of=50) / 100


def test_short_sound_gets_much_silence_and_long_sound_little() -> None:
    silences = [frames(sound_s) - sound_s for sound_s in (0.5, 2, 4, 6, 8)]
    assert silences == sorted(silences, reverse=True)
    assert silences[0] == 11.5
    assert 3 <= frames(20) - 20 < 4


def test_nothing_is_longer_than_the_model_takes() -> None:
    assert frames(29) == frames(35) == frames(1, full=True) == FULL_FRAMES / 100


def test_lengths_are_multiples_so_that_streams_share_batches() -> None:
    assert frames(10.02) == frames(10.4)
    assert encoded_frames(1_020, full=False, multiple_of=200) == 1_400
