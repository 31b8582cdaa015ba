"""The signals that end a measurement, without processes: `test_runs.py` sends real ones."""

from __future__ import annotations

import asyncio
import signal
from types import SimpleNamespace

import pytest

from frametalk.bench import interruption
from frametalk.bench.interruption import Interruption


def test_the_first_signal_cancels_and_one_much_later_ends_at_once(monkeypatch):
    now_s = iter((10.0, 10.9, 11.5))
    monkeypatch.setattr(interruption, "time", SimpleNamespace(monotonic=lambda: next(now_s)))

    async def measure() -> None:
        made = Interruption()
        made.cancels(asyncio.current_task())
        made.signalled(signal.SIGTERM)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.Event().wait()
        made.signalled(signal.SIGINT)  # within a second
        with pytest.raises(KeyboardInterrupt):
            made.signalled(signal.SIGINT)
        assert made.by == signal.SIGTERM

    asyncio.run(measure())


def test_a_signal_before_a_task_measures_cancels_it_when_it_begins():
    made = Interruption()
    made.signalled(signal.SIGTERM)

    async def measure() -> None:
        made.cancels(asyncio.current_task())
        with pytest.raises(asyncio.CancelledError):
            await asyncio.Event().wait()

    asyncio.run(measure())
