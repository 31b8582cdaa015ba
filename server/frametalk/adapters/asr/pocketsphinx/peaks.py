"""Loudness tells words from what a decoder reads into the silence before and after speech."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from frametalk.adapters.asr.pocketsphinx.certainty import FRAME_SAMPLES

# Of the loudest sample of the utterance. Every word of people and voices reaches -22 dB somewhere; the tail
# of a sound that dies away, which Opus keeps, lies at -36 dB.
SOFT = 1 / 32  # -30 dB
SILENT = 1 / 128  # -42 dB: a quiet room


class Peaks:
    """The loudest sample of each frame of an utterance."""

    def __init__(self) -> None:
        self._frames: list[int] = []
        self._loudest = 0  # of them; a reading is looked at several times for each partial
        self._rest = b""

    def feed(self, pcm: bytes) -> None:
        """Take sound."""
        samples = memoryview(self._rest + pcm).cast("h")
        whole = len(samples) - len(samples) % FRAME_SAMPLES
        for at in range(0, whole, FRAME_SAMPLES):
            frame = samples[at : at + FRAME_SAMPLES]
            highest, lowest = max(frame), min(frame)
            self._frames.append(max(highest, -lowest))
            self._loudest = max(self._loudest, self._frames[-1])
        self._rest = bytes(samples[whole:])

    def without_silence(self, heard: dict[str, Any]) -> dict[str, Any]:
        """The reading without the words at its start and end that are silence.

        Before speech, a decoder of a scene likes to read "the" or "get the" into a quiet room, with the end
        in the first word; after speech, "the" into the tail of the sound.
        """
        words = heard["words"]
        while words and (self._is_soft(words[0]) or self._is_half_silent(words[0])):
            words = words[1:]
        while words and self._is_soft(words[-1]):
            words = words[:-1]
        if len(words) == len(heard["words"]):
            return heard
        return {**heard, "words": words, "text": " ".join(word for word, _at, _end in words)}

    def _is_soft(self, word: Sequence[Any]) -> bool:
        return max(self._of(word), default=self._loudest) < self._loudest * SOFT

    def _is_half_silent(self, word: Sequence[Any]) -> bool:
        peaks, silent = self._of(word), self._loudest * SILENT
        return 2 * sum(peak < silent for peak in peaks) > len(peaks)

    def _of(self, word: Sequence[Any]) -> list[int]:
        _text, at, end = word
        return self._frames[at // FRAME_SAMPLES : end // FRAME_SAMPLES]
