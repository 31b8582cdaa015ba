"""Tools that the game offers: their declaration, and the check of a call's arguments."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from frametalk.core.scene import Entity
from frametalk.errors import FrametalkError, Stage

MAX_DEADLINE_MS = 600_000
MAX_VERBS = 32
MAX_SESSION_VERBS = 256  # that count, of all tools together
MAX_VERB_CHARACTERS = 64
MAX_SCOPE_CHARACTERS = 64
# A call must fit one message of 60 KiB with room for its other fields.
MAX_ARGUMENT_BYTES = 16_384

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

Validate = Callable[[dict[str, Any]], str]
"""Takes arguments; returns what is wrong with them, in words, or an empty text."""

CompileSchema = Callable[[dict[str, Any]], Validate]
"""Makes a Validate of a JSON Schema; raises ValueError with the reason if it cannot."""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One tool as the client declares it in `hello`.

    `parameters` is a JSON Schema of type object; a string property with `"x-entity": true` (or a kind,
    `"x-entity": "door"`) must name an entity of the scene by id. `verbs` are the words that players use
    for the tool; they bias the recogniser. A tool that does not change the world may run before a turn is
    committed. A tool with a `scope` can be called only if that scope is granted.
    """

    name: str
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    changes_world: bool = True
    deadline_ms: int = 2000
    verbs: tuple[str, ...] = ()
    scope: str = ""


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """How a call ended, as the mind sees it.

    `state` is done, refused, failed, timed_out, cancelled or invalid; all but done have a `reason`.
    """

    call: int
    name: str
    args: dict[str, Any]
    state: str
    value: Any = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A declared tool that can be called."""

    spec: ToolSpec
    validate: Validate


@dataclass(frozen=True, slots=True)
class EntityArgument:
    """A place in a call's arguments that names an entity; `kind` is empty if any kind is allowed."""

    path: str
    value: Any
    kind: str


def declare(spec: ToolSpec, taken: Iterable[str], compile_schema: CompileSchema) -> Tool:
    """Check one declaration. Raises FrametalkError `tool_schema`, which concerns only this tool."""
    where = f"tool {spec.name[:64]!r}"
    if not _NAME.fullmatch(spec.name):
        raise _refused(where, "a name must have 1 to 64 letters, digits, _ or -")
    if spec.name in taken:
        raise _refused(where, "another tool has this name")
    if not 1 <= spec.deadline_ms <= MAX_DEADLINE_MS:
        raise _refused(where, f"deadline_ms is {spec.deadline_ms}, not 1 to {MAX_DEADLINE_MS}")
    if len(spec.verbs) > MAX_VERBS:
        raise _refused(where, f"more than {MAX_VERBS} verbs")
    if any(not verb.strip() or len(verb) > MAX_VERB_CHARACTERS for verb in spec.verbs):
        raise _refused(where, f"a verb must have 1 to {MAX_VERB_CHARACTERS} characters")
    if len(spec.scope) > MAX_SCOPE_CHARACTERS:
        raise _refused(where, f"a scope must have at most {MAX_SCOPE_CHARACTERS} characters")
    schema = schema_of(spec)
    if schema["type"] != "object":
        raise _refused(where, 'parameters must be a JSON Schema of "type": "object"')
    try:
        return Tool(spec, compile_schema(schema))
    except ValueError as error:
        raise _refused(where, str(error)) from None


def schema_of(spec: ToolSpec) -> dict[str, Any]:
    """The whole JSON Schema of a tool's arguments; one without parameters takes none."""
    schema = spec.parameters or {"properties": {}, "additionalProperties": False}
    return {"type": "object", **schema}


def argument_problem(tool: Tool, args: Any, scene: Mapping[str, Entity]) -> str:
    """What is wrong with a call's arguments, in words for the mind; empty if they are valid.

    They must be plain data of bounded size and match the schema. Every `x-entity` must be an entity of
    the scene and of the right kind; the entity acted on (the first one in `required`) must afford the
    tool, if it declares any affordances.
    """
    if problem := _data_problem(args):
        return problem
    if problem := tool.validate(args):
        return problem
    parameters = tool.spec.parameters
    acted_on = _acted_on(parameters)
    for argument in entity_arguments(parameters, args):
        entity = scene.get(argument.value) if isinstance(argument.value, str) else None
        if entity is None:
            return f"{argument.path}: there is no {str(argument.value)[:64]!r} in the scene"
        if argument.kind and entity.kind != argument.kind:
            return f"{argument.path}: {entity.name} is not a {argument.kind}"
        not_afforded = entity.affordances and tool.spec.name not in entity.affordances
        if argument.path == acted_on and not_afforded:
            return f"{argument.path}: {tool.spec.name} does not apply to {entity.name}"
    return ""


def entity_arguments(schema: Any, value: Any, path: str = "") -> Iterator[EntityArgument]:
    """Every value that the schema marks with `x-entity`, also inside objects and lists."""
    if not isinstance(schema, Mapping):
        return
    kind = schema.get("x-entity")
    if kind:
        yield EntityArgument(path, value, kind if isinstance(kind, str) else "")
    if isinstance(value, Mapping):
        for key, part in _map(schema.get("properties")).items():
            if key in value:
                yield from entity_arguments(part, value[key], f"{path}.{key}" if path else key)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from entity_arguments(schema.get("items"), item, f"{path}[{index}]")


def _acted_on(parameters: Mapping[str, Any]) -> str:
    properties = _map(parameters.get("properties"))
    required = parameters.get("required", ())
    marked = [key for key, part in properties.items() if _map(part).get("x-entity")]
    return next((key for key in required if key in marked), marked[0] if marked else "")


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _data_problem(args: Any) -> str:
    if not isinstance(args, dict):
        return "arguments are not a map"
    try:
        size = len(json.dumps(args, allow_nan=False, ensure_ascii=False).encode())
    except (TypeError, ValueError, RecursionError):
        return "arguments are not plain data"
    return f"arguments of {size} bytes are too large" if size > MAX_ARGUMENT_BYTES else ""


def _refused(where: str, why: str) -> FrametalkError:
    return FrametalkError(
        "tool_schema",
        f"{where}: {why}",
        stage=Stage.TOOL,
        remedy="fix the tool's declaration in hello; until then the tool cannot be called",
    )
