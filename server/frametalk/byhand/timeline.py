"""Sound, mouth shapes and words in aligned rows, for a terminal."""

from __future__ import annotations

import numpy as np

from frametalk.byhand.saying import Said
from frametalk.core.audio import ms_to_samples
from frametalk.core.visemes import REST, weights

CELL_MS = 20
LEVELS = " ▁▂▃▄▅▆▇█"
RANGE_DB = 48.0  # below full scale; quieter sound is shown as blank
LABELS = ("", "sound ", "mouth ", "words ")
MIN_CELLS = 20


def timeline(said: Said, width: int) -> list[str]:
    """Lines of at most `width` characters, in blocks of four: seconds, loudness, shapes, words.

    A character is 20 ms. A shape is the first letter of the strongest viseme, `-` is rest.
    """
    cells = -(-len(said.samples) // ms_to_samples(CELL_MS, said.rate_hz))
    rows = (_seconds(cells), _loudness(said, cells), _shapes(said, cells), _words(said, cells))
    indent = len(LABELS[1])
    columns = max(MIN_CELLS, width - indent)
    lines = []
    for begin in range(0, cells, columns):
        for label, row in zip(LABELS, rows, strict=True):
            lines.append(f"{label:{indent}}{row[begin : begin + columns]}".rstrip())
    return lines


def _seconds(cells: int) -> str:
    """A tick every 200 ms, its time beside it every second."""
    row = [" "] * cells
    for second in range(cells * CELL_MS // 1000 + 1):
        _put(row, second * 1000 // CELL_MS, f"{second} s")
    for tick in range(0, cells, 200 // CELL_MS):
        if row[tick] == " ":
            row[tick] = "."
    return "".join(row)


def _loudness(said: Said, cells: int) -> str:
    size = ms_to_samples(CELL_MS, said.rate_hz)
    padded = np.zeros(cells * size)
    padded[: len(said.samples)] = said.samples / 32_768
    loud = np.sqrt(np.mean(np.square(padded.reshape(cells, size)), axis=1))
    steps = (1 + 20 * np.log10(np.maximum(loud, 1e-6)) / RANGE_DB) * len(LEVELS)
    return "".join(LEVELS[int(step)] for step in np.clip(steps, 0, len(LEVELS) - 1))


def _shapes(said: Said, cells: int) -> str:
    visemes = [mark for mark in said.marks if mark.kind == "viseme"]
    row = []
    for cell in range(cells):
        middle = ms_to_samples((cell + 0.5) * CELL_MS, said.rate_hz)
        pose = weights(visemes, middle, said.rate_hz)
        strongest = max(pose, key=pose.__getitem__)
        row.append("-" if strongest == REST else strongest[0])
    return "".join(row)


def _words(said: Said, cells: int) -> str:
    """Each word where it begins, truncated where the next one begins."""
    row = [" "] * cells
    size = ms_to_samples(CELL_MS, said.rate_hz)
    for word in said.words():
        at = word.at // size
        row[at:] = [" "] * (cells - at)
        _put(row, at, word.name)
    return "".join(row)


def _put(row: list[str], at: int, text: str) -> None:
    text = text[: max(0, len(row) - at)]
    row[at : at + len(text)] = text
