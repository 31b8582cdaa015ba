"""The real library on models of real shape: words and their times, batches, prefixes, languages.

The weights are random; a steady model reads the same words in any sound.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from conftest import require
from frametalk.adapters.asr.whisper.utterance import Reading, Request
from frametalk.bench.random_models.whisper import build
from frametalk.core.agreement import written
from frametalk.core.audio import RECOGNITION_RATE_HZ as RATE_HZ

if TYPE_CHECKING:
    from frametalk.adapters.asr.whisper.worker import FasterWhisper

pytestmark = pytest.mark.real

WORDS = 10
TIMESTAMP_TOKENS = 8  # that are allowed beside the text, and may be text


def load(folder: Path, beam: int = 1) -> FasterWhisper:
    from frametalk.adapters.asr.whisper.worker import FasterWhisper

    return FasterWhisper(str(folder), device="cpu", compute_type="", threads=1, beam=beam)


def read(model: FasterWhisper, requests: list[Request]) -> list[Reading]:
    return model.decode(requests, lambda: False)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require(find_spec("faster_whisper"), "the package faster-whisper")
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def steady(folders: Path) -> FasterWhisper:
    """English only; it reads ten words."""
    return load(build(folders / "steady", steady_words=WORDS))


@pytest.fixture(scope="module")
def noise(folders: Path) -> FasterWhisper:
    """It reads what random weights make of the sound, without an end."""
    return load(build(folders / "noise", seed=1))


@pytest.fixture(scope="module")
def multilingual(folders: Path) -> FasterWhisper:
    """It knows a hundred languages, detects English in everything and reads ten words."""
    return load(build(folders / "multilingual", multilingual=True, steady_words=WORDS))


def sound(seconds: float, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return (random.standard_normal(int(seconds * RATE_HZ)) * 3_000).astype(np.int16)


def test_a_device_that_is_chosen_computes_as_one_that_is_named(folders: Path) -> None:
    from frametalk.adapters.asr.whisper.worker import FasterWhisper, best_device

    folder = str(build(folders / "chosen", steady_words=3))
    kinds = [
        FasterWhisper(folder, device=device, compute_type="", threads=1, beam=1)._model.compute_type
        for device in ("auto", best_device())
    ]
    assert kinds[0] == kinds[1] != "float32"


def test_words_follow_each_other_within_the_sound(steady: FasterWhisper) -> None:
    (reading,) = read(steady, [Request(sound(2.5))])
    assert len(reading.words) == WORDS
    assert len(written(reading.words).split()) == WORDS
    places = [place for word in reading.words for place in (word.at, word.end)]
    assert places == sorted(places)
    assert (places[0], places[-1] <= 2.5 * RATE_HZ) == (0, True)
    assert all(0.9 < word.confidence <= 1 for word in reading.words)
    assert -0.1 < reading.log_probability <= 0


def test_only_what_follows_a_prefix_is_read(steady: FasterWhisper) -> None:
    (whole,) = read(steady, [Request(sound(2.5))])
    known = tuple(token for word in whole.words[:6] for token in word.tokens)
    (rest,) = read(steady, [Request(sound(2.5), prefix=known)])
    assert [word.text for word in rest.words] == [word.text for word in whole.words[6:]]
    everything = tuple(token for word in whole.words for token in word.tokens)
    (nothing,) = read(steady, [Request(sound(2.5), prefix=everything)])
    assert nothing.words == ()


def test_requests_of_one_shape_are_read_together_each_with_its_own_prefix(
    steady: FasterWhisper,
) -> None:
    (whole,) = read(steady, [Request(sound(2.5))])
    tokens = [token for word in whole.words for token in word.tokens]
    requests = [Request(sound(2.3 + n / 10, n), prefix=tuple(tokens[: n + 1])) for n in range(4)]
    assert len({steady.shape(request) for request in requests}) == 1
    together = read(steady, requests)
    alone = [read(steady, [request])[0] for request in requests]
    for n, (one, other) in enumerate(zip(together, alone, strict=True)):
        assert len(one.words) == WORDS - n - 1
        assert [word.text for word in one.words] == [word.text for word in other.words]


def test_requests_that_cannot_share_a_batch_have_different_shapes(steady: FasterWhisper) -> None:
    plain = Request(sound(1))
    others = [
        Request(sound(11)),
        Request(sound(1), full=True),
        Request(sound(1), prefix=(300,)),
        Request(sound(1), history=(300,)),
        Request(sound(1), language="de"),
    ]
    shapes = [steady.shape(request) for request in (plain, *others)]
    assert len(set(shapes)) == len(shapes)
    assert steady.shape(Request(sound(1.1))) == steady.shape(plain)


def test_text_is_bounded_by_the_length_of_the_sound(folders: Path) -> None:
    talkative = load(build(folders / "talkative", steady_words=80))
    (short,) = read(talkative, [Request(sound(0.5))])
    (longer,) = read(talkative, [Request(sound(4))])
    tokens = [sum(len(word.tokens) for word in one.words) for one in (short, longer)]
    assert 0 < tokens[0] <= 13 + TIMESTAMP_TOKENS
    assert 13 + TIMESTAMP_TOKENS < tokens[1] <= 48 + TIMESTAMP_TOKENS


@pytest.mark.parametrize("full", [False, True])
def test_a_few_samples_or_none_are_read(noise: FasterWhisper, full: bool) -> None:
    for length in (0, 1, 159, 161):
        (reading,) = read(noise, [Request(np.full(length, 900, np.int16), full=full)])
        assert all(word.end <= length for word in reading.words)


@pytest.mark.parametrize(("sound_s", "prefix"), [(26, 200), (26, 0), (0.2, 0), (0.2, 3)])
def test_the_longest_history_fits_with_everything_else(
    noise: FasterWhisper, sound_s: float, prefix: int
) -> None:
    request = Request(
        sound(sound_s),
        history=(300,) * 96,
        prefix=(301,) * prefix,
    )
    (reading,) = read(noise, [request])
    assert all(0 <= word.at <= word.end <= sound_s * RATE_HZ for word in reading.words)


def test_decoding_stops_between_two_steps(steady: FasterWhisper) -> None:
    from frametalk.adapters.asr.whisper.handler import Preempted

    answers = iter([False, True])
    with pytest.raises(Preempted):
        steady.decode([Request(sound(1))], lambda: next(answers))
    assert next(answers, None) is None, "asked before the text and before the words' times"


def test_a_language_is_detected_or_given(multilingual: FasterWhisper) -> None:
    first, second = read(multilingual, [Request(sound(1.5)), Request(sound(1.5, 1))])
    assert (first.language, second.language) == ("en", "en")
    assert len(first.words) == WORDS
    (given,) = read(multilingual, [Request(sound(1.5), language="de")])
    assert (given.language, len(given.words)) == ("de", WORDS)


def test_languages_that_a_model_does_not_know_are_refused(
    steady: FasterWhisper, multilingual: FasterWhisper
) -> None:
    multilingual.require("de")
    with pytest.raises(ValueError, match="'de'"):
        steady.require("de")
    with pytest.raises(ValueError, match="'klingon'"):
        multilingual.require("klingon")


def test_features_are_padded_as_the_library_pads_sound(
    steady: FasterWhisper,
) -> None:
    """Padded features equal the features of padded sound."""
    samples = sound(1.5)
    filled = np.concatenate((samples / np.float32(32_768), np.zeros(24_000, np.float32)))
    theirs = steady._whisper.feature_extractor(filled, padding=0)[:, :300]
    assert np.allclose(steady._features(samples, 300), theirs, atol=1e-5)


def test_a_beam_finds_the_same_words_in_a_steady_model(
    folders: Path, steady: FasterWhisper
) -> None:
    wide = load(folders / "steady", beam=5)
    request = Request(sound(2))
    (one,), (five,) = read(steady, [request]), read(wide, [request])
    assert [word.text for word in one.words] == [word.text for word in five.words]


def test_text_that_begins_after_the_sound_is_no_speech(steady: FasterWhisper) -> None:
    from frametalk.adapters.asr.whisper.worker import said_tokens

    tokenizer = steady._tokenizer("")

    def at(seconds: float) -> int:
        return tokenizer.timestamp_begin + round(seconds / 0.02)

    twice = [at(0), 1, 2, at(1.0), at(1.0), 3, at(7.0), at(7.0), 1, 2, at(29.0)]
    assert said_tokens(twice, tokenizer, 2.5) == [1, 2, 3]
    assert said_tokens([1, 2], tokenizer, 2.5) == [1, 2]


def test_punctuation_joins_the_word_before_it_and_a_prefix_may_end_within_a_word(
    steady: FasterWhisper,
) -> None:
    from frametalk.adapters.asr.whisper.worker import placed_words

    tokenizer = steady._tokenizer("")
    tokens = tokenizer.encode(" key!")  # one token a letter: the vocabulary merges nothing
    assert len(tokens) == 5

    alignment = SimpleNamespace(
        alignments=[(n, n * 10) for n in range(len(tokens) + 1)],
        text_token_probs=[1.0] * len(tokens),
    )
    (word,) = placed_words(tokenizer, tokens, alignment, 0, RATE_HZ)
    assert (word.text, word.at, word.end) == (" key!", 0, 4 * 10 * 320)
    (rest,) = placed_words(tokenizer, tokens, alignment, 3, RATE_HZ)
    assert (rest.text, rest.at, rest.tokens) == ("y!", 3 * 10 * 320, tuple(tokens[3:]))
