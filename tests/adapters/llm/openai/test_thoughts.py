"""Thoughts and turns of others, in parts (their spellings: test_answer_text)."""

from __future__ import annotations

import pytest

from frametalk.adapters.llm.openai.thought_marks import SUSPICIOUS
from frametalk.adapters.llm.openai.thoughts import MAX_UNDECIDED, Thoughts


def through(thoughts: Thoughts, *tokens: str) -> str:
    parts = [part for token in tokens for part in thoughts.feed(token)] + thoughts.flush()
    return "".join(part or "" for part in parts)


@pytest.mark.parametrize(
    ("tokens", "answer"),
    [
        (["<think>The player is rude.</think>\n\nHello."], "Hello."),
        (["<thi", "nk>hm", "m </th", "ink> ", "Hel", "lo."], "Hello."),
        (["\n <think></think>Hello."], "Hello."),
        (["<", "3 you"], "<3 you"),
        (["<thin ice>"], "<thin ice>"),
        (["Hello <think>x</think>"], "Hello "),
        (["<think>and so on"], ""),
        (["<thi"], ""),
        (["a", "b"], "ab"),
    ],
)
def test_thoughts_are_removed(tokens: list[str], answer: str) -> None:
    assert through(Thoughts(), *tokens) == answer


def test_the_memory_for_a_thought_is_bounded() -> None:
    thoughts = Thoughts()
    thoughts.feed("<think>")
    for _ in range(1_000):
        assert thoughts.feed("and then again ") == []
    assert len(thoughts._buffer) < 200


def test_a_text_that_begins_like_a_thought_waits_for_the_closing_tag() -> None:
    for beginning in SUSPICIOUS:
        text = f"{beginning.capitalize()} wants in.\n</think>\nHello."
        assert through(Thoughts(None), *text) == "Hello."
        said = f"{beginning.capitalize()} wants in. Hello."
        assert through(Thoughts(None), *said) == said
        assert Thoughts(False).feed(said) == [said], "not once it is known that the model does not"


def test_the_memory_for_an_undecided_text_is_bounded() -> None:
    thoughts = Thoughts(True)
    for _ in range(10_000):
        assert thoughts.feed("and then again ") == []
    assert len(thoughts._undecided) <= MAX_UNDECIDED
    assert through(thoughts) == ("and then again " * 1_000)[:MAX_UNDECIDED]


def test_a_call_in_a_harmony_channel_becomes_a_tag() -> None:
    text = '<|channel|>commentary to=functions.open json<|message|>{"target":"door"}<|call|>'
    assert through(Thoughts(), *text) == '<function=open>{"target":"door"}</function>'
