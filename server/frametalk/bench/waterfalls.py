"""The server's own traces of a bench's turns: stages, whether they add up, and turns not measured."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from frametalk.bench.samples import Distribution, Traced

if TYPE_CHECKING:
    from collections.abc import Iterable


class Waterfalls(msgspec.Struct, frozen=True):
    """All traces of a run.

    `measured` turns have a mouth-to-ear, from which the sum of their stages differs by
    `worst_sum_error_ms` at most; `unmeasured` ones are counted by reason. `stages_ms` are those of the
    measured ones.
    """

    measured: int = 0
    unmeasured: dict[str, int] = {}
    worst_sum_error_ms: float = 0.0
    stages_ms: dict[str, Distribution] = {}

    @classmethod
    def of(cls, traces: Iterable[Traced]) -> Waterfalls:
        """The sums of all traces."""
        traces = list(traces)
        measured = [trace for trace in traces if trace.mouth_to_ear_ms is not None]
        stages: dict[str, list[float]] = {}
        for trace in measured:
            for name, ms in trace.stages:
                stages.setdefault(name, []).append(ms)
        unmeasured = [trace.unmeasured for trace in traces if trace.mouth_to_ear_ms is None]
        return cls(
            len(measured),
            dict(Counter(reason or "no reason" for reason in unmeasured)),
            round(max((_sum_error_ms(trace) for trace in measured), default=0.0), 3),
            {name: Distribution.of(values) for name, values in stages.items()},
        )

    @property
    def in_words(self) -> str:
        """For a table: how many turns were measured, how many not and why, and the error of the sums."""
        why = ", ".join(f"{count} {reason}" for reason, count in self.unmeasured.items())
        counts = f"{self.measured} measured, {sum(self.unmeasured.values())} not"
        return f"{counts}{f' ({why})' if why else ''}; sums within {self.worst_sum_error_ms:.2f} ms"


def _sum_error_ms(trace: Traced) -> float:
    return abs(sum(ms for _name, ms in trace.stages) - (trace.mouth_to_ear_ms or 0.0))
