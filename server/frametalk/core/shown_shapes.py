"""Gives every mouth shape enough time to be seen, without moving lip closures off the quiet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from frametalk.core.audio import ms_to_samples
from frametalk.core.marks import Mark
from frametalk.core.visemes import CLOSURES, REST

# Two frames of a game that draws 60 a second see a shape of 40 ms at its strongest. The curve keeps half of
# a closure for 20 ms after its end and before its start, which hides the neighbour.
SHOWN_MS = 40
BESIDE_CLOSURE_MS = 10
# Speakers close their lips shortly before they begin with p, b or m, not throughout a pause.
LIPS = "PP"
LIPS_LEAST_MS, LIPS_LONGEST_MS = 60, 80


def shown(marks: Sequence[Mark], rate_hz: int) -> list[Mark]:
    """Adjacent viseme marks with better edges: the same shapes in the same order.

    Lips that close after a pause do so 60 to 80 ms before they open. A shape that is too short to be seen
    gets time from its neighbours. Closures and the ends of the whole do not move for it.
    """
    closed = _closed_in_time(marks, rate_hz)
    found: list[Mark] = []
    begin = 0
    for index in range(len(closed) + 1):
        if index == len(closed) or closed[index].name in CLOSURES:
            found += _spread(closed[begin:index], begin > 0, index < len(closed), rate_hz)
            found += closed[index : index + 1]
            begin = index + 1
    return found


def _closed_in_time(marks: Sequence[Mark], rate_hz: int) -> list[Mark]:
    """The marks with the lips' closures after a pause neither too short nor too long."""
    least, longest = (ms_to_samples(ms, rate_hz) for ms in (LIPS_LEAST_MS, LIPS_LONGEST_MS))
    found: list[Mark] = []
    for mark in marks:
        if mark.name == LIPS and found and found[-1].name == REST:
            rest = found.pop()
            at = min(max(mark.at, mark.end - longest), mark.end - least)
            at = max(at, rest.at)
            if at > rest.at:
                found.append(replace(rest, end=at))
            found.append(replace(mark, at=at))
        else:
            found.append(mark)
    return found


def _spread(marks: Sequence[Mark], after: bool, before: bool, rate_hz: int) -> list[Mark]:
    """Adjacent marks, `after` and `before` a closure or not, with the edges between them moved least.

    The new edges have the least sum of squared moves of all edges that give each mark its time.
    """
    if not marks:
        return []
    needs = [1 if mark.name == REST else ms_to_samples(SHOWN_MS, rate_hz) for mark in marks]
    for at_closure, index in ((after, 0), (before, -1)):
        if at_closure and marks[index].name != REST:
            needs[index] += ms_to_samples(BESIDE_CLOSURE_MS, rate_hz)
    begin, end = marks[0].at, marks[-1].end
    fits = min(1.0, (end - begin) / sum(needs))
    needed = 0.0
    slack: list[
        float
    ] = []  # of each inner edge: its sample, less the time that marks before it need
    for mark, need in zip(marks[:-1], needs, strict=False):
        needed += need * fits
        slack.append(mark.end - needed)
    last = max(needs[-1] * fits, 1)  # a clause ends at rest
    most = end - needed - last
    edges, needed = [begin], 0.0
    for level, need in zip(_rising(slack), needs, strict=False):
        needed += need * fits
        edges.append(int(min(max(level, begin), most) + needed))
    edges.append(end)
    return [
        replace(mark, at=edges[index], end=edges[index + 1])
        for index, mark in enumerate(marks)
        if edges[index + 1] > edges[index]
    ]


def _rising(values: Sequence[float]) -> list[float]:
    """The nearest sequence, by the sum of squares, that never falls (pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for value in values:
        mean, count = value, 1
        while pools and pools[-1][0] > mean:
            other, more = pools.pop()
            mean = (mean * count + other * more) / (count + more)
            count += more
        pools.append((mean, count))
    return [mean for mean, count in pools for _ in range(count)]
