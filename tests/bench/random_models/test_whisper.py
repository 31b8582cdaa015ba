"""The random Whisper models: the library loads them, and they say what they should."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from conftest import require
from frametalk.bench.random_models.whisper import SIZES, Vocabulary, build

pytestmark = pytest.mark.real


@pytest.fixture(autouse=True)
def _library() -> None:
    require(find_spec("faster_whisper"), "the package faster-whisper")


def transcribed(folder: Path, **options: object) -> tuple[str, str]:
    """Language and text of a second of noise, by the library's own call."""
    from faster_whisper import WhisperModel

    sound = np.random.default_rng(0).standard_normal(16_000).astype(np.float32) / 10
    model = WhisperModel(str(folder), device="cpu", cpu_threads=1, local_files_only=True)
    segments, info = model.transcribe(
        sound, beam_size=1, temperature=0.0, without_timestamps=True, **options
    )
    return info.language, "".join(segment.text for segment in segments)


@pytest.mark.parametrize(("multilingual", "words"), [(False, 7), (True, 4)])
def test_a_steady_model_says_its_words_and_ends(
    tmp_path: Path, multilingual: bool, words: int
) -> None:
    folder = build(tmp_path, multilingual=multilingual, steady_words=words)
    language, text = transcribed(folder)
    assert language == "en"
    assert len(text.split()) == len(set(text.split())) == words
    assert build(tmp_path / "again", multilingual=multilingual, steady_words=words).is_dir()
    assert transcribed(tmp_path / "again")[1] == text, "a seed always makes the same model"


def test_models_with_different_seeds_say_different_noise(tmp_path: Path) -> None:
    texts = {
        transcribed(build(tmp_path / str(seed), seed=seed), max_new_tokens=8)[1] for seed in (0, 1)
    }
    assert len(texts) == 2


def test_special_tokens_have_whispers_ids() -> None:
    assert len(Vocabulary(False, 99).tokens) == 51_864
    assert len(Vocabulary(True, 99).tokens) == 51_865
    newest = Vocabulary(True, 100)
    assert len(newest.tokens) == 51_866
    assert newest.id("<|startoftranscript|>") == 50_258
    assert newest.id("<|notimestamps|>") == 50_364
    assert newest.id("<|30.00|>") == 51_865


def test_the_folder_states_the_number_of_mel_bands(tmp_path: Path) -> None:
    features = json.loads((build(tmp_path) / "preprocessor_config.json").read_text())
    assert features["feature_size"] == SIZES["micro"].mels
    with pytest.raises(KeyError):
        build(tmp_path / "none", "gigantic")
