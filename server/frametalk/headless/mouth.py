"""The mouth: shapes on the reply's playback clock, sampled once for each rendered frame."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from frametalk.core.marks import Mark
from frametalk.headless.reply import Reply

OPEN = 0.01  # a mouth is open where the sum of all shapes but silence is above this
FRAME_HZ = 90  # rendered frames, unless a game says otherwise
_KEPT_FRAMES = FRAME_HZ * 600  # ten minutes of speech; the oldest are dropped


class MouthFrame(NamedTuple):
    """What one rendered frame showed: when, at which sample of which reply, each shape's weight."""

    at_s: float
    reply: int
    sample: int
    weights: dict[str, float]


class Mouth:
    """Keeps what every frame showed. `failures` lists replies that ended with an open mouth."""

    def __init__(self) -> None:
        self.frames: deque[MouthFrame] = deque(maxlen=_KEPT_FRAMES)
        self.count = 0
        self.failures: list[str] = []

    def frame(self, at_s: float, reply: Reply) -> None:
        """Show the shapes of the sample that leaves the speaker now."""
        sample = reply.playback.played
        self._show(at_s, reply, sample, shapes(reply.visemes, sample))

    def close(self, at_s: float, reply: Reply) -> None:
        """The reply has ended: its marks must have closed the mouth; after a cut the client closes it."""
        sample = reply.playback.played
        if not reply.playback.was_cut:
            open_by = sum(shapes(reply.visemes, sample).values())
            if open_by > OPEN:
                self.failures.append(
                    f"reply {reply.id}: the mouth is {open_by:.2f} open at its end"
                )
        self._show(at_s, reply, sample, {})

    def _show(self, at_s: float, reply: Reply, sample: int, weights: dict[str, float]) -> None:
        self.count += 1
        self.frames.append(MouthFrame(at_s, reply.id, sample, weights))


def shapes(marks: Sequence[Mark], sample: int) -> dict[str, float]:
    """The weights of the shapes at `sample`, without silence."""
    return {m.name: m.value for m in marks if m.at <= sample < m.end and m.name != "sil"}
