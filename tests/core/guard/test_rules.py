"""How phrases are written, and what they match."""

from __future__ import annotations

from typing import Any

import pytest

from frametalk.core.guard.judge import judge, own_rules


def stops(phrase: str, text: str, **table: Any) -> bool:
    rules = own_rules({"topics": {"x": [{"say": [phrase], **table}]}, "sets": SETS}, "own")
    return judge(text, "player", rules=(rules,)) is not None


SETS = {"beast": ["dragon", "old bear"], "place": ["@beast cave", "inn"]}


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("red door", "The RED door!"),
        ("red|blue door", "a blue door"),
        ("open the? door", "open door"),
        ("open the? door", "open the door"),
        ("the? door", "door"),
        ("open (the red|a) door", "open the red door"),
        ("kill _ dragon", "kill that dragon"),
        ("kill ... dragon", "kill the very old red dragon"),
        ("kill ... dragon", "kill dragon"),
        ("dra*", "dragons"),
        ("*gon", "wagon"),
        ("feed @beast", "feed old bear"),
        ("in @place", "in dragon cave"),
        ("door", "doooor"),
        ("red door", "Red. Door."),
    ],
)
def test_a_phrase_matches(phrase: str, text: str) -> None:
    assert stops(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("red door", "reddoor"),
        ("red door", "red old door"),
        ("kill ... dragon", "kill it. The dragon"),
        ("dra*", "hydra"),
        ("open (the red|a) door", "open red door"),
        ("feed @beast", "feed bear"),
    ],
)
def test_a_phrase_does_not_match(phrase: str, text: str) -> None:
    assert not stops(phrase, text)


def test_the_rest_of_the_sentence_counts() -> None:
    assert not stops("bomb", "throw the bomb", unless=["throw"])
    assert stops("bomb", "Throw it. The bomb!", unless=["throw"])
    assert stops("bomb", "a bomb for the school", **{"with": ["school", "airport"]})
    assert not stops("bomb", "a bomb for the gate", **{"with": ["school", "airport"]})
