"""A mind's events as OpenAI's answers: a stream of deltas, or one piece."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

from frametalk.adapters.base import TextDelta, ToolRequest
from frametalk.mind_stub.faults import MEGABYTE, Fault

AnswerEvent = TextDelta | ToolRequest
TOKEN = re.compile(r"\s*\S+|\s+$")
ARGUMENT_CHARACTERS = 6  # of a call's arguments in one delta, about as many as in a real token
CHARACTERS_PER_TOKEN = 4  # an estimate, for `usage`
THOUGHT = "<think>\nThe player speaks. I answer.\n</think>\n\n"
END_OF_TURN = "<|im_end|>"
DONE = b"data: [DONE]\n\n"


class Answer:
    """The answer to request `number` of this server.

    `fault` changes the content of the pieces; faults of the connection have no effect here.
    """

    def __init__(
        self, number: int, model: str, events: Sequence[AnswerEvent], fault: Fault | None = None
    ) -> None:
        self._number = number
        self._model = model
        self._events = _repeatable(events) if fault is Fault.ENDLESS_STREAM else events
        self._fault = fault
        self._calls = [event for event in self._events if isinstance(event, ToolRequest)]
        partial = fault is Fault.PARTIAL_TOOL_DELTAS and self._calls
        called = self._calls and fault is not Fault.CALLS_AS_TEXT
        self._finish = "length" if partial else "tool_calls" if called else "stop"

    def frames(self, prompt_characters: int, *, usage: bool) -> tuple[list[bytes], list[bytes]]:
        """The server-sent events of a stream: one per token or piece of a call, then those of its end."""
        deltas = list(self._deltas())
        if deltas:
            deltas[0] = {"role": "assistant", **deltas[0]}
        tokens = [_event(self._chunk(delta, None)) for delta in deltas]
        finish = self._fault is not Fault.NO_FINISH_REASON
        end = [_event(self._chunk({}, self._finish))] if finish else []
        if usage:
            cost = _usage(prompt_characters, len(deltas))
            end.append(_event({**self._head("chat.completion.chunk"), "choices": [], **cost}))
        return tokens, [*end, DONE]

    def whole(self, prompt_characters: int) -> bytes:
        """The answer in one piece."""
        deltas = list(self._deltas())
        texts = [delta.get("content", "") for delta in deltas]
        text = "".join(each if isinstance(each, str) else each[0]["text"] for each in texts)
        calls = [_call(index, call, self._number) for index, call in enumerate(self._calls)]
        message: dict[str, Any] = {"role": "assistant", "content": text or None}
        if calls:
            message["tool_calls"] = calls
        choice = {"index": 0, "message": message, "finish_reason": self._finish}
        body = {
            **self._head("chat.completion"),
            "choices": [choice],
            **_usage(prompt_characters, len(deltas)),
        }
        return json.dumps(body).encode()

    def _deltas(self) -> Iterator[dict[str, Any]]:
        if self._fault is Fault.MEGABYTE_TOKEN:
            yield {"content": "a" * MEGABYTE}
            return
        calls = 0
        if self._fault is Fault.MARKED_TEXT:
            yield from self._text(THOUGHT)
        for event in self._events:
            if isinstance(event, TextDelta):
                yield from self._text(event.text)
            elif self._fault is Fault.CALLS_AS_TEXT:
                written = json.dumps({"name": event.name, "arguments": event.args})
                yield from self._text(f"<tool_call>\n{written}\n</tool_call>")
            else:
                for piece in self._pieces(calls, event):
                    for _ in range(2 if self._fault is Fault.DUPLICATE_TOOL_DELTAS else 1):
                        yield {"tool_calls": [piece]}
                calls += 1
        if self._fault is Fault.MARKED_TEXT:
            yield from self._text(END_OF_TURN)

    def _text(self, text: str) -> Iterator[dict[str, Any]]:
        for token in TOKEN.findall(text):
            parts = [{"type": "text", "text": token}]
            yield {"content": parts if self._fault is Fault.CONTENT_PARTS else token}

    def _pieces(self, index: int, call: ToolRequest) -> Iterator[dict[str, Any]]:
        whole = _call(index, call, self._number)
        if self._fault is Fault.CALLS_AT_INDEX_0:
            yield {"index": 0, "type": "function", "function": whole["function"]}
            return
        arguments = whole["function"]["arguments"]
        if self._fault is Fault.BAD_TOOL_ARGUMENTS:
            arguments = f"{call.name}({', '.join(map(str, call.args.values()))})"
        elif self._fault is Fault.PARTIAL_TOOL_DELTAS:
            arguments = arguments[: len(arguments) // 2]
        yield {**whole, "function": {"name": call.name, "arguments": ""}}
        for at in range(0, len(arguments), ARGUMENT_CHARACTERS):
            piece = arguments[at : at + ARGUMENT_CHARACTERS]
            yield {"index": index, "function": {"arguments": piece}}

    def _chunk(self, delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{self._number}",
            "object": kind,
            "created": int(time.time()),
            "model": self._model,
        }


def _repeatable(events: Sequence[AnswerEvent]) -> list[AnswerEvent]:
    """What an endless answer repeats: the text, or some words if there is none."""
    text = " ".join(event.text.strip() for event in events if isinstance(event, TextDelta))
    return [TextDelta(f"{text or 'And so on,'} ")]


def _call(index: int, call: ToolRequest, number: int) -> dict[str, Any]:
    return {
        "index": index,
        "id": f"call_{number}_{index}",
        "type": "function",
        "function": {"name": call.name, "arguments": json.dumps(call.args)},
    }


def _usage(prompt_characters: int, completion: int) -> dict[str, Any]:
    prompt = prompt_characters // CHARACTERS_PER_TOKEN
    return {
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        }
    }


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"
