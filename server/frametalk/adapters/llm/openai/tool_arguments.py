"""Arguments of a call as models write them, as an object: unwrapped, unquoted, parsed."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

MAX_LITERAL_CHARACTERS = 4_096  # Python's parser takes longer than JSON's

_FENCE = re.compile(r"\A\s*```[\w-]*\s*\n?(.*?)\n?\s*```\s*\Z", re.DOTALL)
_REST = re.compile(r"(?:\s|`|</?[\w|\uff5c\u2581]{1,48}>)*")  # special tokens may follow
_WRAPPED = 3  # as often as arguments are unwrapped
_NOTHING = frozenset({"", "null", "none", "undefined", "{}", "[]", '""', "()"})
_NOT_JSON = "the arguments are not JSON"
_NOT_OBJECT = "the arguments are not a JSON object"


def read_arguments(text: str) -> tuple[dict[str, Any], str]:
    """The arguments in `text`, and what is wrong with them; one of both is empty.

    Text in a fence, JSON within JSON, a list of one object, Python's notation, and braces that are doubled
    as in a template are read as what they contain.
    """
    value: Any = text
    for _ in range(_WRAPPED):
        if isinstance(value, list) and len(value) == 1 and _may_be_object(value[0]):
            value = value[0]
        if isinstance(value, str):
            if value.strip().casefold() in _NOTHING:
                return {}, ""
            try:
                value = _parsed(value)
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                return {}, _NOT_JSON
    if value is None or value == []:
        return {}, ""
    if not isinstance(value, dict):
        return {}, _NOT_OBJECT
    return {str(key): part for key, part in value.items()}, ""


def is_complete(text: str) -> bool:
    """Whether the text is a complete object."""
    text = text.strip()
    if text[-1:] not in {"}", "]", "`", '"'}:
        return False
    args, problem = read_arguments(text)
    return not problem and (bool(args) or text == "{}")


def _may_be_object(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, str) and value.lstrip()[:1] == "{")


def _parsed(text: str) -> Any:
    """The value of JSON or a Python literal. Raises what the parsers raise."""
    fenced = _FENCE.match(text)
    text = (fenced[1] if fenced else text).strip()
    if text.startswith("{{"):
        text = text.replace("{{", "{").replace("}}", "}")
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except ValueError:
        if len(text) > MAX_LITERAL_CHARACTERS:
            raise
        return _plain(ast.literal_eval(text))
    # A server that sends the whole call again still means one call.
    if not _REST.fullmatch(text[end:].replace(text[:end], "")):
        raise ValueError(text[end:])
    return value


def _plain(value: Any) -> Any:
    """A Python literal as JSON has it. Raises ValueError for what JSON does not have."""
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise ValueError(type(value).__name__)
