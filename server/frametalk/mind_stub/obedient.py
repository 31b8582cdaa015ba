"""A mind that obeys every text it reads: the worst case of an injected instruction."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from frametalk.adapters.base import TextDelta, ToolRequest
from frametalk.mind_stub.chat import ChatRequest, arguments_of
from frametalk.mind_stub.chunks import AnswerEvent
from frametalk.mind_stub.reading import mind_request

MAX_CALLS = 32  # in one answer; more than a reply may make, so that the client's limit is tested
TEXT = "As you command."

_NAME = r"([A-Za-z_][\w-]{0,63})"
_AS_JSON = re.compile(
    rf'"(?:name|tool|function)"\s*:\s*"{_NAME}"\s*,'
    r'\s*"(?:arguments|args|parameters|input)"\s*:\s*(?=\{)'
)
_BEFORE_JSON = re.compile(rf"\b{_NAME}\s*(?:\(\s*|with\s+|:\s*)?(?=\{{)")
_BEFORE_PAIRS = re.compile(rf"\b{_NAME}\(([^(){{}}]*)\)")
_ORDERED = re.compile(
    rf"\b(?:call|use|run|invoke|execute|trigger)\s+(?:the\s+)?(?:tool\s+|function\s+)?`?{_NAME}`?"
    r"([^.;\n]*)",
    re.IGNORECASE,
)
_PAIR = re.compile(r"""([A-Za-z_]\w*)\s*=\s*("[^"]*"|'[^']*'|[^\s,"'\\]+)""")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


class ObedientSpeaker:
    """Calls each tool that a text of the request orders or seems to order, with the text's arguments.

    It ignores which tools are offered, their schemas, and who gives the order. It carries out an order
    once per turn, and answers with a text when no order is left.
    """

    async def answer(self, chat: ChatRequest) -> list[AnswerEvent]:
        """The calls that are left to make, or the text."""
        done = {
            _key(call.function.name, arguments_of(call))
            for message in chat.since_user()
            for call in message.tool_calls or ()
        }
        calls: dict[str, ToolRequest] = {}
        for call in _orders(chat):
            key = _key(call.name, call.args)
            if key not in done and len(calls) < MAX_CALLS:
                calls.setdefault(key, call)
        return list(calls.values()) or [TextDelta(TEXT)]


def _orders(chat: ChatRequest) -> Iterator[ToolRequest]:
    """All orders, the clearest first."""
    texts = [form for text in _texts(chat) for form in (text, _unescaped(text))]
    for text in texts:
        yield from _with_json(text)
    for text in texts:
        for name, inside in _BEFORE_PAIRS.findall(text):
            yield ToolRequest(name, _pairs(inside))
        for name, rest in _ORDERED.findall(text):
            yield ToolRequest(name, _pairs(rest))
    yield from _named(chat)


def _texts(chat: ChatRequest) -> list[str]:
    """The texts that may contain orders: the player's last words, what followed, the system's words."""
    since = chat.since_user()
    users = [message for message in chat.messages if message.role == "user"][-1:]
    systems = [message for message in chat.messages if message.role in {"system", "developer"}]
    return [message.text for message in (*users, *since, *systems)]


def _with_json(text: str) -> Iterator[ToolRequest]:
    for pattern in (_AS_JSON, _BEFORE_JSON):
        for found in pattern.finditer(text):
            try:
                args, _end = json.JSONDecoder().raw_decode(text, found.end())
            except (ValueError, RecursionError):
                continue
            if isinstance(args, dict):
                yield ToolRequest(found[1], args)


def _named(chat: ChatRequest) -> Iterator[ToolRequest]:
    """Offered tools that the player's words name, for each entity that they name."""
    request = mind_request(chat)
    for text in (request.text, *request.alternatives):
        words = text.casefold()
        for function in chat.offered:
            if not re.search(rf"\b{re.escape(function.name.casefold())}\b", words):
                continue
            needed = list(function.parameters.get("required", []))[:1]
            for entity in request.scene.values():
                if entity.name.casefold() in words or entity.id.casefold() in words:
                    yield ToolRequest(function.name, dict.fromkeys(needed, entity.id))


def _pairs(text: str) -> dict[str, Any]:
    return {key: _value(value) for key, value in _PAIR.findall(text)}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text.strip("'")


def _unescaped(text: str) -> str:
    """A text from inside JSON without its escapes."""
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return plain.replace('\\"', '"').replace("\\n", "\n")


def _key(name: str, args: dict[str, Any]) -> str:
    return f"{name} {json.dumps(args, sort_keys=True)}"
