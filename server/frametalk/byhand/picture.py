"""Draws sound, mouth shapes and words as a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from frametalk.byhand.saying import Said
from frametalk.core.audio import ms_to_samples
from frametalk.core.visemes import VISEMES, weights
from frametalk.errors import ConfigError

STEP_MS = 5
INCHES_PER_S, MIN_INCHES, MAX_INCHES = 3.0, 7.0, 60.0


def draw(said: Said, file: Path) -> None:
    """Draw envelope and words above, the weight of each shape below; PNG or SVG by the file's name.

    Raises ConfigError without matplotlib, and for a name with another ending.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ConfigError(
            "a picture needs matplotlib", remedy='pip install "frametalk[plot]"'
        ) from None
    seconds = said.sound_ms / 1000
    width = min(max(MIN_INCHES, seconds * INCHES_PER_S), MAX_INCHES)
    figure = Figure(figsize=(width, 4.5), layout="constrained")
    sound, mouth = figure.subplots(2, 1, sharex=True, height_ratios=(1, 2))
    at_s, level = _envelope(said)
    sound.fill_between(at_s, -level, level, color="#1f6fb2", linewidth=0)
    for word in said.words():
        sound.axvline(word.at / said.rate_hz, color="#888888", linewidth=0.5)
        sound.text(word.at / said.rate_hz, 1.02, word.name, fontsize=8, clip_on=True)
    sound.set_ylim(-1.05, 1.25)
    sound.set_yticks([])
    mouth.imshow(
        _mouth(said),
        aspect="auto",
        extent=(0, seconds, len(VISEMES) - 0.5, -0.5),
        cmap="Blues",
        vmin=0,
        vmax=1,
        interpolation="nearest",
    )
    mouth.set_yticks(range(len(VISEMES)), VISEMES, fontsize=8)
    mouth.set_xlim(0, seconds)
    mouth.set_xlabel("s")
    try:
        figure.savefig(file, dpi=110)
    except ValueError as error:
        raise ConfigError(f"{file}: {error}", remedy="name it .png or .svg") from None


def _envelope(said: Said) -> tuple[np.ndarray, np.ndarray]:
    """Time and peak of each step; the loudest peak is 1."""
    size = ms_to_samples(STEP_MS, said.rate_hz)
    steps = -(-len(said.samples) // size)
    padded = np.zeros(steps * size)
    padded[: len(said.samples)] = said.samples
    peaks = np.abs(padded.reshape(steps, size)).max(axis=1)
    return np.arange(steps) * size / said.rate_hz, peaks / max(1.0, float(peaks.max()))


def _mouth(said: Said) -> np.ndarray:
    """The weight of each shape (rows) at each step (columns)."""
    visemes = [mark for mark in said.marks if mark.kind == "viseme"]
    size = ms_to_samples(STEP_MS, said.rate_hz)
    poses = [weights(visemes, at, said.rate_hz) for at in range(0, len(said.samples), size)]
    return np.array([[pose[name] for pose in poses] for name in VISEMES])
