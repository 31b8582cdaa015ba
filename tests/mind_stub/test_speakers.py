"""Who answers a request, and with what."""

from __future__ import annotations

from chat_requests import called, chat, ended, user
from frametalk.adapters.base import TextDelta, ToolRequest
from frametalk.adapters.llm.scripted import ScriptedMind
from frametalk.mind_stub.chunks import Said
from frametalk.mind_stub.speakers import FixedSpeaker, ScriptedSpeaker, some_call


def text_of(events: list[Said]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def calls_of(events: list[Said]) -> list[tuple[str, dict[str, object]]]:
    return [(event.name, event.args) for event in events if isinstance(event, ToolRequest)]


async def test_given_calls_are_made_a_round_a_step_and_then_it_speaks() -> None:
    one, two = ToolRequest("open", {"target": "door"}), ToolRequest("give", {"target": "key"})
    speaker = FixedSpeaker("There you are.", [[one], [two]])
    turn = [user("open it"), called("open", {"target": "door"}), ended("done")]
    assert await speaker.answer(chat(turn[0])) == [one]
    assert await speaker.answer(chat(*turn)) == [two]
    more = [called("give", {"target": "key"}, "c2"), ended("done", "c2")]
    assert await speaker.answer(chat(*turn, *more)) == [TextDelta("There you are.")]


async def test_the_scripted_character_acts_on_the_scene_and_tells_of_it() -> None:
    speaker = ScriptedSpeaker(ScriptedMind().think)
    said = user("open the red door and bring me the iron key")
    asked = await speaker.answer(chat(said, tools=("open", "give")))
    assert calls_of(asked) == [("open", {"target": "door"}), ("give", {"target": "iron_key"})]

    turn = (said, called("open", {"target": "door"}), ended("refused", reason="it is stuck"))
    told = await speaker.answer(chat(*turn))
    assert "it is stuck" in text_of(told)
    assert calls_of(told) == []


async def test_the_scripted_character_calls_only_what_is_offered() -> None:
    speaker = ScriptedSpeaker(ScriptedMind().think)
    asked = await speaker.answer(chat(user("open the red door"), tools=("close",)))
    assert calls_of(asked) == []


def test_a_call_can_be_made_of_any_request() -> None:
    assert some_call(chat(user("hello"))) == ToolRequest("open", {"target": "door"})
    assert some_call(chat(user("hello"), tools=())).name == "look"
