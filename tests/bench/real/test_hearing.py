"""Speech is fed as in real time: each step when the work of the step before is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from frametalk.adapters.base import Bias, Hypothesis
from frametalk.bench.real.hearing import Work, hear, started
from heard_texts import speech


class Busy:
    """A process whose processor time is what `left` says it still takes, 10 ms with each look."""

    def __init__(self) -> None:
        self.pid = 0  # no process has this id
        self.left = 0
        self.used_ms = 0.0

    def cpu_times(self) -> Any:
        if self.left:
            self.left -= 1
            self.used_ms += 10
        return SimpleNamespace(user=self.used_ms / 1000, system=0.0)


class Recogniser:
    """Works for three looks after every 100 ms of sound, and for five on the final text."""

    rate_hz = 16_000
    languages = ()

    def __init__(self, process: Busy) -> None:
        self.process = process
        self.events: list[str] = []

    async def start(self) -> None:
        self.events.append("started")

    async def prepare(self, bias: Bias) -> None:
        self.events.append("prepared")

    async def close(self) -> None:
        self.events.append("closed")

    def open(self, _bias: Bias, _on_partial: Callable[[Hypothesis], None]) -> Recogniser:
        self.fed = 0
        return self

    def feed(self, pcm: bytes) -> None:
        self.fed += len(pcm) // 2
        if self.fed % 1_600 == 0:
            self.events.append(f"fed with {self.process.left} left")
            self.process.left += 3

    async def finalize(self) -> Hypothesis:
        self.events.append(f"finalized with {self.process.left} left")
        self.process.left += 5
        return Hypothesis("words")

    def cancel(self) -> None:
        self.events.append("cancelled")


async def test_work_on_partials_is_done_before_more_comes_and_is_not_counted() -> None:
    process = Busy()
    recogniser = Recogniser(process)
    heard = await hear(recogniser, Work(lambda: [process]), speech("words", sound_s=0.3), Bias())
    assert recogniser.events == [
        *["fed with 0 left"] * 3,
        "finalized with 0 left",
        "cancelled",
    ]
    assert heard.text == "words"
    assert heard.final_cpu_ms == pytest.approx(50)


async def test_the_callback_comes_between_the_sound_and_the_final_text() -> None:
    recogniser = Recogniser(Busy())

    async def ended() -> None:
        recogniser.events.append("ended")

    work = Work(lambda: [recogniser.process])
    await hear(recogniser, work, speech("words", sound_s=0.02), Bias(), before_final=ended)
    assert recogniser.events == ["ended", "finalized with 0 left", "cancelled"]


async def test_a_recogniser_is_prepared_and_closed_whatever_happens() -> None:
    recogniser = Recogniser(Busy())
    with suppress(RuntimeError):
        async with started(recogniser, Bias(), asyncio.Lock()) as work:
            assert work.cpu_ms() == 0  # it has no processes
            raise RuntimeError
    assert recogniser.events == ["started", "prepared", "closed"]
