"""How a stub answers: who speaks, at what pace, and what goes wrong when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from frametalk.mind_stub.faults import Fault
from frametalk.mind_stub.speakers import Rounds

Speaks = Literal["text", "scripted", "obedient"]
SPEAKERS: tuple[Speaks, ...] = ("text", "scripted", "obedient")
FAULT_MODEL = "fault:"


@dataclass(frozen=True, slots=True)
class StubOptions:
    """How the stub answers.

    `speaks`: who does, unless the request's model is one of SPEAKERS. `text` and `rounds` are what `text`
    says and calls (see FixedSpeaker), `characters` the files of `scripted`. `first_token_ms` passes before
    the first token, then come `tokens_per_s` (0: at once). `fault` is met by every request,
    `fault_at[n]` by the n-th (from 1), and a model named `fault:NAME` by its own; the last one counts.
    """

    speaks: Speaks = "scripted"
    text: str = "As you wish, traveller."
    rounds: Rounds = ()
    characters: tuple[str, ...] = ()
    first_token_ms: float = 0
    tokens_per_s: float = 0
    fault: Fault | None = None
    fault_at: Mapping[int, Fault] = field(default_factory=dict)


def model_names() -> tuple[str, ...]:
    """Every model that means something of its own; others are answered as the options say."""
    return (*SPEAKERS, *(f"{FAULT_MODEL}{fault}" for fault in Fault))
