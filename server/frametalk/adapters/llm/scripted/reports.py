"""What the character says about how a call of a tool ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from frametalk.adapters.base import MindRequest
from frametalk.adapters.llm.character import ANSWERS, Answers, Character
from frametalk.adapters.llm.scripted.sayings import ENDS, chosen, reason, thing, value
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolOutcome

_ANY_REASON = "000"  # in no line, and not capitalised at the beginning of a sentence


def report(
    character: Character,
    outcome: ToolOutcome,
    request: MindRequest,
    target: Entity | None = None,
) -> str:
    """The line for this outcome, from the file or, where that has none, from the defaults.

    `target` is what the call was about; by default what its arguments name.
    """
    if target is None:
        target = request.scene.get(acted_on(outcome, request.scene))
    by_game = outcome.state in {"refused", "failed"}
    values = {
        "thing": thing(target, character.words),
        "reason": reason(outcome.reason) if by_game else "",
        "value": value(outcome.value, character.words, request.scene),
    }
    none = Answers()
    answers = (character.answers.get(name, none) for name in (outcome.name, "*"))
    sources = (getattr(each, outcome.state) for each in (*answers, ANSWERS))
    lines = (chosen(lines, request.turn, values) for lines in sources)
    return next(filter(None, lines), "")


def refusal_opening(character: Character, outcome: ToolOutcome, request: MindRequest) -> str:
    """What `report` says before the reason if the game refuses; empty if that is no whole sentence."""
    refused = replace(outcome, state="refused", reason=_ANY_REASON)
    opening, told, _rest = report(character, refused, request).partition(_ANY_REASON)
    opening = opening.strip()
    return opening if told and opening.endswith(ENDS) else ""


def acted_on(outcome: ToolOutcome, scene: Mapping[str, Entity]) -> str:
    """The id of the thing that a call was about; empty if it was about no thing."""
    args = outcome.args
    ids = (value for value in (args.get("target"), *args.values()) if isinstance(value, str))
    return next((id_ for id_ in ids if id_ in scene), "")
