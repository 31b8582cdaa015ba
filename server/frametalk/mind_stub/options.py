"""How a stub answers: which speaker, at what pace, and with which faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from frametalk.mind_stub.faults import Fault
from frametalk.mind_stub.speakers import Rounds

Speaks = Literal["text", "scripted", "obedient"]
SPEAKERS: tuple[Speaks, ...] = get_args(Speaks)
FAULT_MODEL = "fault:"


@dataclass(frozen=True, slots=True)
class StubOptions:
    """How the stub answers.

    `speaks`: the speaker, unless the request's model names one of SPEAKERS. `text` and `rounds` belong to
    the speaker `text` (see FixedSpeaker), `characters` are the files of `scripted`. The first token comes
    after `first_token_ms`, the others at `tokens_per_s` (0: at once). `fault` applies to every request,
    `fault_at[n]` to the n-th (from 1), the model `fault:NAME` to its own request; the latter overrides.
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
    """The names of models with a special meaning; other names are answered as the options say."""
    return (*SPEAKERS, *(f"{FAULT_MODEL}{fault}" for fault in Fault))
