"""Runs the halves of a split voice: phonemes to frames at once, then frames to sound in chunks.

The only file of this voice that uses ONNX Runtime; it runs in the worker process.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from frametalk.adapters.tts.piper.vits_split import Halves

Floats = npt.NDArray[np.float32]

# 0.19 s at 22,050 Hz: little to compute, and long enough to compute the next chunk meanwhile.
FIRST_FRAMES = 16
GROWTH = 1.5
# With more frames the overlap, now a quarter of the work, would shrink little. A cancelled clause costs at
# most one chunk.
MAX_FRAMES = 96


@dataclass(frozen=True, slots=True)
class Frames:
    """A sentence after the first half: latent frames, and the number of frames of each phoneme id."""

    latent: Floats
    lengths: tuple[int, ...]
    speaker: int | None

    @property
    def count(self) -> int:
        """The number of frames."""
        return int(self.latent.shape[2])


def session(model: bytes | str) -> onnxruntime.InferenceSession:
    """A session on one core; different clauses use the other cores."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def feed(
    ids: Sequence[int], scales: tuple[float, float, float], speaker: int | None
) -> dict[str, Any]:
    """The inputs of a voice. `scales` are noise, length, and noise of the lengths."""
    inputs: dict[str, Any] = {
        "input": np.array([ids], np.int64),
        "input_lengths": np.array([len(ids)], np.int64),
        "scales": np.array(scales, np.float32),
    }
    if speaker is not None:
        inputs["sid"] = np.array([speaker], np.int64)
    return inputs


def chunks(count: int) -> Iterator[tuple[int, int]]:
    """(first frame, frame after the last) of each chunk, the first one small."""
    at, size = 0, float(FIRST_FRAMES)
    while at < count:
        end = min(count, at + int(size))
        yield at, end
        at, size = end, min(size * GROWTH, MAX_FRAMES)


class SplitVits:
    """A voice in two halves; usable from several threads at once."""

    def __init__(self, halves: Halves) -> None:
        self._first = session(halves.first)
        self._second = session(halves.second)
        self._latent = halves.latent
        self._outputs = [halves.latent, halves.lengths]
        self._has_speaker = "sid" in {each.name for each in self._second.get_inputs()}
        self.reach_frames = halves.reach_frames
        self.hop_samples = halves.hop_samples

    def frames(
        self, ids: Sequence[int], scales: tuple[float, float, float], speaker: int | None
    ) -> Frames:
        """All latent frames of one sentence, and with them the times of all its phonemes."""
        latent, lengths = self._first.run(self._outputs, feed(ids, scales, speaker))
        whole = tuple(int(n) for n in np.ravel(lengths))
        return Frames(latent, whole, speaker if self._has_speaker else None)

    def sound(self, frames: Frames, at: int, end: int) -> Floats:
        """The samples of frames `at` to `end` (exclusive), the same as if all frames were computed."""
        low, high = max(0, at - self.reach_frames), min(frames.count, end + self.reach_frames)
        inputs: dict[str, Any] = {self._latent: frames.latent[:, :, low:high]}
        if frames.speaker is not None:
            inputs["sid"] = np.array([frames.speaker], np.int64)
        sound = np.ravel(self._second.run(None, inputs)[0])
        begin = (at - low) * self.hop_samples
        return np.asarray(sound[begin : begin + (end - at) * self.hop_samples], np.float32)
