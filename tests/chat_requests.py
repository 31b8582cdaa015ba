"""Chat requests for tests, as the `openai` mind writes them."""

from __future__ import annotations

import json
from typing import Any

from frametalk.mind_stub import chat as chats
from frametalk.mind_stub.chat import ChatRequest

ON_A_THING = {
    "type": "object",
    "properties": {"target": {"type": "string", "x-entity": True}},
    "required": ["target"],
}
DOOR = {
    "id": "door",
    "name": "red door",
    "kind": "door",
    "aliases": ["front door"],
    "open": False,
    "can": "open close",
}
KEY = {"id": "iron_key", "name": "iron key", "can": "give"}


def user(
    *readings: str,
    scene: tuple[dict[str, Any], ...] = (DOOR, KEY),
    now: tuple[dict[str, Any], ...] = ({"looked_at": ["door"]},),
) -> dict[str, Any]:
    """The player's words, the scene, and what is different from it now."""
    entities = "\n".join(map(_data, scene))
    changes = "\n".join(map(_data, now))
    words = "\n".join(map(_data, readings))
    content = (
        f"<scene>\n{entities}\n</scene>\n<now>\n{changes}\n</now>\n<player>\n{words}\n</player>"
    )
    return {"role": "user", "content": content}


def called(name: str, args: dict[str, Any], ref: str = "c1") -> dict[str, Any]:
    """An earlier answer that made one call."""
    function = {"name": name, "arguments": json.dumps(args)}
    call = {"id": ref, "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def ended(state: str, ref: str = "c1", **more: Any) -> dict[str, Any]:
    """The outcome of that call."""
    return {"role": "tool", "tool_call_id": ref, "content": json.dumps({"state": state, **more})}


def tool(name: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
    """An offered tool."""
    function = {"name": name, "description": "", "parameters": parameters or ON_A_THING}
    return {"type": "function", "function": function}


def body(*messages: dict[str, Any], tools: tuple[str, ...] = ("open",), **more: Any) -> bytes:
    """A request's body."""
    request = {"model": "any", "messages": messages, "tools": list(map(tool, tools)), **more}
    return json.dumps(request).encode()


def chat(*messages: dict[str, Any], tools: tuple[str, ...] = ("open",), **more: Any) -> ChatRequest:
    """A request as the stub reads it."""
    return chats.read(body(*messages, tools=tools, **more))


def _data(value: Any) -> str:
    """JSON that cannot contain the tag of a block."""
    text = json.dumps(value)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
