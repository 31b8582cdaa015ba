"""Requests of OpenAI's chat completions: the fields that change an answer."""

from __future__ import annotations

import json
from typing import Any

import msgspec


class Function(msgspec.Struct, frozen=True):
    """A function that is offered (`parameters`) or was called (`arguments`, JSON text)."""

    name: str = ""
    description: str = ""
    parameters: dict[str, Any] = {}
    arguments: str = ""


class ToolCall(msgspec.Struct, frozen=True):
    """A call in an earlier answer."""

    id: str = ""
    function: Function = Function()


class Tool(msgspec.Struct, frozen=True):
    """An offered tool."""

    function: Function = Function()


class Message(msgspec.Struct, frozen=True):
    """One message. `content` is text, a list of parts, or null."""

    role: str
    content: Any = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str = ""

    @property
    def text(self) -> str:
        """The text; of a list of parts, the text parts."""
        if isinstance(self.content, list):
            parts = [part.get("text") for part in self.content if isinstance(part, dict)]
            return "\n".join(part for part in parts if isinstance(part, str))
        return self.content if isinstance(self.content, str) else ""


class StreamOptions(msgspec.Struct, frozen=True):
    """What the end of a stream contains."""

    include_usage: bool = False


class ChatRequest(msgspec.Struct, frozen=True):
    """One request. Fields that do not change the answer are ignored."""

    model: str
    messages: list[Message]
    stream: bool = False
    stream_options: StreamOptions | None = None
    tools: list[Tool] | None = None
    tool_choice: Any = "auto"

    @property
    def tools_size(self) -> int:
        """How much of the request's body the tools are, about."""
        return len(msgspec.json.encode(self.tools)) if self.tools else 0

    @property
    def offered(self) -> list[Function]:
        """The functions that an answer may call."""
        return [] if self.tool_choice == "none" else [tool.function for tool in self.tools or ()]

    def since_user(self) -> list[Message]:
        """The messages after the user's last one: calls of this turn and their outcomes."""
        for index in range(len(self.messages) - 1, -1, -1):
            if self.messages[index].role == "user":
                return self.messages[index + 1 :]
        return []

    @property
    def step(self) -> int:
        """How many rounds of calls this turn has had."""
        return sum(bool(message.tool_calls) for message in self.since_user())


def read(body: bytes) -> ChatRequest:
    """Decode a request's body. Raises ValueError that says what is wrong."""
    try:
        request = msgspec.json.decode(body, type=ChatRequest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from None
    if not request.messages:
        raise ValueError("there are no messages")
    return request


def arguments_of(call: ToolCall) -> dict[str, Any]:
    """The arguments of an earlier call; empty if they are not a JSON object."""
    try:
        arguments = json.loads(call.function.arguments or "{}")
    except (ValueError, RecursionError):
        return {}
    return arguments if isinstance(arguments, dict) else {}
