"""The server's own traces of a bench's turns: stages, whether they are right, and turns not measured."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from frametalk.bench.samples import Distribution, Traced

if TYPE_CHECKING:
    from collections.abc import Iterable


class Waterfalls(msgspec.Struct, frozen=True):
    """All traces of a run.

    `measured` turns have a mouth-to-ear; `unmeasured` ones are counted by reason. `stages_ms` are those of
    the measured ones. `difference_ms` is the trace's mouth-to-ear less what the bench's own client measured
    for the same turn, `worst_difference_ms` the farthest from 0; None where no client measured. The sum of
    a trace's stages differs from its mouth-to-ear by `worst_sum_error_ms` at most: each stage begins where
    the one before ended, so a sum that is right says only that none is missing or doubled.
    """

    measured: int = 0
    unmeasured: dict[str, int] = {}
    worst_sum_error_ms: float = 0.0
    worst_difference_ms: float | None = None
    difference_ms: Distribution = Distribution(0)
    stages_ms: dict[str, Distribution] = {}

    @classmethod
    def of(
        cls, traces: Iterable[Traced], differences: Iterable[tuple[str, float]] = ()
    ) -> Waterfalls:
        """The sums of all traces; `differences` are those of `Session.differences`."""
        traces = list(traces)
        measured = [trace for trace in traces if trace.mouth_to_ear_ms is not None]
        stages: dict[str, list[float]] = {}
        for trace in measured:
            for name, ms in trace.stages:
                stages.setdefault(name, []).append(ms)
        unmeasured = [trace.unmeasured for trace in traces if trace.mouth_to_ear_ms is None]
        by_turn = dict(differences)
        worst_ms = max(map(abs, by_turn.values()), default=None)
        return cls(
            len(measured),
            dict(Counter(reason or "no reason" for reason in unmeasured)),
            round(max((_sum_error_ms(trace) for trace in measured), default=0.0), 3),
            None if worst_ms is None else round(worst_ms, 3),
            Distribution.of(by_turn.values(), by_turn),
            {name: Distribution.of(values) for name, values in stages.items()},
        )

    @property
    def in_words(self) -> str:
        """For a table: turns measured, turns not measured and why, and how far both checks are off."""
        why = ", ".join(f"{count} {reason}" for reason, count in self.unmeasured.items())
        counts = f"{self.measured} measured, {sum(self.unmeasured.values())} not"
        said = f"{counts}{f' ({why})' if why else ''}; sums within {self.worst_sum_error_ms:.2f} ms"
        if self.worst_difference_ms is None:
            return said
        return f"{said}, the client's clock within {self.worst_difference_ms:.1f} ms"


def _sum_error_ms(trace: Traced) -> float:
    return abs(sum(ms for _name, ms in trace.stages) - (trace.mouth_to_ear_ms or 0.0))
