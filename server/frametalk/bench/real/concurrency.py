"""What several players who stop speaking at the same moment wait for their final texts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from frametalk.adapters.base import Bias, Recogniser
from frametalk.bench.progress import Progress
from frametalk.bench.real.context import Context, Values
from frametalk.bench.real.corpus import Speech
from frametalk.bench.real.finals import free_speech
from frametalk.bench.real.hearing import Work, fed, started
from frametalk.bench.samples import Distribution

PLAYERS = (1, 2, 4)
ROUNDS = 6
QUICK_ROUNDS = 2


async def measure(context: Context) -> Values:
    """The key `concurrent_final_ms`: by the number of players, the time of each final text.

    All players use one recogniser, as sessions of one server do. Raises Absent without Whisper base.
    """
    recogniser = context.recognisers.create("base")
    speeches = free_speech(context)
    rounds = QUICK_ROUNDS if context.quick else ROUNDS
    progress = Progress("finals of several players", len(PLAYERS) * rounds)
    taken_ms: dict[int, list[float]] = {players: [] for players in PLAYERS}
    async with started(recogniser, Bias(), asyncio.Lock()) as work:
        for at in range(rounds):
            for players in PLAYERS:
                chosen = [speeches[(at + one) % len(speeches)] for one in range(players)]
                taken_ms[players] += await finals(recogniser, work, chosen)
                progress.step()
    return {
        "concurrent_final_ms": {
            str(players): Distribution.of(taken) for players, taken in taken_ms.items()
        }
    }


async def finals(recogniser: Recogniser, work: Work, speeches: Sequence[Speech]) -> list[float]:
    """The milliseconds from the end of all these speeches to the final text of each."""
    streams = [recogniser.open(Bias(), lambda _hypothesis: None) for _speech in speeches]
    try:
        for stream, speech in zip(streams, speeches, strict=True):
            await fed(stream, work, speech)
        time_s = asyncio.get_running_loop().time
        began_s = time_s()

        async def taken_ms(index: int) -> float:
            await streams[index].finalize()
            return (time_s() - began_s) * 1000

        return list(await asyncio.gather(*map(taken_ms, range(len(streams)))))
    finally:
        for stream in streams:
            stream.cancel()
