"""The speakers of the stub and their answers."""

from __future__ import annotations

from chat_requests import called, chat, ended, user
from frametalk.adapters.base import TextDelta, ToolRequest
from frametalk.adapters.llm.scripted import ScriptedMind
from frametalk.mind_stub.chunks import AnswerEvent
from frametalk.mind_stub.speakers import FixedSpeaker, ScriptedSpeaker, some_call


def text_of(events: list[AnswerEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def calls_of(events: list[AnswerEvent]) -> list[tuple[str, dict[str, object]]]:
    return [(event.name, event.args) for event in events if isinstance(event, ToolRequest)]


async def test_fixed_calls_are_made_one_round_per_step_before_the_text() -> None:
    one, two = ToolRequest("open", {"target": "door"}), ToolRequest("give", {"target": "key"})
    speaker = FixedSpeaker("There you are.", [[one], [two]])
    turn = [user("open it"), called("open", {"target": "door"}), ended("done")]
    assert await speaker.answer(chat(turn[0])) == [one]
    assert await speaker.answer(chat(*turn)) == [two]
    more = [called("give", {"target": "key"}, "c2"), ended("done", "c2")]
    assert await speaker.answer(chat(*turn, *more)) == [TextDelta("There you are.")]


async def test_the_scripted_character_calls_tools_and_reports_the_outcome() -> None:
    speaker = ScriptedSpeaker(ScriptedMind().think)
    words = user("open the red door and bring me the iron key")
    first = await speaker.answer(chat(words, tools=("open", "give")))
    assert calls_of(first) == [("open", {"target": "door"}), ("give", {"target": "iron_key"})]

    turn = (words, called("open", {"target": "door"}), ended("refused", reason="it is stuck"))
    second = await speaker.answer(chat(*turn))
    assert "It is stuck" in text_of(second)
    assert calls_of(second) == []


async def test_the_scripted_character_calls_only_offered_tools() -> None:
    speaker = ScriptedSpeaker(ScriptedMind().think)
    answer = await speaker.answer(chat(user("open the red door"), tools=("close",)))
    assert calls_of(answer) == []


def test_a_call_can_be_derived_from_any_request() -> None:
    assert some_call(chat(user("hello"))) == ToolRequest("open", {"target": "door"})
    assert some_call(chat(user("hello"), tools=())).name == "look"
