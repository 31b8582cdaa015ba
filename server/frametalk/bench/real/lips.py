"""Where the mouth shapes of Piper and espeak-ng lie on their sound."""

from __future__ import annotations

from typing import Literal

from frametalk.bench.real.context import Context, Values
from frametalk.bench.real.folder import Absent
from frametalk.bench.real.lip_shift import Spoken, lip_shift

VOICES: tuple[Literal["joe", "espeak"], ...] = ("joe", "espeak")


async def measure(context: Context) -> Values:
    """The key `lip_shift_ms`: the shift at which closures lie best on the quiet, for `joe` and `espeak`.

    `_n` counts the closures; `_ratios` has, for each shift, their loudness over that of vowels.
    """
    values: Values = {}
    for name in VOICES:
        try:
            sayings = await context.sayings(name)
        except Absent as absent:
            context.skipped[f"lip_shift_ms.{name}"] = str(absent)
            continue
        found = lip_shift([Spoken(one.samples, one.rate_hz, one.marks) for one in sayings])
        values[name], values[f"{name}_n"] = found.ms, found.closures
        values[f"{name}_ratios"] = {str(ms): round(ratio, 3) for ms, ratio in found.ratios.items()}
    return {"lip_shift_ms": values}
