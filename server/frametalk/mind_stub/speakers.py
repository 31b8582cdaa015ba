"""The speakers that answer requests: a fixed text and fixed calls, or the scripted character."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from frametalk.adapters.base import MindEvent, MindRequest, TextDelta, ToolRequest
from frametalk.mind_stub.chat import ChatRequest
from frametalk.mind_stub.chunks import AnswerEvent
from frametalk.mind_stub.reading import mind_request

Rounds = Sequence[Sequence[ToolRequest]]


class Speaker(Protocol):
    """Answers requests; equal requests get equal answers."""

    async def answer(self, chat: ChatRequest) -> list[AnswerEvent]:
        """All text and calls, in order."""
        ...


class FixedSpeaker:
    """Makes the calls of `rounds`, one round per step, even if they are not offered; then says `text`."""

    def __init__(self, text: str, rounds: Rounds = ()) -> None:
        self._text = text
        self._rounds = rounds

    async def answer(self, chat: ChatRequest) -> list[AnswerEvent]:
        """This step's calls, or the text."""
        if chat.step < len(self._rounds):
            return list(self._rounds[chat.step])
        return [TextDelta(self._text)]


class ScriptedSpeaker:
    """Answers with what the mind `think` says to the request."""

    def __init__(self, think: Callable[[MindRequest], AsyncIterator[MindEvent]]) -> None:
        self._think = think

    async def answer(self, chat: ChatRequest) -> list[AnswerEvent]:
        """What the character says and calls, without tools that the request does not offer."""
        offered = {function.name for function in chat.offered}
        return [
            event
            async for event in self._think(mind_request(chat))
            if isinstance(event, TextDelta)
            or (isinstance(event, ToolRequest) and event.name in offered)
        ]


def some_call(chat: ChatRequest) -> ToolRequest:
    """A call that the request allows, for faults of calls if the answer makes none."""
    if not chat.offered:
        return ToolRequest("look", {"target": "door"})
    function = chat.offered[0]
    scene = mind_request(chat).scene
    needed = function.parameters.get("required", [])
    return ToolRequest(function.name, dict.fromkeys(needed, next(iter(scene), "door")))
