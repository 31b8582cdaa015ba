"""Speaks a text with a voice, clause by clause as a character does, on one sample clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from frametalk import __version__
from frametalk.adapters.base import SpeechRequest, Voice
from frametalk.core.audio import Samples, samples_to_ms
from frametalk.core.machine_made import wav
from frametalk.core.marks import Mark
from frametalk.errors import AdapterError, Stage
from frametalk.text.clauses import Clauses
from frametalk.text.spoken_text import Wording
from frametalk.text.word_marks import WordMarks


@dataclass(frozen=True, slots=True)
class SaidClause:
    """One clause and its times: `first_sound_ms` to its first chunk, `took_ms` to its last."""

    shown: str
    spoken: str
    sound_ms: float
    first_sound_ms: float
    took_ms: float


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """All clauses in sequence; marks count samples from the first one."""

    rate_hz: int
    samples: Samples
    marks: tuple[Mark, ...]
    clauses: tuple[SaidClause, ...]

    @property
    def sound_ms(self) -> float:
        """Length of the sound."""
        return samples_to_ms(len(self.samples), self.rate_hz)

    @property
    def real_time_factor(self) -> float:
        """Time to make the sound, divided by its length."""
        return sum(clause.took_ms for clause in self.clauses) / self.sound_ms

    def words(self) -> list[Mark]:
        """The word marks in order."""
        return [mark for mark in self.marks if mark.kind == "word"]

    def cues(self) -> list[Mark]:
        """The gestures, emotions and gazes that the text asks for, in order."""
        return [mark for mark in self.marks if mark.kind not in {"word", "viseme"}]


async def say(
    voice: Voice,
    request: SpeechRequest,
    reword: Callable[[str], Wording],
    now: Callable[[], float] = time.perf_counter,
) -> Said:
    """Speak `request.text` with a started voice; `now` is a clock in seconds.

    `reword` gives the shown and the spoken form of a clause; word marks carry the shown form. Raises
    AdapterError `voice_failed` if the whole text has no sound.
    """
    cutter = Clauses(request.language)
    pcm, marks, clauses = bytearray(), list[Mark](), list[SaidClause]()
    for text in (*cutter.feed(request.text), *cutter.flush()):
        wording, start, began = reword(text), len(pcm) // 2, now()
        placed = WordMarks(wording, start)
        first: float | None = None
        async with aclosing(voice.speak(replace(request, text=wording.spoken))) as chunks:
            async for chunk in chunks:
                first = now() if first is None else first
                pcm += chunk.pcm
                marks += placed.take(chunk.marks)
        ended = now()
        marks += placed.finish(len(pcm) // 2)
        if first is not None:
            sound_ms = samples_to_ms(len(pcm) // 2 - start, voice.rate_hz)
            took_ms = (ended - began) * 1000
            first_ms = (first - began) * 1000
            clauses.append(SaidClause(wording.shown, wording.spoken, sound_ms, first_ms, took_ms))
    if not pcm:
        raise AdapterError(
            "voice_failed",
            f"the voice gives no sound for {request.text!r}",
            stage=Stage.SPEAK,
            remedy="give it a text with words",
        )
    return Said(voice.rate_hz, np.frombuffer(bytes(pcm), "<i2"), tuple(marks), tuple(clauses))


def write_wav(said: Said, file: Path) -> None:
    """Write 16-bit mono at the voice's rate, marked as machine-made."""
    pcm = said.samples.astype("<i2").tobytes()
    file.write_bytes(wav(pcm, said.rate_hz, software=f"frametalk {__version__}"))
