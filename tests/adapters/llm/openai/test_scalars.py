"""Numbers, texts and truth values as models write them (in a schema: test_fitting)."""

from __future__ import annotations

from typing import Any

import pytest

from frametalk.adapters.llm.openai.scalars import scalar


@pytest.mark.parametrize(
    ("value", "kind", "read"),
    [
        ("2", "integer", 2),
        (" -3 ", "integer", -3),
        (1e300, "integer", int(1e300)),
        ("1e3", "number", 1000.0),
        ("inf", "number", "inf"),
        ("TRUE", "boolean", True),
        ("no", "boolean", False),
        (3.0, "string", "3"),
        (True, "string", "true"),
        ({"a": 1}, "string", {"a": 1}),
        ("x", "unknown", "x"),
    ],
)
def test_a_value_gets_the_type_of_its_schema(value: Any, kind: str, read: Any) -> None:
    assert scalar(value, kind) == read
    assert type(scalar(value, kind)) is type(read)
