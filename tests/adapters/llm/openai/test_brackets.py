"""Where a bracket closes."""

from __future__ import annotations

import pytest

from frametalk.adapters.llm.openai.brackets import Brackets


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        '{"a": {"b": [1, 2]}}',
        '{"a": "}"}',
        '{"a": "\\"}"}',
        "open(target=')')",
        "it's open('x')",
    ],
)
def test_the_closing_bracket_is_found_in_any_pieces(text: str) -> None:
    for size in range(1, len(text) + 1):
        brackets, at = Brackets(), 0
        pieces = [text[i : i + size] for i in range(0, len(text), size)]
        found = None
        for piece in [*pieces, "} and more)"]:
            found = brackets.feed(piece)
            if found is not None:
                break
            at += len(piece)
        assert found is not None
        assert at + found == len(text)


@pytest.mark.parametrize("text", ["", "no bracket", "{", '{"a": "}', "open(target='door)"])
def test_an_open_bracket_is_not_closed(text: str) -> None:
    assert Brackets().feed(text) is None
