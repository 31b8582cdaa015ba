"""Pauses of people within their turns: how often a turn was split there, or a reply heard."""

from __future__ import annotations

import msgspec

from frametalk.bench.real.context import Context, Values
from frametalk.bench.real.conversation import everything_real
from frametalk.bench.real.pauses import measure_pauses
from frametalk.config import load


async def measure(context: Context) -> Values:
    """The keys `split_turn_rate` and `false_cut_rate`, of `_n` pauses; `pauses` has each of them.

    Raises Absent without recordings, Whisper base or the voice.
    """
    _ = context.models.speech
    settings = load(environment={}, flags=everything_real(context.models))
    found = await measure_pauses(context.models.folder, settings)
    return {
        "split_turn_rate": found.split_turn_rate,
        "split_turn_rate_n": found.n,
        "false_cut_rate": found.false_cut_rate,
        "false_cut_rate_n": found.n,
        "pauses": msgspec.to_builtins(found),
    }
