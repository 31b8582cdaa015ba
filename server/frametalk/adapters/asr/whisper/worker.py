"""Whisper with faster-whisper and CTranslate2, in the worker process: sound in, timed words out."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import zip_longest
from typing import Any

# The features' one small matrix product is 25 times faster on one thread, and idle OpenBLAS threads take
# the model's cores. numpy reads it when it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from ctranslate2 import StorageView, get_cuda_device_count
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from frametalk.adapters.asr.whisper.context import FRAMES_PER_S, encoded_frames
from frametalk.adapters.asr.whisper.handler import AUTO, Preempted, StreamHandler
from frametalk.adapters.asr.whisper.names import was_said
from frametalk.adapters.asr.whisper.spellings import (
    LEAST_PROBABILITY,
    log_probability,
    other_spellings,
)
from frametalk.adapters.asr.whisper.utterance import TOKENS_AT_ONCE, Reading, Request, token_limit
from frametalk.core.agreement import TimedWord, bare
from frametalk.core.audio import FULL_SCALE, RECOGNITION_RATE_HZ, Samples
from frametalk.workers.child import ChildCall

TIMESTAMP_S = 0.02
SAMPLES_PER_FRAME = RECOGNITION_RATE_HZ // FRAMES_PER_S
SAMPLES_PER_POSITION = 2 * SAMPLES_PER_FRAME  # the encoder halves the frames
BUCKET_FRAMES = {"cpu": 50, "cuda": 200}  # lengths are rounded up to this, to share batches
COMPUTE_TYPES = {"cpu": "int8", "cuda": "float16"}
# A final may have to wait for one batch of partials; a GPU decodes many as fast as one.
MAX_FINALS = {"cpu": 4, "cuda": 16}
MAX_PARTIALS = {"cpu": 2, "cuda": 16}
SILENCE_BELOW_LOUDEST = 2.0  # where the features are clipped, in their unit

MAX_TOKENS = 224  # half of the decoder's positions, as in the model's training
PROMPT_TOKENS = 5  # previous text, start, language, task, first timestamp
TIMESTAMP_TOKENS = 8  # that a reading may have beside its text


class FasterWhisper:
    """One model on `device` "cpu", "cuda" or "auto".

    Raises whatever the libraries raise for a model that cannot be loaded.
    """

    def __init__(
        self, folder: str, *, device: str, compute_type: str, threads: int, beam: int
    ) -> None:
        # The library reads its table of types by the device's name as given, and has none for "auto".
        kind = device if device != "auto" else best_device()
        self._whisper = WhisperModel(
            folder,
            device=kind,
            compute_type=compute_type or COMPUTE_TYPES[kind],
            cpu_threads=threads,
            local_files_only=True,
        )
        self._model = self._whisper.model
        self._beam = beam
        self.languages = list(self._whisper.supported_languages)
        self._bucket = BUCKET_FRAMES[kind]
        self.max_finals = MAX_FINALS[kind]
        self.max_partials = MAX_PARTIALS[kind]
        self._tokenizer = lru_cache(self._new_tokenizer)
        # The first reading loads the library's kernels, and fails if this is not a Whisper model.
        self.decode([Request(np.zeros(RECOGNITION_RATE_HZ, np.int16))], lambda: False)

    def require(self, language: str) -> None:
        """Raise ValueError for a language that the model does not know."""
        if language not in self.languages:
            raise ValueError(f"this model does not know the language {language!r}")

    def shape(self, request: Request) -> Hashable:
        """What requests of a batch share: frames, language, prompt length, whether there is a prefix."""
        return (
            self._frames(request),
            request.language,
            len(request.history),
            bool(request.prefix),
        )

    def decode(self, requests: Sequence[Request], should_stop: Callable[[], bool]) -> list[Reading]:
        """Decode requests of one shape. Raises Preempted between two steps if `should_stop`."""
        encoded = self._encode(requests)
        if requests[0].language or not self._model.is_multilingual:
            return self._read(requests, encoded, should_stop)
        detected = [ranked[0][0] for ranked in self._model.detect_language(encoded)]
        named = [
            replace(request, language=token.strip("<|>"))
            for request, token in zip(requests, detected, strict=True)
        ]
        if len(set(detected)) == 1:
            return self._read(named, encoded, should_stop)
        return [self._read([request], self._encode([request]), should_stop)[0] for request in named]

    # ---- sound -----------------------------------------------------------------------------------

    def _encode(self, requests: Sequence[Request]) -> Any:
        frames = self._frames(requests[0])
        features = np.stack([self._features(request.samples, frames) for request in requests])
        return self._model.encode(StorageView.from_array(features))

    def _frames(self, request: Request) -> int:
        return encoded_frames(
            len(request.samples) // SAMPLES_PER_FRAME, full=request.full, multiple_of=self._bucket
        )

    def _features(self, samples: Samples, frames: int) -> Any:
        """Log-mel spectrum of the sound, padded with silence to the number of frames."""
        sound = np.zeros((len(samples) // SAMPLES_PER_FRAME + 4) * SAMPLES_PER_FRAME, np.float32)
        sound[: len(samples)] = samples / FULL_SCALE
        heard = self._whisper.feature_extractor(sound, padding=0)[:, :frames]
        silence = heard.max() - SILENCE_BELOW_LOUDEST
        filled = np.full((len(heard), frames), silence, np.float32)
        filled[:, : heard.shape[1]] = heard
        return filled

    # ---- text ------------------------------------------------------------------------------------

    def _read(
        self, requests: Sequence[Request], encoded: Any, should_stop: Callable[[], bool]
    ) -> list[Reading]:
        if should_stop():
            raise Preempted
        tokenizer = self._tokenizer(requests[0].language)
        results = self._model.generate(
            encoded,
            [self._prompt(tokenizer, request) for request in requests],
            beam_size=self._beam,
            max_length=max(self._longest(request) for request in requests),
            return_scores=True,
            return_no_speech_prob=True,
            # With a prefix an empty reading is right when nothing follows; without one it is not.
            suppress_blank=not requests[0].prefix,
        )
        tokens = [
            said_tokens(result.sequences_ids[0], tokenizer, request.sound_s)
            for request, result in zip(requests, results, strict=True)
        ]
        if should_stop():
            raise Preempted
        words = self._words(tokenizer, requests, tokens, encoded)
        return [
            Reading(
                tuple(said), result.scores[0], result.no_speech_prob, requests[0].language or "en"
            )
            for said, result in zip(words, results, strict=True)
        ]

    def _prompt(self, tokenizer: Tokenizer, request: Request) -> list[int]:
        previous = [tokenizer.sot_prev, *request.history] if request.history else []
        # A text that begins with a timestamp also ends with one, and seldom repeats itself.
        return [*previous, *tokenizer.sot_sequence, tokenizer.timestamp_begin, *request.prefix]

    def _longest(self, request: Request) -> int:
        """The library's bound on all tokens; it halves this for the text with its prefix."""
        new = token_limit(len(request.samples))
        text = min(MAX_TOKENS, max(new, len(request.prefix) + TOKENS_AT_ONCE) + TIMESTAMP_TOKENS)
        return max(2 * text, PROMPT_TOKENS + len(request.history) + text)

    def _new_tokenizer(self, language: str) -> Tokenizer:
        several = self._model.is_multilingual
        return Tokenizer(
            self._whisper.hf_tokenizer, several, task="transcribe", language=language or "en"
        )

    # ---- word times ------------------------------------------------------------------------------

    def _words(
        self,
        tokenizer: Tokenizer,
        requests: Sequence[Request],
        tokens: Sequence[list[int]],
        encoded: Any,
    ) -> list[list[TimedWord]]:
        """Words with their times, from the decoder's attention over the sound; names spelled as such."""
        if not any(tokens):
            return [[] for _ in tokens]
        sounds = [max(2, len(request.samples) // SAMPLES_PER_FRAME) for request in requests]

        def align(texts: Sequence[list[int]]) -> list[Any]:
            return [*self._model.align(encoded, tokenizer.sot_sequence, list(texts), sounds)]

        alignments = align(tokens)
        placed = [
            placed_words(tokenizer, said, alignment, len(request.prefix), len(request.samples))
            for request, said, alignment in zip(requests, tokens, alignments, strict=True)
        ]
        spellings = [
            other_spellings(tokenizer, request.prefix, words, request.names)
            for request, words in zip(requests, placed, strict=True)
        ]
        read = [log_probability(alignment) for alignment in alignments]
        most = [-math.inf] * len(requests)
        for tried in zip_longest(*spellings):
            texts = [one.tokens if one else said for one, said in zip(tried, tokens, strict=True)]
            for row, (one, alignment) in enumerate(zip(tried, align(texts), strict=True)):
                probability = log_probability(alignment)
                if one is None or probability <= most[row]:
                    continue
                if was_said(one.likeness, probability - read[row]):
                    request, most[row] = requests[row], probability
                    known, samples = len(request.prefix), len(request.samples)
                    placed[row] = placed_words(tokenizer, one.tokens, alignment, known, samples)
        return placed


def best_device() -> str:
    """The GPU if there is one."""
    return "cuda" if get_cuda_device_count() else "cpu"


def said_tokens(tokens: list[int], tokenizer: Tokenizer, sound_s: float) -> list[int]:
    """The tokens of the text, without timestamps and what begins after the sound: that repeats it."""
    text: list[int] = []
    for token in tokens:
        if token < tokenizer.eot:
            text.append(token)
        elif text and (token - tokenizer.timestamp_begin) * TIMESTAMP_S >= sound_s:
            break
    return text


def placed_words(
    tokenizer: Tokenizer, tokens: list[int], alignment: Any, known: int, samples: int
) -> list[TimedWord]:
    """The words after the first `known` tokens, in samples; the sound ends at `samples`."""
    begins = np.full(len(tokens) + 1, samples, np.int64)
    for token, position in reversed(alignment.alignments):
        begins[token] = min(position * SAMPLES_PER_POSITION, samples)
    words: list[TimedWord] = []
    first = 0
    for text, own in zip(*tokenizer.split_to_word_tokens(tokens), strict=True):
        at, first = first, first + len(own)
        if first <= known:
            continue
        at = max(at, known)  # the prefix may end within this word
        new = tokens[at:first]
        probability = geometric_mean(alignment.text_token_probs[at:first])
        word = TimedWord(
            text if len(new) == len(own) else tokenizer.decode(new),
            int(begins[at]),
            int(begins[first]),
            probability,
            tuple(new),
        )
        words.append(with_mark(words.pop(), word) if words and not bare(text) else word)
    return words


def geometric_mean(probabilities: Sequence[float]) -> float:
    """The probability of a token such that its power is that of all."""
    logs = np.log(np.maximum(probabilities, LEAST_PROBABILITY))
    return float(min(1.0, np.exp(np.mean(logs))))


def with_mark(word: TimedWord, mark: TimedWord) -> TimedWord:
    """A word with the punctuation after it; its times stay."""
    return replace(word, text=word.text + mark.text, tokens=word.tokens + mark.tokens)


class WhisperHandler(StreamHandler):
    """The worker's target: streams decoded by a model of faster-whisper."""

    def __init__(
        self, folder: str, *, language: str, full: bool, partial_ms: float, **model: Any
    ) -> None:
        whisper = FasterWhisper(folder, **model)
        if language != AUTO:
            whisper.require(language)
        self._languages = whisper.languages
        super().__init__(whisper, language=language, full=full, partial_ms=partial_ms)

    def open(self, call: ChildCall, op: str, args: Any) -> None:
        """Also serves `languages`: the codes of those that the model knows."""
        if op == "languages":
            call.done(self._languages)
        else:
            super().open(call, op, args)
