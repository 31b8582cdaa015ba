"""Chunks of the openai library as pieces; malformed fields count as absent."""

from __future__ import annotations

import json
from typing import Any

from frametalk.adapters.llm.openai.models import Piece
from frametalk.adapters.llm.openai.tool_deltas import CallPart


def piece_of(chunk: Any) -> Piece:
    """The piece in a `ChatCompletionChunk`. The library does not check what servers send."""
    choices = getattr(chunk, "choices", None)
    choice = choices[0] if isinstance(choices, list) and choices else None
    delta = getattr(choice, "delta", None)
    calls = getattr(delta, "tool_calls", None)
    return Piece(
        text=_text(delta, "content"),
        calls=tuple(map(_part_of, calls)) if isinstance(calls, list) else (),
        finish=_text(choice, "finish_reason"),
        usage=_usage(getattr(chunk, "usage", None)),
    )


def _part_of(call: Any) -> CallPart:
    function = getattr(call, "function", None)
    index = getattr(call, "index", None)
    arguments = getattr(function, "arguments", "")
    return CallPart(
        index=index if isinstance(index, int) else None,
        id=_text(call, "id"),
        name=_text(function, "name"),
        # Some servers send the arguments as an object, not as text.
        arguments=json.dumps(arguments) if isinstance(arguments, dict) else _as_text(arguments),
    )


def _usage(usage: Any) -> tuple[int, int] | None:
    counts = [getattr(usage, f"{kind}_tokens", None) for kind in ("prompt", "completion")]
    whole = [count for count in counts if isinstance(count, int) and count >= 0]
    return (whole[0], whole[1]) if len(whole) == len(counts) else None


def _text(thing: Any, name: str) -> str:
    return _as_text(getattr(thing, name, ""))


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else ""
