"""JSON Schema of each direction's messages, taken from the structs."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec

from frametalk.wire import messages as m
from frametalk.wire.marks import MarkRows

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """File name (without suffix) to schema."""
    return {
        "from_client": _schema("Messages from the client", m.FromClient),
        "from_server": _schema("Messages from the server", m.FromServer),
    }


def _schema(title: str, union: Any) -> dict[str, Any]:
    kinds = [MarkRows if kind is m.ReplyMarks else kind for kind in union.__args__]
    references, definitions = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    for definition in definitions.values():
        # Docstrings keep their source's indentation.
        if "description" in definition:
            definition["description"] = inspect.cleandoc(definition["description"])
    return {
        "$schema": DIALECT,
        "title": title,
        "description": "Generated from the server's message types; wire.md explains them.",
        "oneOf": list(references),
        "$defs": definitions,
    }
