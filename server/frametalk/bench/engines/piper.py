"""Piper, synthesised in chunks: how soon it is heard, whether the chunks equal the whole, mouth shapes.

It runs a voice of medium size with random weights: costs and shapes are real.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from frametalk.adapters.base import SpeechChunk, SpeechRequest
from frametalk.adapters.tts.piper.voice import PiperVoice
from frametalk.bench.random_models.piper import write
from frametalk.core.marks import Mark
from frametalk.workers.supervisor import Worker

# One sentence each, of about 100 and 200 phonemes.
TEXT_100 = (
    "Bring the old blacksmith a bag of silver from the castle, and he will make a sword, my friend."
)
TEXT_200 = (
    "Bring the old blacksmith a bag of silver from the castle, and he will forge you a sword, my"
    " friend, by tomorrow morning, but beware of the wolves on the mountain road, because they have"
    " taken three."
)
CLAUSES = (
    "The blacksmith opened the red door.",
    "That's 25 gold, of the best. Will you take it?",
    "Put the map back upon the table, please!",
    TEXT_100,
)

LIPS, LIP_PHONEMES = "PP", frozenset("pbm")


class PiperMeasured(msgspec.Struct, frozen=True):
    """Time to the first sound over the time of Piper's own whole sentence, for 100 and 200 phonemes.

    Times are medians of `runs` interleaved runs on one core; `chunk_error` is relative to the peak.
    """

    first_sound_ratio_100: float
    first_sound_ratio_200: float
    chunk_error: float
    visemes_before_sound: bool
    viseme_offset_samples: int
    phonemes: tuple[int, int]
    first_sound_ms: tuple[float, float]
    whole_ms: tuple[float, float]
    runs: int


async def measure(runs: int = 9, quality: str = "medium") -> PiperMeasured:
    """Measure everything; takes about half a minute. Raises AdapterError if Piper is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(write(Path(folder) / "voice.onnx", quality))
        voice = PiperVoice(path, noise_scale=0.0, noise_w=0.0, threads=1)
        timing = Worker(
            "frametalk.bench.engines.piper_timing:PiperTiming", {"path": path}, name="timing"
        )
        try:
            await voice.start()
            spoken = {text: await _spoken(voice, text) for text in CLAUSES}
            await voice.close()
            await timing.start()
            hundred, two_hundred = [
                await timing.open("first_sound", {"text": text, "runs": runs}).result()
                for text in (TEXT_100, TEXT_200)
            ]
            error = await timing.open("chunk_error", {"text": TEXT_100}).result()
            edges = {text: await timing.open("edges", {"text": text}).result() for text in CLAUSES}
        finally:
            await voice.close()
            await timing.close()
    return PiperMeasured(
        first_sound_ratio_100=hundred[3],
        first_sound_ratio_200=two_hundred[3],
        chunk_error=error,
        visemes_before_sound=all(map(before_sound, spoken.values())),
        viseme_offset_samples=max(
            offset(visemes(spoken[text]), [(name, at) for name, at in edges[text]])
            for text in CLAUSES
        ),
        phonemes=(hundred[0], two_hundred[0]),
        first_sound_ms=(hundred[1], two_hundred[1]),
        whole_ms=(hundred[2], two_hundred[2]),
        runs=runs,
    )


def before_sound(chunks: Sequence[SpeechChunk]) -> bool:
    """Whether the first chunk has shapes for every sample of the clause, and the other chunks have none."""
    if not chunks or any(chunk.marks for chunk in chunks[1:]):
        return False
    shapes = visemes(chunks[:1])
    total = sum(len(chunk.pcm) for chunk in chunks) // 2
    edges = [0, *(at for mark in shapes for at in (mark.at, mark.end)), total]
    return bool(shapes) and all(a == b for a, b in list(pairwise(edges))[::2])


def visemes(chunks: Sequence[SpeechChunk]) -> list[Mark]:
    """The mouth shapes of a clause, in order."""
    return [mark for chunk in chunks for mark in chunk.marks if mark.kind == "viseme"]


def offset(marks: Sequence[Mark], edges: Sequence[tuple[str, int]]) -> int:
    """The greatest distance in samples of where lips open from the end of their phoneme's own samples.

    -1 if the numbers of closures differ.
    """
    expected = [end for name, end in edges if name in LIP_PHONEMES]
    found = [mark.end for mark in marks if mark.name == LIPS]
    if len(found) != len(expected):
        return -1
    return max((abs(a - b) for a, b in zip(found, expected, strict=True)), default=-1)


async def _spoken(voice: PiperVoice, text: str) -> list[SpeechChunk]:
    return [chunk async for chunk in voice.speak(SpeechRequest(text))]
