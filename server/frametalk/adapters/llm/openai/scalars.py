"""A model's numbers, texts and truth values in the type that a schema asks for. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

MAX_NUMBER_CHARACTERS = 32
_TRUE, _FALSE = frozenset({"true", "yes", "1", "on"}), frozenset({"false", "no", "0", "off"})


def scalar(value: Any, kind: str) -> Any:
    """The value as a `kind` of JSON Schema if it has one reading as such, else as it is."""
    return _SCALARS.get(kind, _same)(value)


def _string(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return value[0]
    if isinstance(value, bool):
        return str(value).lower()
    return _shortest(value) if isinstance(value, int | float) else value


def _integer(value: Any) -> Any:
    number = _number(value)
    if isinstance(number, float) and math.isfinite(number) and number.is_integer():
        return int(number)
    return number


def _number(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str) or len(value) > MAX_NUMBER_CHARACTERS:
        return value
    text = value.strip().replace("_", "x")  # Python alone reads 1_000
    for convert in (int, float):
        try:
            number = convert(text)
        except ValueError:
            continue
        return number if math.isfinite(number) else value
    return value


def _boolean(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    word = str(value).strip().casefold()
    return True if word in _TRUE else False if word in _FALSE else value


def _same(value: Any) -> Any:
    return value


def _shortest(number: float) -> str:
    return str(int(number) if math.isfinite(number) and number == int(number) else number)


_SCALARS: Mapping[str, Callable[[Any], Any]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}
