"""What is said of things, reasons and values."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.llm.scripted.test_mind import SCENE, ask
from frametalk.adapters.llm.character import Words
from frametalk.adapters.llm.scripted.sayings import chosen, filled, listed, reason, thing, value
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolOutcome

ENGLISH = Words()


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (25, "25"), (12.0, "12"), (-3.5, "-3.5"), (0.1 + 0.2, "0.3"), (3.14159, "3.14"), (-0.0, "0"),
        (0.00012345, "0.000123"), (1e21, "1000000000000000000000"), (float("nan"), ""),
        (True, "yes"), (False, "no"), (None, ""), ("", ""), ("  ", ""), ("...", ""),
        ("Meet me at midnight.", "Meet me at midnight."), ("out_of_stock", "out of stock"),
        ("iron_key", "the iron key"), ('{"a": 1}', ""), ("<b>no</b>", ""), ("NullReferenceException", ""),
        (["gold", "silver", "iron"], "gold, silver and iron"), (["rope"], "rope"), ((), "nothing"),
        ([1, 2.0, None, True], "1, 2 and yes"), (["iron_key", "rope"], "the iron key and rope"),
        ({"gold": 25, "silver": 3.0}, "25 gold and 3 silver"), ({"price": 25}, "25"), ({}, "nothing"),
        ({"text": ["rope", "map"]}, "rope and map"), ({"open": True}, ""),
        ("Dear McGregor, [torn] I <3 you", "Dear McGregor, [torn] I <3 you"), ("DoorIsLocked", ""),
        ({"name": "Bram", "age": 5}, "Bram"),
        ([{"name": "rope", "count": 2}, {"name": "iron_key"}], "2 rope and the iron key"),
        ("true", "yes"), ("None", ""), ("null", ""), ("12.0", "12"), ({"x": 1, "y": "b"}, ""),
        ({"a": {"b": {"c": 1}}}, ""), (list(range(100)), ""), ([["a"], ["b"]], "a and b"), (b"x", ""),
    ],
)  # fmt: skip
def test_a_value_is_said_as_a_person_would_say_it(result: Any, said: str) -> None:
    assert value(result, ENGLISH, SCENE) == said


async def test_a_line_is_left_out_when_its_value_cannot_be_said() -> None:
    for result in (None, "", {"open": True}, float("inf")):
        outcome = ToolOutcome(1, "read", {"target": "letter"}, "done", value=result)
        assert await ask("x", step=1, outcomes=(outcome,)) == ("Done.", [])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("the chest is locked", "the chest is locked"), ("The door is stuck.", "The door is stuck"),
        ("", ""), (" ... ", ""), ("ERR_LOCKED", ""), ("door_locked", ""), ("E42", ""), ("DoorIsLocked", ""),
        ("ask McDonald", "ask McDonald"),
        ("at Door.Open()", ""),
        ("KeyError: 'door'", ""), ("line one\nline two", ""), ("{'code': 3}", ""),
        ("it's 3.5 m away", "it's 3.5 m away"),
        ("die T\u00fcr klemmt", "die T\u00fcr klemmt"), ("\u9501\u7740", "\u9501\u7740"), ("x" * 3_000, ""),
    ],
)  # fmt: skip
def test_a_reason_is_said_if_a_person_would_say_it(given: str, said: str) -> None:
    assert reason(given) == said


@pytest.mark.parametrize("state", ["invalid", "timed_out", "cancelled", "refused", "failed"])
@pytest.mark.parametrize("tool", ["open", "dance"])
async def test_what_is_meant_for_developers_is_never_said(state: str, tool: str) -> None:
    for words in ("there is no tool 'give'", "target: take does not apply to torch", "E_42", ""):
        if state in {"refused", "failed"} and words.startswith("t"):
            continue  # these are words of the game, which are for players
        outcome = ToolOutcome(1, tool, {"target": "chest"}, state, reason=words)
        said, _calls = await ask("x", step=1, outcomes=(outcome,))
        assert said
        assert not words or words not in said
        assert "{" not in said


def test_lines_rotate_and_those_that_say_the_reason_come_first() -> None:
    lines = ("No.", "No: {reason}.", "Never, {reason}.")
    assert [chosen(lines, turn, {"reason": "it rains"}) for turn in (0, 1)] == [
        "No: it rains.",
        "Never, it rains.",
    ]
    assert chosen(lines, 1, {"reason": ""}) == "No."
    assert not chosen(lines[1:], 1, {"reason": ""})


def test_a_value_that_ends_a_sentence_needs_no_second_dot() -> None:
    assert filled("It says: {value}.", {"value": "Meet me!"}) == "It says: Meet me!"
    assert filled("It is {value}.", {"value": "12"}) == "It is 12."
    assert filled("Well... {value}", {"value": "no."}) == "Well... No."


def test_placeholders_in_a_value_are_not_filled() -> None:
    values = {"value": "{reason} and {nothing}", "reason": "no"}
    assert filled("It says: {value}", values) == "It says: {reason} and {nothing}"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("red door", "the red door"), ("door 2", "door 2"), ("door B", "door B"), ("Gate II", "Gate II"),
        ("The Old Oak", "The Old Oak"), ("a bucket", "a bucket"), (" ", "it"),
    ],
)  # fmt: skip
def test_a_thing_has_an_article_where_people_say_one(name: str, said: str) -> None:
    assert thing(Entity("x", name), ENGLISH) == said


def test_lists_and_small_words_are_those_of_the_character() -> None:
    german = Words(yes="ja", and_="und", thing="{name}")
    assert value([True, "Gold"], german, {}) == "ja und Gold"
    assert thing(None, german) == "it"
    assert thing(Entity("x", "Tor"), german) == "Tor"
    assert listed(["a", "b", "c"], "oder") == "a, b oder c"
