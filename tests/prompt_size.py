"""How long the tavern's first prompt is, as a model's server counts it."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace

from frametalk.adapters.base import MindRequest
from frametalk.adapters.llm.character import load
from frametalk.adapters.llm.openai.client import OpenAiModel
from frametalk.adapters.llm.openai.models import ModelError
from frametalk.adapters.llm.openai.prompt import Budgets, ToolChoice, prompt
from frametalk.adapters.llm.openai.providers import Provider
from frametalk.core.dialogue import CharacterSaid, PlayerSaid
from frametalk.errors import AdapterError, Stage
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world

TEXT = "who are you"
LIMIT_MS = 60_000


async def prompt_tokens(base_url: str, model: str, *, tools: bool = True) -> int:
    """Tokens of the first turn of the demo after its greeting, tools offered or not.

    Raises AdapterError if the server does not answer or does not count.
    """
    world, character = GameWorld(load_world("tavern")), load()
    request = MindRequest(
        character.name,
        1,
        TEXT,
        history=(CharacterSaid(0, 1, character.greeting), PlayerSaid(1, TEXT)),
        scene=world.entities,
        tools=world.tools,
    )
    choice: ToolChoice = "auto" if tools else "none"
    asked = replace(prompt(request, character.persona, Budgets(), choice), max_tokens=1)
    sampling = {"max_tokens": 1}
    provider = Provider(base_url=base_url, model=model)
    server = OpenAiModel(provider, sampling, connect_ms=1_000, whole_ms=LIMIT_MS)
    await server.start()
    try:
        async with aclosing(server.answer(asked)) as pieces:
            counts = [piece.usage[0] async for piece in pieces if piece.usage]
    except ModelError as failure:
        raise failure.error from None
    finally:
        await server.close()
    if not counts:
        raise AdapterError(
            "mind_server",
            f"{model} at {base_url} gave no token count",
            stage=Stage.THINK,
            remedy="start a server that supports stream_options.include_usage",
        )
    return counts[0]
