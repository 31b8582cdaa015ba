"""Tools in the format of the chat completions API, as short as a model needs them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from frametalk.core.tools import ToolSpec

# Keywords of a JSON Schema by what they contain; all others contain data.
_SCHEMAS_BY_NAME = ("properties", "dependentSchemas", "$defs", "definitions")
_SCHEMAS = (
    *("items", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames"),
    *("allOf", "anyOf", "oneOf", "prefixItems"),
)


def function_of(spec: ToolSpec) -> dict[str, Any]:
    """A tool. A description of an argument that names an entity says so."""
    parameters = {"type": "object", "properties": {}, **spec.parameters}
    described = {"description": spec.description} if spec.description else {}
    return {
        "type": "function",
        "function": {"name": spec.name, **described, "parameters": _explained(parameters)},
    }


def _explained(schema: Any) -> Any:
    """The schema for a model: without private keywords (`x-...`), with `x-entity` as words.

    A closed object is not marked as such: arguments that a tool does not have are left out of a call.
    """
    if isinstance(schema, list):
        return [_explained(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    explained = {key: part for key, part in schema.items() if not str(key).startswith("x-")}
    if explained.get("additionalProperties") is False:
        del explained["additionalProperties"]
    for key in explained.keys() & {*_SCHEMAS}:
        explained[key] = _explained(explained[key])
    for key in explained.keys() & {*_SCHEMAS_BY_NAME}:
        if isinstance(explained[key], Mapping):
            explained[key] = {name: _explained(part) for name, part in explained[key].items()}
    kind = schema.get("x-entity")
    if kind is True or isinstance(kind, str):
        which = f'id of a thing of kind "{kind}"' if isinstance(kind, str) else "id"
        given = str(schema.get("description", "")).strip()
        if given or which != "id":  # the rules say that things go by their ids
            explained["description"] = f"{given} ({which})" if given else which
    return explained
