"""Calls that recordings cause: with the real scripted mind, from texts."""

from __future__ import annotations

import pytest

from frametalk.adapters import registry
from frametalk.bench.real.actions import calls, measure
from frametalk.bench.real.folder import Absent
from heard_texts import FakeRecognisers, context, heard, speech


async def test_only_commands_cause_calls() -> None:
    mind = registry.create("llm", "scripted", {})
    found = await calls(
        mind,
        [
            heard("a 1", "It was the best of times, it was the worst of times."),
            heard("a 2", "open the red door"),
            heard("a 3", ""),
        ],
    )
    assert found == ["a 2 | open the red door | open {'target': 'door'}"]


async def test_calls_of_all_recognisers_are_counted() -> None:
    pieces = {"tale": [speech("tale 1", "never mind"), speech("tale 2", "the age of wisdom")]}
    texts = {
        ("scene", True, "tale 1"): "pull the lever",
        ("base", True, "tale 1"): "light the torch",
    }
    recognisers = FakeRecognisers(texts, present=("scene", "base"))
    made = context(recognisers, pieces=pieces, readings=[speech("tale", "")])
    values = await measure(made)
    assert (values["false_actions"], values["false_actions_n"]) == (2, 2)
    assert [len(of) for of in values["false_actions_by"].values()] == [1, 1]
    assert made.skipped == {"false_actions_by.joined": "no joined"}


async def test_a_recording_of_a_command_may_cause_its_call() -> None:
    made = context(
        FakeRecognisers(),
        readings=[speech("order", "go forward ten meters"), speech("tale", "long ago")],
        pieces={
            "order": [speech("order 1", "go forward ten meters")],
            "tale": [speech("long ago")],
        },
    )
    values = await measure(made)
    assert (values["false_actions"], values["false_actions_n"]) == (0, 1)


async def test_without_recordings_there_is_nothing_to_measure() -> None:
    with pytest.raises(Absent):
        await measure(context(FakeRecognisers()))
