"""Chunks of an answer as pieces; malformed fields count as absent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from frametalk.adapters.llm.openai.models import Piece
from frametalk.adapters.llm.openai.tool_deltas import CallPart

_TEXT_PARTS = frozenset({"text", "output_text"})
MAX_PARTS = 1_000  # of one content


def piece_of(chunk: Any) -> Piece:
    """The piece in a chunk as it came, whatever a server sends."""
    choices = _field(chunk, "choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    delta = _field(choice, "delta")
    return Piece(
        text="".join(_texts(_field(delta, "content"))),
        calls=tuple(map(_part_of, _calls(delta))),
        finish=_as_text(_field(choice, "finish_reason")),
        usage=_usage(_field(chunk, "usage")),
        cached_share=_cached_share(_field(chunk, "usage")),
    )


def _texts(content: Any) -> Iterator[str]:
    """The text of a content: text itself, or parts; other parts (thoughts) are left out."""
    if isinstance(content, str):
        yield content
        return
    for part in content[:MAX_PARTS] if isinstance(content, list) else [content]:
        if isinstance(part, str):
            yield part
        elif _field(part, "type") in _TEXT_PARTS or _field(part, "type") is None:
            text = _field(part, "text")
            yield _as_text(_field(text, "value") if isinstance(text, Mapping) else text)


def _calls(delta: Any) -> list[Any]:
    calls = _field(delta, "tool_calls")
    if isinstance(calls, list):
        return calls
    if isinstance(calls, Mapping) and "function" in calls:
        return [calls]
    function = _field(delta, "function_call")  # the API's older form, for one call
    return [] if function is None else [{"index": 0, "function": function}]


def _part_of(call: Any) -> CallPart:
    function = _field(call, "function")
    index = _field(call, "index")
    arguments = _field(function, "arguments")
    return CallPart(
        index=index if isinstance(index, int) else None,
        id=_as_text(_field(call, "id")),
        name=_as_text(_field(function, "name")),
        # Some servers send the arguments as an object, not as text.
        arguments=json.dumps(arguments)
        if isinstance(arguments, dict | list)
        else _as_text(arguments),
    )


def _usage(usage: Any) -> tuple[int, int] | None:
    counts = [_field(usage, f"{kind}_tokens") for kind in ("prompt", "completion")]
    whole = [count for count in counts if isinstance(count, int) and count >= 0]
    return (whole[0], whole[1]) if len(whole) == len(counts) else None


def _cached_share(usage: Any) -> float:
    cached = _field(_field(usage, "prompt_tokens_details"), "cached_tokens")
    counts = _usage(usage)
    if not (isinstance(cached, int) and counts and 0 <= cached <= counts[0]):
        return 0.0
    return cached / max(1, counts[0])


def _field(thing: Any, name: str) -> Any:
    """A field of an object of the library, or of data that it passed on as it came."""
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else ""
