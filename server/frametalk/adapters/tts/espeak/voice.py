"""espeak-ng: many languages, offline, words and phonemes with exact samples, in a worker process."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np

from frametalk.adapters.base import SpeechChunk, SpeechRequest
from frametalk.adapters.tts.espeak.closures import sounds
from frametalk.core.audio import LEAD_IN_MS, first_audible, ms_to_samples
from frametalk.core.marks import Mark
from frametalk.core.shown_shapes import shown
from frametalk.core.visemes import timeline
from frametalk.errors import AdapterError, Stage
from frametalk.workers.supervisor import Worker

TARGET = "frametalk.adapters.tts.espeak.worker:EspeakHandler"
RATE_HZ = 22_050
PUNCTUATION = ".,!?;:\"'()[]{}<>*_-\u2013\u2014\u2026\u201c\u201d\u2018\u2019"
PUNCTUATION += "\u3001\u3002\u300c\u300d\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f"  # full width

_WRITTEN = re.compile(r"[^\s\u2013\u2014\u2026]+")
_BETWEEN = re.compile(r"[\s\u2013\u2014\u2026]")
# Thai to Burmese, Khmer, kana, Han: a word may begin at any of their letters.
_SPACELESS = re.compile(
    r".?[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"|[\u3000-\u30ff\u3400-\u9fff\uff00-\uff65]"
)


class EspeakVoice:
    """Speaks a clause in one chunk, since the library needs only milliseconds for it.

    `voice` is espeak-ng's name of the default voice; empty selects by the request's language. A worker
    that takes more than `memory_mb` is replaced.
    """

    rate_hz = RATE_HZ

    def __init__(self, voice: str = "", memory_mb: float = 256) -> None:
        self._voice = voice
        self._languages: tuple[str, ...] = ()
        self._worker = Worker(TARGET, {}, name="espeak", stage=Stage.SPEAK, memory_mb=memory_mb)

    async def start(self) -> None:
        """Start the worker. Raises AdapterError `voice_failed` without the package."""
        if find_spec("espeakng_loader") is None:
            raise AdapterError(
                "voice_failed",
                "the package espeakng-loader is not installed",
                stage=Stage.SPEAK,
                remedy='pip install "frametalk[embedded]"',
                fatal=True,
            )
        await self._worker.start()
        self._languages = await self.voices()

    async def close(self) -> None:
        """End the worker."""
        await self._worker.close()

    async def voices(self) -> tuple[str, ...]:
        """Its languages, by espeak-ng's names."""
        return tuple(await self._worker.open("languages", {}).result())

    def languages(self, voice: str) -> tuple[str, ...]:
        """All that espeak-ng has; for a voice that is chosen by name, any."""
        return () if voice or self._voice else self._languages

    def licence(self, _voice: str, _language: str) -> str:
        """Of espeak-ng, whose voices are part of it."""
        return "GPL-3.0-or-later"

    async def speak(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """One chunk with the clause's sound and all its marks; nothing for text without sound."""
        text = speakable(request.text)
        if not any(character.isalnum() for character in text):
            return
        voice = request.voice or self._voice or request.language
        pcm = bytearray()
        words: list[Any] = []
        phonemes: list[Any] = []

        def start_over() -> bool:
            for collected in (pcm, words, phonemes):
                collected.clear()
            return True

        arguments = {
            "text": text,
            "voice": speakable(voice),
            "speed": request.speed,
            "volume": request.volume,
        }
        call = self._worker.open("speak", arguments, rerun=start_over)
        try:
            async for more_pcm, more_words, more_phonemes in call:
                pcm += more_pcm
                words.extend(more_words)
                phonemes.extend(more_phonemes)
            await call.result()
        finally:
            call.cancel()
        if pcm:
            yield _chunk(text, bytes(pcm), words, phonemes, request.speed)


def speakable(text: str) -> str:
    """The text without what C libraries do not accept: zeros and lone surrogates."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


def _chunk(
    text: str, pcm: bytes, words: list[Any], phonemes: list[Any], speed: float
) -> SpeechChunk:
    """The sound with its marks, without the silence before its first sound."""
    samples = np.frombuffer(pcm, "<i2")
    total = len(samples)
    visemes = timeline(sounds(phonemes, samples, RATE_HZ, speed), total)
    marks = [*_words(text, words, total), *shown(visemes, RATE_HZ)]
    onset = first_audible(samples) or 0
    cut = max(0, onset - ms_to_samples(LEAD_IN_MS, RATE_HZ))
    moved = (replace(mark, at=max(0, mark.at - cut), end=max(0, mark.end - cut)) for mark in marks)
    ordered = sorted((mark for mark in moved if mark.end > mark.at), key=lambda mark: mark.at)
    return SpeechChunk(pcm[cut * 2 :], tuple(ordered))


def _words(text: str, events: list[Any], total: int) -> Iterator[Mark]:
    """Words as written, between spaces or dashes; of a script without spaces, as the library splits them.

    The library has one event for some pairs ("in the"), which share its sound by their lengths, and
    several for some words ("well-known", "25"), which begin with the first.
    """
    starts: list[tuple[int, int]] = []
    for position, _length, at in events:
        if not starts or (position > starts[-1][0] and _begins_word(text, position)):
            starts.append((position, at))
    for (position, at), (next_position, end) in pairwise([*starts, (len(text), total)]):
        found = [match.group() for match in _WRITTEN.finditer(text, position, next_position)]
        names = [name for word in found if (name := word.strip(PUNCTUATION))]
        shared = sum(map(len, names))
        spoken = 0
        for name in names:
            begin = at + (end - at) * spoken // shared
            spoken += len(name)
            until = at + (end - at) * spoken // shared
            if until > begin:
                yield Mark("word", begin, until, name)


def _begins_word(text: str, position: int) -> bool:
    """Whether a written word begins there, rather than going on after a sign or a letter."""
    before, here = text[position - 1 : position], text[position : position + 1]
    return bool(_BETWEEN.match(before) or (_SPACELESS.match(before + here)))
