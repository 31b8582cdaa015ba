"""Passes of the Silero model over the windows of all streams that are due together.

A window waits up to 2 ms for those of other streams. While only one stream is heard, its windows do not
wait.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from frametalk.adapters.vad.silero_model import (
    CELLS,
    CONTEXT_SAMPLES,
    LARGEST_PASS,
    SileroModel,
)
from frametalk.core.audio import FULL_SCALE, Samples

GAIN = np.float32(4)  # without it, words of a quiet microphone are missed
WAIT_S = 0.002
ALONE_S = 0.1  # without windows of another stream
CALM = 0.1  # a probability below which quiet windows are silence without the model
QUIET_RANGE = 200  # from the lowest to the highest sample of a quiet window: noise of -60 dB
HELD_WINDOWS = 8  # quiet ones that the model hears before the next that is not


class Row(NamedTuple):
    """A window on its way through the model, and who gets its probability, None for nobody."""

    window: Samples
    judged: Callable[[float], None] | None


class StreamState:
    """What the model keeps of one stream, and the rows that wait.

    While the model finds silence, quiet windows are only held. Louder ones follow the held ones through the
    model, which therefore hears the same as without this.
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.probability = 1.0  # of the newest window that the model has heard
        self._held: deque[Samples] = deque()
        self.resets = 0
        self.before = np.zeros(CONTEXT_SAMPLES, np.int16)
        self.hidden = np.zeros(CELLS, np.float32)
        self.cell = np.zeros(CELLS, np.float32)

    def take(self, window: Samples, judged: Callable[[float], None]) -> bool:
        """Judge a window that is only held, or let it wait with those held; whether rows wait."""
        if not self.rows and self.probability < CALM and _is_quiet(window):
            self._held.append(window.copy())
            if len(self._held) > HELD_WINDOWS:
                self.before[:] = self._held.popleft()[-CONTEXT_SAMPLES:]
            judged(self.probability)
            return False
        self.rows += [Row(held, None) for held in self._held]
        self._held.clear()
        self.rows.append(Row(window, judged))
        return True

    def reset(self) -> None:
        """Forget the sound so far; rows that wait are dropped, and so are results on their way."""
        self.rows = []
        self.resets += 1
        self.probability = 1.0
        self._held.clear()
        for state in (self.before, self.hidden, self.cell):
            state.fill(0)


class Passes:
    """Runs one model for many streams, on the event loop."""

    def __init__(self, model: SileroModel) -> None:
        self._model = model
        self._waiting: dict[StreamState, None] = {}
        self._newest: StreamState | None = None
        self._alone_from_s = 0.0
        self._timer: tuple[asyncio.AbstractEventLoop, asyncio.TimerHandle] | None = None

    def due(self, stream: StreamState) -> None:
        """Rows of `stream` are due: run them now, or within 2 ms with those of other streams."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if stream is not self._newest:
            self._newest, self._alone_from_s = stream, now + ALONE_S
        self._waiting[stream] = None
        if now >= self._alone_from_s and len(self._waiting) == 1:
            self.run((stream,))
        elif self._timer is None or self._timer[0] is not loop:
            self._timer = loop, loop.call_later(WAIT_S, self._run_all)

    def run(self, streams: Iterable[StreamState]) -> None:
        """Run all rows of these streams now."""
        parts: list[tuple[StreamState, list[Row]]] = []
        room = LARGEST_PASS
        for stream in streams:
            self._waiting.pop(stream, None)
            rows, stream.rows = stream.rows, []
            while rows:
                if len(rows) > room and parts:
                    self._pass(parts)
                    parts, room = [], LARGEST_PASS
                part, rows = rows[:room], rows[room:]
                parts.append((stream, part))
                room -= len(part)
                if rows:
                    self._pass(parts)
                    parts, room = [], LARGEST_PASS
        if parts:
            self._pass(parts)

    def _run_all(self) -> None:
        self._timer = None
        self.run(tuple(self._waiting))

    def _pass(self, parts: list[tuple[StreamState, list[Row]]]) -> None:
        """One pass over all rows, the first of each stream before the second ones."""
        parts.sort(key=lambda part: -len(part[1]))
        counts = self._write(parts)
        gates = self._model.gates(sum(counts))
        hidden = np.array([stream.hidden for stream, _rows in parts])
        cell = np.array([stream.cell for stream, _rows in parts])
        found: list[list[float]] = []
        at = 0
        for count in counts:
            probabilities, hidden[:count], cell[:count] = self._model.step(
                gates[at : at + count], hidden[:count], cell[:count]
            )
            found.append(probabilities.tolist())
            at += count
        for number, (stream, _rows) in enumerate(parts):
            stream.hidden[:], stream.cell[:] = hidden[number], cell[number]
        _tell(parts, found)

    def _write(self, parts: list[tuple[StreamState, list[Row]]]) -> list[int]:
        """Write the rows as the model's input; returns how many streams have a 1st row, a 2nd, ..."""
        sound, at = self._model.sound, 0
        counts = []
        for number in range(len(parts[0][1])):
            first = at
            for stream, rows in parts:
                if len(rows) <= number:
                    break
                window = rows[number].window
                sound[at, :CONTEXT_SAMPLES] = stream.before
                sound[at, CONTEXT_SAMPLES:] = window
                stream.before[:] = window[-CONTEXT_SAMPLES:]
                at += 1
            counts.append(at - first)
        sound[:at] *= GAIN / FULL_SCALE
        return counts


def _is_quiet(window: Samples) -> bool:
    return int(window.max()) - int(window.min()) <= QUIET_RANGE


def _tell(parts: list[tuple[StreamState, list[Row]]], found: list[list[float]]) -> None:
    """Tell the results, stream by stream. What one session does with them touches no other."""
    before = [stream.resets for stream, _rows in parts]
    for number, (stream, rows) in enumerate(parts):
        for nth, row in enumerate(rows):
            if stream.resets != before[number]:
                break
            stream.probability = found[nth][number]
            if row.judged is None:
                continue
            try:
                row.judged(stream.probability)
            except Exception as error:  # noqa: BLE001  (of whatever a session does)
                asyncio.get_running_loop().call_exception_handler(
                    {"message": "a window's probability was not taken", "exception": error}
                )
