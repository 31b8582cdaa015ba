"""Tool calls that recordings of people cause in a character who has the tavern's tools: all are false."""

from __future__ import annotations

from collections.abc import Iterable

from frametalk.adapters import registry
from frametalk.adapters.base import Hypothesis, Mind, MindRequest, ToolRequest
from frametalk.bench.real.context import Context, Values
from frametalk.bench.real.folder import Absent
from frametalk.bench.real.hearing import Heard
from frametalk.bench.real.recognisers import Name
from frametalk.bench.turns.turn_set import WORLD
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world

WHO: tuple[Name, ...] = ("scene", "base", "joined")


async def measure(context: Context) -> Values:
    """The key `false_actions`: calls of all recognisers; `false_actions_by` has their words.

    Each piece of a recording between two pauses is a turn: `false_actions_n` are the turns of each
    recogniser. A recording whose known words are a command is left out. Raises Absent without recordings.
    """
    pieces = [
        piece
        for recording in context.readings
        if not await calls(_mind(), [Heard(recording, Hypothesis(recording.text), 0.0)])
        for piece in context.pieces[recording.name]
    ]
    by: dict[str, list[str]] = {}
    for name in WHO:
        try:
            heard = await context.recognisers.heard(name, pieces, hints=True)
        except Absent as absent:
            context.skipped[f"false_actions_by.{name}"] = str(absent)
            continue
        by[name] = await calls(_mind(), heard)
    return {
        "false_actions": sum(map(len, by.values())),
        "false_actions_n": len(pieces),
        "false_actions_by": by,
    }


def _mind() -> Mind:
    return registry.create("llm", "scripted", {})


async def calls(mind: Mind, heard: Iterable[Heard]) -> list[str]:
    """Every call that the mind makes, each turn in a new session, with the words that caused it."""
    world = GameWorld(load_world(WORLD))
    found: list[str] = []
    await mind.start()
    try:
        for one in heard:
            request = MindRequest(
                character=mind.characters[0],
                turn=1,
                text=one.text,
                alternatives=one.hypothesis.alternatives,
                scene=dict(world.entities),
                tools=world.tools,
            )
            if one.text:
                found += [
                    f"{one.speech.name} | {one.text} | {event.name} {event.args}"
                    async for event in mind.think(request)
                    if isinstance(event, ToolRequest)
                ]
    finally:
        await mind.close()
    return found
