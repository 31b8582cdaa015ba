"""What the demo says about its engines before it begins."""

from __future__ import annotations

from collections.abc import Mapping

from frametalk.adapters.abilities import Choice
from frametalk.adapters.registry import Kind
from frametalk.models import STARTER_COMMAND

BETTER = "for free speech and a natural voice"


def lines(choices: Mapping[Kind, Choice]) -> list[str]:
    """The engines that were chosen and why; one line, with the commands, where all models are missing."""
    remedies = dict.fromkeys(choice.remedy for choice in choices.values() if choice.remedy)
    if "asr" in choices and all(choice.remedy for choice in choices.values()):
        # The models come last: what uses them is installed first.
        commands = sorted(remedies, key=lambda remedy: remedy == STARTER_COMMAND)
        names = ", ".join(f"{kind} {choice.adapter or 'none'}" for kind, choice in choices.items())
        return [f"Engines: {names}; {BETTER}: {' && '.join(commands)}"]
    return [f"{kind}: {choice}" for kind, choice in choices.items()]
