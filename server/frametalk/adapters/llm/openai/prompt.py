"""The prompt of one step of one reply: rules, scene, history, and the present as data. Pure.

The order suits prompt caches: rules and stable scene come first and stay the same, the history only grows,
and everything that changes with every turn is in the last user message.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from frametalk.adapters.base import MindRequest
from frametalk.adapters.llm.openai.prompt_history import CUT, Calls, Message, history
from frametalk.adapters.llm.openai.rules import rules
from frametalk.adapters.llm.openai.scene_lines import now_lines, stable_lines
from frametalk.adapters.llm.openai.scene_text import (
    block,
    data_line,
    event_lines,
    events_block,
    player_block,
)
from frametalk.adapters.llm.openai.tool_schemas import function_of
from frametalk.core.dialogue import CharacterSaid

ToolChoice = Literal["auto", "required", "none"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """Messages and tools in the format of the chat completions API."""

    messages: tuple[Message, ...]
    tools: tuple[Message, ...] = ()
    tool_choice: ToolChoice = "auto"
    max_tokens: int | None = None
    """A limit of this prompt's own, below the one of the settings."""

    @property
    def characters(self) -> int:
        """Its length in characters, near enough to compare prompts of one model."""
        return len(str(self.messages)) + len(str(self.tools))


@dataclass(frozen=True, slots=True)
class Budgets:
    """Estimated tokens that the scene and the history may take."""

    scene_tokens: int = 1_500
    history_tokens: int = 3_000


def prompt(
    request: MindRequest,
    persona: str,
    budgets: Budgets,
    tool_choice: ToolChoice = "auto",
    prefix: str = "",
) -> Prompt:
    """The prompt of a step; `prefix` is the text of another model that failed in this step.

    The choice `required` applies to the first step only: after it the model must be free to speak.
    """
    request = _with_tools(request, tool_choice)
    calls = Calls(tools=bool(request.tools))
    scene = stable_lines(request, budgets.scene_tokens)
    messages = [*history(request, budgets.history_tokens, calls)]
    # Calls follow the player's words also when the turn went on after them: strict servers refuse a
    # call before any user message, and a user message after a result.
    messages.append(_present(request, scene, budgets.scene_tokens, calls))
    messages += calls.ran(request.outcomes, request.said if request.step else "")
    if prefix.strip():
        messages.append({"role": "assistant", "content": prefix.strip()})
    choice: ToolChoice = "auto" if tool_choice == "required" and request.step else tool_choice
    offered = tuple(map(function_of, request.tools))
    return Prompt((_system(request, persona), *_begun(scene, messages)), offered, choice)


def opening(
    request: MindRequest, persona: str, budgets: Budgets, tool_choice: ToolChoice = "auto"
) -> Prompt:
    """The beginning that all prompts of a session share: rules, tools, stable scene; for one token."""
    request = _with_tools(request, tool_choice)
    begun = _begun(stable_lines(request, budgets.scene_tokens), [{"role": "user", "content": ""}])
    offered = tuple(map(function_of, request.tools))
    return Prompt((_system(request, persona), *begun), offered, max_tokens=1)


def _with_tools(request: MindRequest, choice: ToolChoice) -> MindRequest:
    return replace(request, tools=()) if choice == "none" else request


def _system(request: MindRequest, persona: str) -> Message:
    text = rules(request.character, persona, request.language, tools=bool(request.tools))
    return {"role": "system", "content": text}


def _begun(scene: dict[str, str], messages: list[Message]) -> list[Message]:
    """The messages with the scene at the beginning of the first."""
    first, *others = messages
    content = f"{block('scene', scene.values())}\n{first['content']}".rstrip()
    return [{**first, "content": content}, *others]


def _present(
    request: MindRequest, scene: dict[str, str], scene_tokens: int, calls: Calls
) -> Message:
    now = now_lines(request, scene, scene_tokens)
    happened = [
        *event_lines(request, scene_tokens),
        *_cut_off(request),
        *calls.events(request.outcomes),
    ]
    content = (
        f"{block('now', now)}\n" if now else ""
    ) + f"{events_block(happened)}{player_block((request.text, *request.alternatives))}"
    return {"role": "user", "content": content}


def _cut_off(request: MindRequest) -> list[str]:
    """What was heard of replies to this turn before the player continued it, as an event."""
    replies = [entry for entry in request.history if isinstance(entry, CharacterSaid)]
    said = [reply.text for reply in replies if reply.turn == request.turn and reply.cut]
    return [data_line({"name": "you_were_cut_off", "said": text + CUT}) for text in said if text]
