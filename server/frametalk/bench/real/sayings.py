"""The round trip's sentences, spoken by a voice: sound and mouth shapes, made once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from frametalk.adapters import registry
from frametalk.adapters.base import SpeechRequest, Voice
from frametalk.bench.progress import Progress
from frametalk.core.audio import Samples
from frametalk.core.marks import Mark


class Saying(NamedTuple):
    """One sentence; its marks count samples of its sound."""

    text: str
    samples: Samples
    rate_hz: int
    marks: tuple[Mark, ...]


async def spoken(adapter: str, options: dict[str, Any], sentences: list[str]) -> list[Saying]:
    """Every sentence, spoken by a voice that is started for it."""
    voice = registry.create("tts", adapter, options)
    progress = Progress(f"{adapter} speaks", len(sentences))
    await voice.start()
    try:
        sayings = []
        for text in sentences:
            sayings.append(await say(voice, text))
            progress.step()
        return sayings
    finally:
        await voice.close()


async def say(voice: Voice, text: str) -> Saying:
    """One sentence."""
    chunks = [chunk async for chunk in voice.speak(SpeechRequest(text))]
    samples = np.frombuffer(b"".join(chunk.pcm for chunk in chunks), "<i2")
    marks = tuple(mark for chunk in chunks for mark in chunk.marks)
    return Saying(text, samples, voice.rate_hz, marks)
