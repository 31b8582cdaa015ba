"""The scripted blacksmith: what the player says, what he answers and does."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.conformance.minds import MindConformance
from conftest import ROOT
from frametalk.adapters.base import Focus, MindRequest, TextDelta, ToolRequest
from frametalk.adapters.llm.scripted import ScriptedMind
from frametalk.core.dialogue import ToolRan
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolOutcome, ToolSpec
from frametalk.errors import ConfigError

WORLD = tomllib.loads((ROOT / "server/frametalk/data/worlds/tavern.toml").read_text())
SCENE = {
    entity["id"]: Entity(
        entity["id"],
        entity["name"],
        entity.get("kind", ""),
        tuple(entity.get("aliases", ())),
        state=entity.get("state", {}),
    )
    for entity in WORLD["entity"]
}
TOOLS = tuple(
    ToolSpec(tool["name"], parameters=tool.get("parameters", {}), verbs=tuple(tool["verbs"]))
    for tool in WORLD["tool"]
)


class TestScriptedMind(MindConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], ScriptedMind]:
        return ScriptedMind


async def ask(
    text: str, mind: ScriptedMind | None = None, **fields: object
) -> tuple[str, list[ToolRequest]]:
    """The text and the tool requests of one step."""
    base = MindRequest("blacksmith", 1, text, scene=SCENE, tools=TOOLS)
    request = _replace(base, fields)
    events = [event async for event in (mind or ScriptedMind()).think(request)]
    said = "".join(event.text for event in events if isinstance(event, TextDelta)).strip()
    return said, [event for event in events if isinstance(event, ToolRequest)]


def _replace(request: MindRequest, fields: dict[str, object]) -> MindRequest:
    values = {name: getattr(request, name) for name in request.__dataclass_fields__}
    return MindRequest(**{**values, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("open the red door", [("open", {"target": "door"})]),
        ("please open the door", [("open", {"target": "door"})]),
        ("open the red door and bring me the iron key",
         [("open", {"target": "door"}), ("give", {"target": "iron_key"})]),
        ("take the map and the rope", [("take", {"target": "map"}), ("take", {"target": "rope"})]),
        ("give me the golden key", [("give", {"target": "golden_key"})]),
        ("unlock the chest", [("unlock", {"target": "chest"})]),
        ("light the torch", [("light", {"target": "torch"})]),
        ("pull the lever", [("pull", {"target": "lever"})]),
        ("read the letter", [("read", {"target": "letter"})]),
        ("i need a new sword", [("give", {"target": "sword"})]),
        ("go forward ten meters", [("move_player", {"direction": "forward", "metres": 10.0})]),
        ("walk back twenty five meters",
         [("move_player", {"direction": "back", "metres": 25.0})]),
        # one wrong word
        ("unlike the chest", [("unlock", {"target": "chest"})]),
        ("opens the door", [("open", {"target": "door"})]),
        # answered without a call
        ("who are you", []),
        ("what do you know about the king", []),
        ("put that there", []),
        ("where is the blacksmith", []),
    ],
)  # fmt: skip
async def test_a_sentence_becomes_calls_or_an_answer(text: str, calls: list[object]) -> None:
    said, requests = await ask(text)
    assert [(call.name, call.args) for call in requests] == calls
    assert not said.startswith(("I did not catch", "Say that again"))
    assert calls or said


@pytest.mark.parametrize(
    "text",
    ["", "the weather is nice today", "when does the next train leave for london", "\U0001f5e1",
     "my children are going to school tomorrow", "a " * 5_000],
)  # fmt: skip
async def test_an_unknown_sentence_gets_help_and_no_calls(text: str) -> None:
    said, requests = await ask(text)
    assert requests == []
    assert "open" in said
    assert "give" in said


async def test_an_alternative_reading_is_understood() -> None:
    _said, requests = await ask("they'll deliver", alternatives=("pull the lever",))
    assert [call.name for call in requests] == ["pull"]


async def test_it_means_the_last_thing_acted_on_or_looked_at() -> None:
    _said, requests = await ask("open it", focus=Focus(("chest",)))
    assert requests[0].args == {"target": "chest"}
    done = ToolRan(1, ToolOutcome(1, "open", {"target": "door"}, "done"))
    _said, requests = await ask("close it", history=(done,))
    assert requests[0].args == {"target": "door"}


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (ToolOutcome(1, "open", {"target": "door"}, "done"), "The red door stands open."),
        (ToolOutcome(1, "open", {"target": "chest"}, "refused", reason="the chest is locked"),
         "I cannot. The chest is locked."),
        (ToolOutcome(1, "read", {"target": "letter"}, "done", value="Meet me."),
         "It says: Meet me."),
        (ToolOutcome(1, "dance", {}, "failed", reason="no music"), "That did not work: no music."),
        (ToolOutcome(1, "open", {"target": "door"}, "timed_out"),
         "I pulled, but the red door does not move."),
    ],
)  # fmt: skip
async def test_the_result_of_a_call_is_reported(outcome: ToolOutcome, said: str) -> None:
    assert await ask("x", step=1, outcomes=(outcome,)) == (said, [])


async def test_conditions_of_the_scene_choose_the_answer() -> None:
    sold = {**SCENE, "sword": Entity("sword", "sword", state={"holder": "player"})}
    said, requests = await ask("i need a new sword", scene=sold)
    assert (said, requests) == ("You carry my best one already.", [])


async def test_tools_that_the_file_does_not_mention_are_matched_by_verbs() -> None:
    ship = {"sail": Entity("sail", "main sail")}
    hoist = ToolSpec(
        "hoist",
        parameters={"required": ["what"], "properties": {"what": {"x-entity": True}}},
        verbs=("hoist", "raise"),
    )
    _said, requests = await ask("raise the main sail", scene=ship, tools=(hoist,))
    assert [(call.name, call.args) for call in requests] == [("hoist", {"what": "sail"})]


async def test_equal_requests_have_equal_answers_and_the_next_turn_another() -> None:
    mind = ScriptedMind()
    first, again = await ask("hello", mind), await ask("hello", mind)
    other = await ask("hello", mind, turn=2)
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name = 3", "name"),
        ("nmae = 'x'", "nmae"),
        ("name = 'x'\n[[intent]]\nlines = ['a']", "patterns"),
        ("name = ", "Invalid value"),
    ],
)
def test_an_invalid_file_is_refused_with_file_and_key(
    tmp_path: Path, text: str, complaint: str
) -> None:
    file = tmp_path / "smith.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as refused:
        ScriptedMind((str(file),))
    assert complaint in refused.value.text
    assert "smith.toml" in refused.value.text


def test_the_example_in_the_documentation_is_valid(tmp_path: Path) -> None:
    page = (ROOT / "docs/characters.md").read_text()
    file = tmp_path / "guard.toml"
    file.write_text(page.split("```toml")[1].split("```")[0])
    assert ScriptedMind((str(file),)).characters == ("guard",)


def test_phrases_are_the_patterns() -> None:
    phrases = ScriptedMind().phrases("blacksmith")
    assert "what do you know about the king" in phrases
    assert "go forward {number} meters" in phrases


async def test_each_character_has_its_own_answers(tmp_path: Path) -> None:
    file = tmp_path / "guard.toml"
    file.write_text(
        'name = "guard"\ngreeting = "Halt."\n[[intent]]\npatterns = ["hello"]\nlines = ["Evening."]\n'
    )
    mind = ScriptedMind(("blacksmith", str(file)))
    assert mind.characters == ("blacksmith", "guard")
    assert (await ask("hello", mind, character="guard"))[0] == "Evening."
    assert (await ask("hello", mind))[0] == "Good day to you."
    assert mind.greeting("guard") == "Halt."
    assert mind.phrases("guard") == ("hello",)


def test_two_characters_of_the_same_name_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text('name = "blacksmith"')
    with pytest.raises(ConfigError, match=r"other\.toml: there is another"):
        ScriptedMind(("blacksmith", str(file)))
