"""Write docs/tavern.md from the tavern's world file: `python docs/export_tavern.py [FOLDER]`.

The sample conversation is what the shipped blacksmith answers in that world.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from frametalk.adapters.base import MindRequest, TextDelta, ToolRequest
from frametalk.adapters.llm.scripted.mind import ScriptedMind
from frametalk.core.dialogue import PlayerSaid
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolOutcome
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import WorldTool, load_world

SAID = (
    "who are you",
    "open the red door and bring me the iron key",
    "open the chest",
    "unlock the chest",
    "open the chest",
    "light the torch",
    "take the sword",
    "i need a new sword",
    "read the letter",
    "put the map on the table",
    "what do you know about the king",
    "goodbye",
)

HEAD = """\
# The tavern

The world of `frametalk demo` and of the shipped scenarios, for clients that want to talk to its
blacksmith. Generated from `server/frametalk/data/worlds/tavern.toml` by `python docs/export_tavern.py`;
do not edit by hand.

A server with default settings (`frametalk serve`) has this character, `blacksmith`. It knows nothing of
the tavern: a client sends the entities in `scene.snapshot` and the tools in `hello`, and carries the
calls out itself ([wire.md](../protocols/wire.md)). A `scene.event` named `player_entered` makes the
blacksmith greet the player.

Positions are in metres: x to the right, y up, -z forward, as the player stands at the start.
"""

RULES = """\
The game decides what a call does, by these rules from the top: the first whose condition holds. The
texts in quotes are reasons of a `tool.ack` that is not `accepted`; `{target}` is the name of the entity.
A call for an entity whose `affordances` do not list the tool is never sent.
"""

TALK = """\
What the blacksmith answers when each line is typed (`say`) in turn, and the calls that the game gets.
"""


def page() -> str:
    """The whole page."""
    world = load_world("tavern")
    parts = [
        HEAD,
        "## Entities\n",
        _table(
            ("id", "name", "kind", "aliases", "position", "state", "affordances"),
            map(_entity, world.entity),
        ),
        "\n## Tools\n",
        _table(("tool", "verbs", "arguments", "what it does"), map(_tool, world.tool)),
        f"\n{RULES}",
        *(
            f"- `{tool.name}`: {'; '.join(map(_rule, msgspec.to_builtins(tool.rules)))}."
            for tool in world.tool
        ),
        "\n## A conversation\n",
        TALK,
        _table(("player", "calls", "character"), asyncio.run(_conversation(GameWorld(world)))),
        "\n## As messages\n",
        "`tools` of `hello`:\n",
        _json([msgspec.to_builtins(tool.spec()) for tool in world.tool]),
        "\n`entities` of `scene.snapshot`:\n",
        _json(msgspec.to_builtins(world.entity)),
    ]
    return "\n".join(parts)


def _table(head: tuple[str, ...], rows: Any) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _code(values: Any) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _entity(entity: Entity) -> tuple[str, ...]:
    state = _code(f"{key} = {json.dumps(value)}" for key, value in entity.state.items())
    position = "" if entity.position is None else ", ".join(f"{part:g}" for part in entity.position)
    names = ", ".join(entity.aliases)
    return (
        f"`{entity.id}`",
        entity.name,
        entity.kind,
        names,
        position,
        state,
        _code(entity.affordances),
    )


def _tool(tool: WorldTool) -> tuple[str, ...]:
    properties = tool.parameters.get("properties", {})
    arguments = _code(f"{name}: {_type(schema)}" for name, schema in properties.items())
    about = tool.description + ("" if tool.changes_world else " `changes_world` is false.")
    return f"`{tool.name}`", ", ".join(tool.verbs), arguments, about


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " or ".join(schema["enum"])
    return "entity" if schema.get("x-entity") else str(schema["type"])


def _rule(rule: dict[str, Any]) -> str:
    when = " and ".join(f"`{key}` is `{json.dumps(value)}`" for key, value in rule["if"].items())
    effects = [f'refused, "{rule["refuse"]}"'] if rule["refuse"] else []
    effects += [f"`{key}` becomes `{json.dumps(value)}`" for key, value in rule["set"].items()]
    effects += [f"the result's value is `{rule['value']}`"] if rule["value"] else []
    effects += [f"the {rule['walk']} moves by the arguments"] if rule["walk"] else []
    return (f"if {when}: " if when else "") + ", ".join(effects)


async def _conversation(world: GameWorld) -> list[tuple[str, str, str]]:
    mind = ScriptedMind()
    character = mind.characters[0]
    rows = [("(`player_entered`)", "", mind.greeting(character))]
    for turn, text in enumerate(SAID, 1):
        spoken, calls, outcomes = "", [], []
        for step in range(2):
            request = MindRequest(
                character=character,
                turn=turn,
                text=text,
                step=step,
                history=(PlayerSaid(turn, text),),
                outcomes=tuple(outcomes),
                scene=world.entities,
                tools=world.tools,
            )
            wanted = []
            async for event in mind.think(request):
                if isinstance(event, TextDelta):
                    spoken += event.text
                elif isinstance(event, ToolRequest):
                    wanted.append(event)
            for call in wanted:
                outcome = _carry_out(world, call, len(outcomes) + 1)
                outcomes.append(outcome)
                calls.append(_shown(outcome))
            if not wanted:
                break
        rows.append((text, "<br>".join(calls), spoken.strip()))
    return rows


def _carry_out(world: GameWorld, call: ToolRequest, number: int) -> ToolOutcome:
    """The call as the game's rules decide it."""
    decision = world.decide(call.name, call.args)
    if decision.refused:
        return ToolOutcome(number, call.name, call.args, "refused", reason=decision.refused)
    world.change(state=decision.state, move=decision.move)
    return ToolOutcome(number, call.name, call.args, "done", decision.value)


def _shown(outcome: ToolOutcome) -> str:
    arguments = ", ".join(f"{key}={value}" for key, value in outcome.args.items())
    return f"`{outcome.name}({arguments})` {outcome.state}"


def _json(value: Any) -> str:
    rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in value)
    return f"```json\n[\n{rows}\n]\n```"


def write(folder: Path) -> None:
    """Write the page into `folder`."""
    (folder / "tavern.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
