"""Checks the free parts of a message: tool arguments, results, entity state, positions.

The decoder checks every typed and bounded field. This module looks only where a value could still
be something that JSON or a client's language cannot represent: NaN, huge whole numbers, binary data,
keys that are not strings, deep nesting.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec.inspect as mi

from frametalk.errors import WireError

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1  # the largest that JavaScript and GDScript's JSON represent exactly
_SHOWN_KEY_CHARS = 64
_PLAIN = frozenset((str, bool, type(None)))


class _Bad(NamedTuple):
    code: str
    text: str
    where: str = ""


def check_values(message: Any) -> None:
    """Raise WireError for the first value of a decoded message that the wire does not allow.

    Codes: number_not_finite, message_too_deep, message_invalid.
    """
    bad = _first_bad(message, 1)
    if bad is not None:
        raise _error(bad)


def not_finite(value: Any) -> WireError | None:
    """The error for the first NaN or infinity in generic data, if there is one."""
    bad = _first_bad(value, 1)
    return _error(bad) if bad is not None and bad.code == "number_not_finite" else None


def _error(bad: _Bad) -> WireError:
    return WireError(
        bad.code,
        f"{bad.text} - at `${bad.where}`",
        remedy="send only null, true, false, numbers, text, arrays and maps with text keys",
    )


def _first_bad(value: Any, depth: int) -> _Bad | None:
    kind = type(value)
    if kind in _PLAIN:
        return None
    if kind is float or kind is int:
        return _bad_number(value)
    if depth > MAX_DEPTH:
        return _Bad("message_too_deep", f"nested deeper than {MAX_DEPTH} levels")
    if kind is dict:
        return _first_bad_in_map(value, depth)
    if kind is list or kind is tuple:
        return _first_bad_in_array(value, depth)
    return _first_bad_in_struct(value, depth)


def _bad_number(value: float) -> _Bad | None:
    if type(value) is int:  # first: a huge whole number cannot become a float
        if -MAX_INTEGER <= value <= MAX_INTEGER:
            return None
        return _Bad("message_invalid", "a whole number beyond 2**53 - 1 is not exact everywhere")
    if math.isfinite(value):
        return None
    return _Bad("number_not_finite", "NaN and infinity are not allowed")


def _first_bad_in_array(value: Sequence[Any], depth: int) -> _Bad | None:
    for index, item in enumerate(value):
        bad = _first_bad(item, depth + 1)
        if bad is not None:
            return bad._replace(where=f"[{index}]{bad.where}")
    return None


def _first_bad_in_map(value: dict[Any, Any], depth: int) -> _Bad | None:
    for key, item in value.items():
        if type(key) is not str:
            return _Bad("message_invalid", f"a map key of type {type(key).__name__} is not text")
        bad = _first_bad(item, depth + 1)
        if bad is not None:
            return bad._replace(where=f".{key[:_SHOWN_KEY_CHARS]}{bad.where}")
    return None


def _first_bad_in_struct(value: Any, depth: int) -> _Bad | None:
    kind = type(value)
    names = loose_fields(kind)
    if names is None:
        return _Bad("message_invalid", f"a value of type {kind.__name__} is not allowed")
    for name in names:
        bad = _first_bad(getattr(value, name), depth + 1)
        if bad is not None:
            return bad._replace(where=f".{name}{bad.where}")
    return None


_loose: dict[type, tuple[str, ...] | None] = {}


def loose_fields(kind: type) -> tuple[str, ...] | None:
    """Fields of a struct or dataclass that decoding does not fully check; None for other types."""
    if kind not in _loose:
        info = mi.type_info(kind)
        if isinstance(info, mi.StructType | mi.DataclassType):
            _loose[kind] = tuple(field.name for field in info.fields if _is_loose(field.type))
        else:
            _loose[kind] = None
    return _loose[kind]


def _is_loose(info: mi.Type) -> bool:
    match info:
        case mi.AnyType():
            return True
        case mi.FloatType() | mi.IntType():
            # Comparing with a bound already refuses NaN.
            return info.ge is None or info.le is None
        case _:
            return any(_is_loose(part) for part in _parts(info))


def _parts(info: mi.Type) -> Sequence[mi.Type]:
    match info:
        case mi.UnionType(types=parts) | mi.TupleType(item_types=parts):
            return parts
        case (
            mi.Metadata(type=part)
            | mi.CollectionType(item_type=part)
            | mi.DictType(value_type=part)
        ):
            return (part,)
        case mi.StructType() | mi.DataclassType():
            return tuple(field.type for field in info.fields)
        case _:
            return ()
