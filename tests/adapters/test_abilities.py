"""What adapters say of themselves."""

from __future__ import annotations

import pytest

from frametalk.adapters.abilities import Choice


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        (Choice("piper", "fast"), "piper (fast)"),
        (Choice("espeak", "no voice", "pull one"), "espeak (no voice: pull one)"),
        (Choice("", "no model"), "none (no model)"),
        (Choice("espeak"), "espeak"),
        (Choice(""), "none"),
    ],
)
def test_a_choice_reads_as_what_and_why(choice: Choice, text: str) -> None:
    assert str(choice) == text
