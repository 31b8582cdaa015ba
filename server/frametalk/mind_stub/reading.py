"""Reads a chat request back into what a mind gets: scene, words, earlier calls."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from frametalk.adapters.base import Focus, MindRequest
from frametalk.core.dialogue import Entry, PlayerSaid, ToolRan
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolOutcome, ToolSpec
from frametalk.mind_stub.chat import ChatRequest, Function, Message, ToolCall, arguments_of

_NAMED = re.compile(r"You are ([^,\n]+),")
STATES = ("done", "refused", "failed", "timed_out", "cancelled", "invalid")
_BLOCK = re.compile(r"<(scene|now|events|player)>\n(.*?)\n?</\1>", re.DOTALL)
_FIELDS = frozenset({"id", "name", "kind", "aliases", "can", "state"})


def mind_request(chat: ChatRequest) -> MindRequest:
    """The request as the scripted character takes it; its focus has the latest entity first.

    A last user message without <player> counts as the player's words, in an empty scene.
    """
    users = [message for message in chat.messages if message.role == "user"]
    last = users[-1].text if users else ""
    readings = _readings(last)
    scene, looked_at = _scene(_block(users[0].text, "scene") if users else "", _block(last, "now"))
    return MindRequest(
        character=_character(chat.messages),
        turn=len(users),
        text=readings[0],
        alternatives=readings[1:],
        step=chat.step,
        history=_history(chat.messages),
        outcomes=tuple(_outcomes(chat.since_user())),
        scene={id_: _entity(id_, fields) for id_, fields in scene.items()},
        focus=Focus(tuple(reversed(looked_at))),
        tools=[_spec(function) for function in chat.offered],
    )


def _character(messages: Sequence[Message]) -> str:
    """The character that the system's words name; empty: the first one."""
    words = "\n".join(message.text for message in messages if message.role == "system")
    named = _NAMED.search(words)
    return named[1] if named else ""


def _block(text: str, name: str) -> str:
    return next((body for found, body in _BLOCK.findall(text) if found == name), "")


def _readings(text: str) -> tuple[str, ...]:
    """The player's words and their alternatives, from one user message."""
    lines = [_json(line) for line in _block(text, "player").splitlines()]
    words = tuple(line for line in lines if isinstance(line, str))
    return words or (("",) if "<player>" in text else (text,))


def _scene(stable: str, now: str) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The fields of each entity as they are now, and what the player looks at, the latest first."""
    scene: dict[str, dict[str, Any]] = {}
    looked_at: list[str] = []
    for line in (*stable.splitlines(), *now.splitlines()):
        data = _json(line)
        if not isinstance(data, dict):
            continue
        if isinstance(data.get("id"), str):
            fields = scene.setdefault(data["id"], {"state": {}})
            apart = data["state"] if isinstance(data.get("state"), dict) else {}
            fields["state"] |= {k: value for k, value in data.items() if k not in _FIELDS} | apart
            fields |= {k: value for k, value in data.items() if k in _FIELDS and k != "state"}
        looked_at += [id_ for id_ in _list(data.get("looked_at")) if isinstance(id_, str)]
        for id_ in _list(data.get("gone")):
            scene.pop(str(id_), None)
    return scene, looked_at


def _entity(id_: str, fields: dict[str, Any]) -> Entity:
    can = fields.get("can")
    return Entity(
        id_,
        str(fields.get("name", id_.replace("_", " "))),
        str(fields.get("kind", "")),
        tuple(map(str, _list(fields.get("aliases")))),
        state=fields["state"],
        affordances=tuple(can.split() if isinstance(can, str) else map(str, _list(can))),
    )


def _history(messages: Sequence[Message]) -> list[Entry]:
    """The player's words and the calls of earlier turns, and the words of this turn."""
    history: list[Entry] = []
    turn = 0
    for index, message in enumerate(messages):
        if message.role == "user":
            turn += 1
            history.append(PlayerSaid(turn, _readings(message.text)[0]))
        elif message.tool_calls:
            history += [ToolRan(turn, ran) for ran in _outcomes(messages[index:], rounds=1)]
    return history


def _outcomes(messages: Sequence[Message], rounds: int | None = None) -> Iterator[ToolOutcome]:
    """The outcomes of the calls in `messages`, in order; of the first `rounds` rounds only."""
    answers = {message.tool_call_id: message.text for message in messages if message.role == "tool"}
    called = [message.tool_calls for message in messages if message.tool_calls][:rounds]
    for number, call in enumerate((call for calls in called for call in calls), 1):
        if call.id in answers:
            yield _outcome(number, call, answers[call.id])


def _outcome(number: int, call: ToolCall, answer: str) -> ToolOutcome:
    """From a tool message: {"state": ..., "value": ..., "reason": ...}; any other text means `done`."""
    outcome = _json(answer)
    if not isinstance(outcome, dict) or outcome.get("state") not in STATES:
        outcome = {"state": "done", "value": answer}
    return ToolOutcome(
        number,
        call.function.name,
        arguments_of(call),
        outcome["state"],
        outcome.get("value"),
        str(outcome.get("reason", "")),
    )


def _spec(function: Function) -> ToolSpec:
    return ToolSpec(function.name, function.description, function.parameters)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
