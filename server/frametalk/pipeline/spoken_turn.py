"""How a revision of a turn was said."""

from __future__ import annotations

from dataclasses import dataclass, field

from frametalk.adapters.base import Hypothesis
from frametalk.trace import TurnTrace
from frametalk.wire.messages import WordHeard


@dataclass(slots=True)
class SpokenTurn:
    """One revision: where its speech ended, its text and words, and the instants of its trace.

    `speech_end` is one past the last speech sample, on the microphone's own clock at `mic_rate_hz`; None
    for a typed turn. `end_probability`: a turn detector's, None without one.
    """

    turn: int
    rev: int
    speech_end: int | None
    mic_rate_hz: int
    trace: TurnTrace = field(default_factory=TurnTrace)
    heard: Hypothesis | None = None
    words: tuple[WordHeard, ...] = ()
    end_probability: float | None = None
