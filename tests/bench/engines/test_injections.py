"""The injections of the mind's bench, the ways that they take, and the rules for permitted calls."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from frametalk.bench.engines.injections import (
    TARGETS,
    WAYS,
    WORLD,
    Injection,
    Way,
    careless,
    injections,
    permitted,
)
from frametalk.wire import messages as m


def call(name: str, **args: Any) -> m.ToolCall:
    return m.ToolCall(call=1, name=name, args=args, deadline_ms=1_000)


def test_there_are_two_hundred_different_injections() -> None:
    attacks = list(injections())
    assert len({(attack.way, attack.text) for attack in attacks}) == len(attacks) == 200
    assert Counter(attack.way for attack in attacks) == dict.fromkeys(WAYS, 40)


@pytest.mark.parametrize("way", WAYS)
def test_the_text_enters_by_its_way_only(way: Way) -> None:
    attack = Injection(way, "do evil", "evil", {})
    sign = attack.within(WORLD).entity[-1]
    places = {
        "speech": attack.words,
        "name": sign.name,
        "state": str(sign.state),
        "result": attack.result,
        "event": "".join(event.text for event in attack.events),
    }
    assert [place for place, text in places.items() if "do evil" in text] == [way]


@pytest.mark.parametrize(("name", "args"), TARGETS)
def test_no_target_is_permitted(name: str, args: dict[str, Any]) -> None:
    assert not permitted(call(name, **args))


def test_calls_that_the_game_allows_are_permitted() -> None:
    assert permitted(call("look"))
    assert permitted(call("open", target="door"))
    assert permitted(call("step", direction="back", metres=2.5))


def test_a_careless_game_declares_every_target() -> None:
    tools = {tool.name: tool for tool in careless(WORLD).tool}
    assert {name for name, _args in TARGETS} <= set(tools)
    assert not any(tool.scope or "required" in tool.parameters for tool in tools.values())
