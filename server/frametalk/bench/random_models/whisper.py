"""Whisper models of real shape with random weights: real code at its real cost.

They need no download and load like any model of faster-whisper. Their text is noise or, with
`steady_words`, always the same words: then successive hypotheses agree and end, as with a trained model.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

Floats = npt.NDArray[np.float32]
Quantization = Literal["int8", "float16", "float32"]

SPREAD = 0.02  # standard deviation of a weight, as at the start of training
ENCODER_POSITIONS = 1_500  # 30 s
DECODER_POSITIONS = 448
TIMESTAMPS = 1_501  # 0.00 to 30.00 s in steps of 20 ms
# How far a position's embedding of its word exceeds all layers, and the logit that results.
STEADY_SCALE = 5.0
STEADY_LOGIT = 24.0

SYLLABLES = [a + b for a, b in product("bdfgklmnprst", "aeiou")][:40]
BYTES = 256
TEXT_TOKENS = 50_256
LANGUAGES = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr"
    " bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn"
    " yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su"
    " yue"
).split()
TASKS = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]


@dataclass(frozen=True, slots=True)
class Size:
    """The shape of a published model; `micro` is for tests."""

    width: int
    heads: int
    encoder_layers: int
    decoder_layers: int
    mels: int = 80
    languages: int = 99


SIZES = {
    "micro": Size(64, 2, 1, 1),
    "tiny": Size(384, 6, 4, 4),
    "base": Size(512, 8, 6, 6),
    "small": Size(768, 12, 12, 12),
    "medium": Size(1024, 16, 24, 24),
    "large-v3-turbo": Size(1280, 20, 32, 4, mels=128, languages=100),
}


def build(
    folder: Path,
    size: str = "micro",
    *,
    multilingual: bool = False,
    steady_words: int = 0,
    quantization: Quantization = "int8",
    seed: int = 0,
) -> Path:
    """Write a model folder and return it; `tiny` takes 1 s and 42 MB.

    English-only unless `multilingual`; the large model is always multilingual. `steady_words` makes it say
    that many words and end. Raises KeyError for an unknown size.
    """
    from ctranslate2.specs import whisper_spec

    shape = SIZES[size]
    vocabulary = Vocabulary(multilingual or shape.languages > 99, shape.languages)  # noqa: PLR2004
    weights = _Weights(np.random.default_rng(seed), shape)
    spec: Any = whisper_spec.WhisperSpec(
        shape.encoder_layers, shape.heads, shape.decoder_layers, shape.heads
    )
    weights.encoder(spec.encoder)
    weights.decoder(spec.decoder, len(vocabulary.tokens))
    if steady_words:
        _say_always(spec.decoder, vocabulary, steady_words, seed)
    spec.config.lang_ids = vocabulary.languages
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [vocabulary.id(" "), vocabulary.end]
    spec.config.alignment_heads = [[shape.decoder_layers - 1, n] for n in range(shape.heads)]
    spec.register_vocabulary(vocabulary.tokens)
    spec.validate()
    spec.optimize(quantization=None if quantization == "float32" else quantization)
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    vocabulary.save(folder / "tokenizer.json")
    features = {"feature_size": shape.mels, "sampling_rate": 16_000, "hop_length": 160}
    (folder / "preprocessor_config.json").write_text(json.dumps(features), encoding="utf-8")
    return folder


class Vocabulary:
    """Tokens with Whisper's ids: bytes, made-up words, then special tokens."""

    def __init__(self, multilingual: bool, languages: int) -> None:
        from tokenizers import pre_tokenizers

        self._alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
        text = [*self._alphabet, *islice(_words(), TEXT_TOKENS - BYTES)]
        if multilingual:
            text.append("")  # CTranslate2 recognises multilingual models by this token
        codes = [f"<|{code}|>" for code in LANGUAGES[:languages]]
        self.special = [
            "<|endoftext|>", "<|startoftranscript|>", *codes, *(f"<|{task}|>" for task in TASKS)
        ]  # fmt: skip
        stamps = [f"<|{n * 0.02:.2f}|>" for n in range(TIMESTAMPS)]
        self.tokens = [*text, *self.special, *stamps]
        self.multilingual = multilingual
        self.end = len(text)
        self.languages = list(range(self.end + 2, self.end + 2 + languages))
        self._ids = {token: n for n, token in enumerate(self.tokens)}

    def id(self, token: str) -> int:
        """The id of a token, which may begin with a space."""
        return self._ids[token.replace(" ", "\u0120")]

    def save(self, file: Path) -> None:
        """Write it as tokenizer.json."""
        from tokenizers import Tokenizer, decoders, models, pre_tokenizers

        tokenizer = Tokenizer(models.BPE(self._ids, []))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.add_special_tokens(self.special)
        tokenizer.save(str(file))


