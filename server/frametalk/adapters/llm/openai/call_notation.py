"""Calls that models write as text: tags, JSON and Python, as requests. Pure."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from frametalk.adapters.base import ToolRequest
from frametalk.adapters.llm.openai.brackets import Brackets
from frametalk.adapters.llm.openai.fitting import tool_named
from frametalk.adapters.llm.openai.tool_arguments import MAX_LITERAL_CHARACTERS, read_arguments

MAX_TEXT_CALLS = 16
_DEPTH = 4  # lists and wrappers around a call

Parameters = Mapping[str, tuple[str, ...]]
"""The declared tools, with the names of their parameters in order."""

_NAME_KEYS = ("name", "function", "tool", "tool_name", "function_name", "action", "recipient_name")
_ARGUMENT_KEYS = (
    *("arguments", "parameters", "args", "input", "params", "kwargs"),
    *("action_input", "tool_input", "function_args"),
)
_LISTS = ("tool_calls", "calls", "tools", "tool_uses", "actions")
_NAMED_TAG = re.compile(
    r"<(?:\w{1,24}:)?(?P<tag>function|invoke|tool|call|tool_call|function_call|tool_use)(?:=|\s+name=)[\"']?(?P<name>[\w.:-]{1,80})[\"']?\s*>"
    r"(?P<body>.*?)(?:</(?P=tag)>|\Z)",
    re.DOTALL,
)
_PARAMETER = re.compile(
    r"<parameter(?:=|\s+name=)[\"']?(?P<name>[\w.-]{1,80})[\"']?[^<>]{0,40}>(?P<value>.*?)"
    r"(?:</parameter>|(?=<parameter)|\Z)",
    re.DOTALL,
)
_ARG_KEY = re.compile(
    r"<arg_key>(?P<name>[^<>]{1,80})</arg_key>\s{0,16}<arg_value>(?P<value>.*?)(?:</arg_value>|\Z)",
    re.DOTALL,
)
_ELEMENT = re.compile(r"<(?P<name>\w{1,64})>(?P<value>[^<>]*)</(?P=name)>")
_NOISE = re.compile(
    r"<[|\uff5c][^<>]{0,48}>|</?[\w:|\u2581]{1,48}>|\[/?[A-Z_]{2,24}\]|```\w*|\bfunctools\b"
)
_BRACKET = re.compile(r"[{\[]")
_WORD = re.compile(r"[A-Za-z_][\w.-]{0,80}")


def calls_in(text: str, tools: Parameters) -> list[ToolRequest]:
    """The calls of declared tools in text that is known to be calls, at most MAX_TEXT_CALLS."""
    tagged = list(_tagged(text, tools))
    found = tagged or [*_in_json(_NOISE.sub(" ", text), tools)]
    return (found or _in_python(_NOISE.sub(" ", text), tools) or [])[:MAX_TEXT_CALLS]


def python_calls(text: str, tools: Parameters) -> list[ToolRequest] | None:
    """The calls in Python's notation; None if the text is not a call."""
    return _in_python(text, tools)


# ---- tags ----------------------------------------------------------------------------------------


def _tagged(text: str, tools: Parameters) -> Iterator[ToolRequest]:
    """<function=open>...</function>, <invoke name="open">..., open <arg_key>..., <open>..."""
    for found in _NAMED_TAG.finditer(text):
        yield from _request(found["name"], _body(found["body"]), tools)
    if "<arg_key>" in text:
        for part in re.split(r"</?tool_call>", text):
            name = _WORD.search(_NOISE.sub(" ", part.partition("<arg_key>")[0]))
            pairs = {key["name"].strip(): key["value"].strip() for key in _ARG_KEY.finditer(part)}
            if name and pairs:
                yield from _request(name[0], pairs, tools)


def _body(body: str) -> Any:
    pairs = {found["name"]: found["value"].strip() for found in _PARAMETER.finditer(body)}
    if pairs:
        return pairs
    elements = {found["name"]: found["value"].strip() for found in _ELEMENT.finditer(body)}
    return elements if elements and "{" not in body else _NOISE.sub(" ", body)


# ---- JSON ----------------------------------------------------------------------------------------


