"""The contracts of adapters, as far as they do something."""

from __future__ import annotations

from frametalk.adapters.base import GuardRequest


def test_the_texts_of_a_guard_request_begin_with_its_text_and_come_once() -> None:
    assert GuardRequest("a", "player").texts == ("a",)
    assert GuardRequest("a", "character", also=("b", "a", "b", "c")).texts == ("a", "b", "c")
