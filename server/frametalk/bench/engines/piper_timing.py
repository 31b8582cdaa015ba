"""Measures Piper's own synthesis beside ours, in a worker.

The worker keeps the GPL library out of the bench's process.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import piper

from frametalk.adapters.tts.piper.shapes import segment_marks
from frametalk.adapters.tts.piper.sound import pcm
from frametalk.adapters.tts.piper.vits_run import SplitVits, chunks, feed, session
from frametalk.adapters.tts.piper.vits_split import split
from frametalk.adapters.tts.piper.worker import LoadedVoice
from frametalk.workers.child import ChildCall

NO_NOISE = (0.0, 1.0, 0.0)  # without noise a voice repeats itself exactly
SCALES = (0.667, 1.0, 0.8)  # the defaults of stock voices


class PiperTiming:
    """Serves `first_sound`, `chunk_error` and `edges` of one voice, all on one core."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._ours = LoadedVoice(self._path, 0)
        config = self._ours.config
        self._theirs = piper.PiperVoice(session=session(path), config=config)
        self._aligned = piper.PiperVoice.load(path, include_alignments=True)

    def open(self, call: ChildCall, op: str, args: Any) -> None:
        """Answer one of the three questions with one value."""
        call.done(getattr(self, op)(**args))

    def input(self, call: ChildCall, item: Any) -> None:
        """A measurement takes no further input."""

    def cancelled(self, call: ChildCall) -> None:
        """A measurement cannot be stopped."""

    def first_sound(self, text: str, runs: int) -> tuple[int, float, float, float]:
        """(phonemes, our first sound and Piper's sentence in ms, ratio): medians of interleaved runs.

        Both start from the text. Ours ends with the first chunk and all marks, Piper's with all sound.
        """
        ours, theirs = [], []
        for _run in range(runs):
            begin = time.perf_counter()
            self._first_chunk(text)
            middle = time.perf_counter()
            for _sentence in self._theirs.synthesize(text):
                pass
            theirs.append(time.perf_counter() - middle)
            ours.append(middle - begin)
        count = sum(map(len, self._ours.read(text)))
        ratio = median(a / b for a, b in zip(ours, theirs, strict=True))
        return count, median(ours) * 1000, median(theirs) * 1000, ratio

    def _first_chunk(self, text: str) -> None:
        begun = [self._ours.begin(each, SCALES, None) for each in self._ours.read(text)]
        segment_marks(begun, partial(self._ours.words, text), self._ours.config.sample_rate)
        pcm(next(begun[0].sound), self._ours.gain)

    def chunk_error(self, text: str) -> float:
        """The largest difference between the chunks and the unsplit voice's sound, relative to its peak."""
        net, plain = SplitVits(split(self._path)), self._theirs.session
        speaker = self._ours.speaker("")
        worst = 0.0
        for phonemes in self._theirs.phonemize(text):
            ids = self._theirs.phonemes_to_ids(phonemes)
            whole = np.ravel(plain.run(None, feed(ids, NO_NOISE, speaker))[0])
            frames = net.frames(ids, NO_NOISE, speaker)
            parts = np.concatenate([net.sound(frames, *each) for each in chunks(frames.count)])
            worst = max(worst, float(np.abs(parts - whole).max() / np.abs(whole).max()))
        return worst

    def edges(self, text: str) -> list[list[Any]]:
        """[phoneme, sample after its own last] by Piper's own alignment, without noise."""
        found: list[list[Any]] = []
        at = 0
        how = piper.SynthesisConfig(noise_scale=0.0, length_scale=1.0, noise_w_scale=0.0)
        for chunk in self._aligned.synthesize(text, how, include_alignments=True):
            lengths: Any = chunk.phoneme_id_samples
            for name, length in zip(self._names(chunk.phoneme_ids), lengths, strict=True):
                at += int(length)
                found.append([name, at])
        return found

    def _names(self, ids: Sequence[int]) -> list[str]:
        names = {each[0]: name for name, each in self._ours.config.phoneme_id_map.items()}
        return [names[id_] for id_ in ids]