def _in_json(text: str, tools: Parameters) -> Iterator[ToolRequest]:
    """Calls in the objects of a text; a tool's name may stand before its arguments."""
    at = 0
    while (begin := _BRACKET.search(text, at)) is not None:
        before, start = text[at : begin.start()], begin.start()
        closed = Brackets().feed(text[start:])
        if closed is None:
            return
        at = start + closed
        value = _value(text[start:at])
        if value is None:
            continue
        words = [tool_named(word, tools) for word in reversed(_WORD.findall(before)[-4:])]
        name = next(filter(None, words), "")
        yield from _of_value(value, tools, name, _DEPTH)


def _value(text: str) -> Any:
    """The JSON, or the Python literal; None if it is neither."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        args, problem = read_arguments(text)
        return None if problem else args


def _of_value(value: Any, tools: Parameters, before: str, depth: int) -> Iterator[ToolRequest]:
    if isinstance(value, list) and depth:
        for each in value[:MAX_TEXT_CALLS]:
            yield from _of_value(each, tools, before, depth - 1)
    if not isinstance(value, dict):
        return
    for key in _LISTS:
        if isinstance(value.get(key), list) and depth:
            yield from _of_value(value[key], tools, before, depth - 1)
            return
    inner = value.get("function")
    if isinstance(inner, dict) and depth:
        yield from _of_value(inner, tools, before, depth - 1)
        return
    name = next((value[key] for key in _NAME_KEYS if isinstance(value.get(key), str)), None)
    if name is not None and tool_named(name, tools):
        arguments = next((value[key] for key in _ARGUMENT_KEYS if key in value), None)
        if arguments is None:
            known = {*_NAME_KEYS, *_ARGUMENT_KEYS, "type", "id", "tool_call_id"}
            arguments = {key: part for key, part in value.items() if key not in known}
        yield from _request(name, arguments, tools)
    elif before:
        yield from _request(before, value, tools)
    elif len(value) == 1:
        ((key, part),) = value.items()
        yield from _request(str(key), part, tools)


# ---- Python --------------------------------------------------------------------------------------


def _in_python(text: str, tools: Parameters) -> list[ToolRequest] | None:
    """open(target="door"), also in a list, in print(...) or on several lines; None if it is not."""
    text = text.strip().strip("`").strip()
    if not text or len(text) > MAX_LITERAL_CHARACTERS:
        return None
    try:
        body = ast.parse(text).body
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    requests: list[ToolRequest] = []
    for statement in body:
        value = getattr(statement, "value", None)
        for call in value.elts if isinstance(value, ast.List | ast.Tuple) else [value]:
            found = _call(call, tools)
            if found is None:
                return None
            requests += found
    return requests


def _call(node: Any, tools: Parameters) -> list[ToolRequest] | None:
    if not isinstance(node, ast.Call):
        return None
    function = ast.unparse(node.func).removesuffix(".call")
    if function == "print" and len(node.args) == 1:
        return _call(node.args[0], tools)
    name = tool_named(function, tools)
    if not node.keywords and node.args and all(isinstance(arg, ast.Name) for arg in node.args):
        return None  # prose: open(ed)
    try:
        given = [_literal(arg) for arg in node.args]
        args = {word.arg: _literal(word.value) for word in node.keywords if word.arg}
    except ValueError:
        return None
    if len(given) == 1 and isinstance(given[0], dict) and not args:
        return list(_request(name, given[0], tools))
    free = [parameter for parameter in tools.get(name, ()) if parameter not in args]
    if len(given) > len(free):
        return []
    return list(_request(name, {**dict(zip(free, given, strict=False)), **args}, tools))


def _literal(node: ast.expr) -> Any:
    """The value; a name without quotation marks is text, also JSON's true, false and null."""
    if isinstance(node, ast.Name):
        return {"true": True, "false": False, "null": None}.get(node.id, node.id)
    try:
        value = ast.literal_eval(node)
        json.dumps(value, allow_nan=False)
    except (TypeError, RecursionError, MemoryError) as error:
        raise ValueError(str(error)) from None
    return value


def _request(name: str, arguments: Any, tools: Parameters) -> Iterator[ToolRequest]:
    declared = tool_named(name, tools)
    if not declared:
        return
    args, problem = arguments, ""
    if not isinstance(arguments, dict):
        args, problem = read_arguments(arguments if isinstance(arguments, str) else "")
    if not problem:
        yield ToolRequest(declared, args)