def _words() -> Iterator[str]:
    """Pronounceable words, each beginning with a space in the tokenizer's notation."""
    for syllables in product(SYLLABLES, repeat=3):
        yield "\u0120" + "".join(syllables)


class _Weights:
    """Fills the layers of a specification with random weights."""

    def __init__(self, random: np.random.Generator, shape: Size) -> None:
        self._random = random
        self._shape = shape

    def encoder(self, encoder: Any) -> None:
        width = self._shape.width
        for convolution, channels in ((encoder.conv1, self._shape.mels), (encoder.conv2, width)):
            convolution.weight = self._normal(width, channels, 3)
            convolution.bias = np.zeros(width, np.float32)
        encoder.position_encodings.encodings = self._normal(ENCODER_POSITIONS, width)
        self._norm(encoder.layer_norm)
        for layer in encoder.layer:
            self._attention(layer.self_attention, (3,), (1,))
            self._feed_forward(layer.ffn)

    def decoder(self, decoder: Any, tokens: int) -> None:
        width = self._shape.width
        decoder.embeddings.weight = self._normal(tokens, width)
        decoder.projection.weight = decoder.embeddings.weight
        decoder.position_encodings.encodings = self._normal(DECODER_POSITIONS, width)
        self._norm(decoder.layer_norm)
        for layer in decoder.layer:
            self._attention(layer.self_attention, (3,), (1,))
            self._attention(layer.attention, (1,), (2,), (1,))
            self._feed_forward(layer.ffn)

    def _attention(self, attention: Any, *widths: tuple[int]) -> None:
        width = self._shape.width
        self._norm(attention.layer_norm)
        for linear, (times,) in zip(attention.linear, widths, strict=True):
            self._linear(linear, times * width, width)

    def _feed_forward(self, feed_forward: Any) -> None:
        width = self._shape.width
        self._norm(feed_forward.layer_norm)
        self._linear(feed_forward.linear_0, 4 * width, width)
        self._linear(feed_forward.linear_1, width, 4 * width)

    def _linear(self, linear: Any, rows: int, columns: int) -> None:
        linear.weight = self._normal(rows, columns)
        linear.bias = np.zeros(rows, np.float32)

    def _norm(self, norm: Any) -> None:
        norm.gamma = np.ones(self._shape.width, np.float32)
        norm.beta = np.zeros(self._shape.width, np.float32)

    def _normal(self, *shape: int) -> Floats:
        drawn: Floats = self._random.standard_normal(shape, np.float32) * np.float32(SPREAD)
        return drawn


def _say_always(decoder: Any, vocabulary: Vocabulary, words: int, seed: int) -> None:
    """Make each position of the decoder say one word, whatever the sound; then the end.

    The first word follows a prompt without history: start, language and task if there are any, and "no
    timestamps".
    """
    first = 3 if vocabulary.multilingual else 1
    random = np.random.default_rng(seed)
    tokens = np.full(DECODER_POSITIONS, vocabulary.end)
    tokens[0] = vocabulary.id("<|en|>")
    tokens[first : first + words] = random.choice(
        np.arange(BYTES, TEXT_TOKENS), words, replace=False
    )
    directions = decoder.embeddings.weight[tokens]
    scale = STEADY_SCALE * np.sqrt(directions.shape[1])
    norms = np.linalg.norm(directions, axis=1, keepdims=True)
    decoder.position_encodings.encodings = (scale * directions / norms).astype(np.float32)
    gain = STEADY_LOGIT / (SPREAD * directions.shape[1])
    decoder.layer_norm.gamma = np.full_like(decoder.layer_norm.gamma, gain)
