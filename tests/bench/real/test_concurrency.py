"""Finals of several players: each one's time counts from the end of all speech."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from frametalk.adapters.base import Bias, Hypothesis
from frametalk.bench.real.concurrency import finals
from frametalk.bench.real.hearing import Work
from heard_texts import speech


class OneAtATime:
    """A recogniser that makes one final after the other, each in 200 ms."""

    rate_hz = 16_000
    languages = ()

    def __init__(self) -> None:
        self.model = asyncio.Lock()
        self.ended = 0

    async def start(self) -> None: ...
    async def prepare(self, bias: Bias) -> None: ...
    async def close(self) -> None: ...

    def open(self, _bias: Bias, _on_partial: Callable[[Hypothesis], None]) -> OneAtATime:
        return self

    def feed(self, pcm: bytes) -> None: ...

    async def finalize(self) -> Hypothesis:
        async with self.model:
            await asyncio.sleep(0.2)
        return Hypothesis("heard")

    def cancel(self) -> None:
        self.ended += 1


@pytest.mark.looptime
async def test_players_who_stop_together_wait_for_each_other() -> None:
    recogniser = OneAtATime()
    speeches = [speech("a", sound_s=1), speech("b", sound_s=2), speech("c", sound_s=1)]
    taken_ms = await finals(recogniser, Work(list), speeches)
    assert taken_ms == [pytest.approx(200), pytest.approx(400), pytest.approx(600)]
    assert recogniser.ended == 3
