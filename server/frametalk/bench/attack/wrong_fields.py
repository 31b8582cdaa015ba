"""Messages with one wrong field, for every field that clients send."""

from __future__ import annotations

from typing import Any, get_args

import msgspec

from frametalk.bench.attack.inputs import Input
from frametalk.wire import messages as m

# One of these is of another type than any field; values of any type take them all.
WRONG: tuple[Any, ...] = ({"no": [[]]}, -(2**40), "\u2603" * 5_000)
BEFORE = frozenset({"hello"})  # what comes first; it has inputs of its own


def inputs() -> list[Input]:
    """One for every field that has a wrong value, and one for every message that has required fields."""
    made = []
    for kind in get_args(m.FromClient):
        tag = msgspec.structs.fields(kind) and kind.__struct_config__.tag
        if not tag or tag in BEFORE:
            continue
        fields = msgspec.structs.fields(kind)
        if any(field.required for field in fields):
            made.append(_input(f"{tag} without fields", {"type": tag}))
        for field in fields:
            if (value := _wrong(field.type)) is not None:
                message = {"type": tag, field.encode_name: value}
                made.append(_input(f"{tag}.{field.encode_name} of a wrong type", message))
    return made


def _input(name: str, message: dict[str, Any]) -> Input:
    return Input(name, (msgspec.msgpack.encode(message),), "message_invalid")


def _wrong(type_: Any) -> Any:
    """A value of another type; None if the type accepts every value."""
    for value in WRONG:
        try:
            msgspec.convert(value, type_)
        except msgspec.ValidationError:
            return value
    return None
