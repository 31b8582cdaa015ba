"""What the final text of free speech costs after its end, beside a plain padded call on the same sound."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from frametalk.adapters.base import Bias
from frametalk.bench.progress import Progress
from frametalk.bench.real.context import Context, Values
from frametalk.bench.real.corpus import Speech
from frametalk.bench.real.counted_whisper import CountedWhisper
from frametalk.bench.real.folder import BASE, Absent
from frametalk.bench.real.hearing import hear, started
from frametalk.bench.real.pieces import of_free_length
from frametalk.bench.real.plain import plain_calls
from frametalk.bench.real.recognisers import LANGUAGE
from frametalk.bench.samples import Distribution


class Final(NamedTuple):
    """One final text: its processor time, that of the plain call, and the model's runs for it."""

    cpu_ms: float
    plain_cpu_ms: float
    runs: int


async def measure(context: Context) -> Values:
    """The keys `final_cpu_ratio` and `second_readings`, the share of finals that ran the model twice.

    Both sides take turns on the same sound. Raises Absent without Whisper base.
    """
    model = context.models.whisper(BASE)
    speeches = context.some(free_speech(context))
    recogniser = CountedWhisper(str(model), language=LANGUAGE)
    finals: list[Final] = []
    progress = Progress("finals and plain calls", len(speeches))
    async with (
        started(recogniser, Bias(), asyncio.Lock()) as work,
        plain_calls(model) as calls,
    ):
        for speech in speeches:
            runs: list[int] = []

            async def count(runs: list[int] = runs) -> None:
                runs.append(await recogniser.runs())

            heard = await hear(recogniser, work, speech, Bias(), before_final=count)
            await count()
            plain = await calls.read(speech)
            finals.append(Final(heard.final_cpu_ms, plain.cpu_ms, runs[1] - runs[0]))
            progress.step()
    return summary(finals)


def summary(finals: Sequence[Final]) -> Values:
    """The values of all finals."""
    return {
        "final_cpu_ratio": Distribution.of(one.cpu_ms / one.plain_cpu_ms for one in finals),
        "final_cpu_ms": Distribution.of(one.cpu_ms for one in finals),
        "plain_cpu_ms": Distribution.of(one.plain_cpu_ms for one in finals),
        "second_readings": round(sum(one.runs > 1 for one in finals) / len(finals), 4),
        "second_readings_n": len(finals),
    }


def free_speech(context: Context) -> list[Speech]:
    """Pieces of recordings of people and sentences by flite, of two to six seconds."""
    try:
        people = context.all_pieces
    except Absent:
        people = []
    return of_free_length([*people, *context.free])
