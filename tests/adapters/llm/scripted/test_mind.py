"""The scripted blacksmith: what is said to him, what he says and does."""

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
    """What the mind says and asks for in one step."""
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
        # misheard by a word
        ("unlike the chest", [("unlock", {"target": "chest"})]),
        ("opens the door", [("open", {"target": "door"})]),
        # said, not done
        ("who are you", []),
        ("what do you know about the king", []),
        ("put that there", []),
        ("where is the blacksmith", []),
    ],
)  # fmt: skip
async def test_what_is_asked_is_done_or_answered(text: str, calls: list[object]) -> None:
    said, asked = await ask(text)
    assert [(call.name, call.args) for call in asked] == calls
    assert not said.startswith(("I did not catch", "Say that again"))
    assert calls or said


@pytest.mark.parametrize(
    "text",
    ["", "the weather is nice today", "when does the next train leave for london", "\U0001f5e1",
     "my children are going to school tomorrow", "a " * 5_000],
)  # fmt: skip
async def test_nonsense_is_not_acted_on_and_help_is_offered(text: str) -> None:
    said, asked = await ask(text)
    assert asked == []
    assert "open" in said
    assert "give" in said


async def test_another_reading_may_be_the_one_that_makes_sense() -> None:
    _said, asked = await ask("they'll deliver", alternatives=("pull the lever",))
    assert [call.name for call in asked] == ["pull"]


async def test_it_is_what_was_acted_on_last_or_is_looked_at() -> None:
    _said, asked = await ask("open it", focus=Focus(("chest",)))
    assert asked[0].args == {"target": "chest"}
    done = ToolRan(1, ToolOutcome(1, "open", {"target": "door"}, "done"))
    _said, asked = await ask("close it", history=(done,))
    assert asked[0].args == {"target": "door"}


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (ToolOutcome(1, "open", {"target": "door"}, "done"), "The red door stands open."),
        (ToolOutcome(1, "open", {"target": "chest"}, "refused", reason="the chest is locked"),
         "I cannot, the chest is locked."),
        (ToolOutcome(1, "read", {"target": "letter"}, "done", value="Meet me."),
         "It says: Meet me."),
        (ToolOutcome(1, "dance", {}, "failed", reason="no music"), "That did not work: no music."),
        (ToolOutcome(1, "open", {"target": "door"}, "timed_out"),
         "I pulled, but the red door does not move."),
    ],
)  # fmt: skip
async def test_how_a_call_ended_is_told(outcome: ToolOutcome, said: str) -> None:
    assert await ask("x", step=1, outcomes=(outcome,)) == (said, [])


async def test_conditions_of_the_scene_choose_the_answer() -> None:
    sold = {**SCENE, "sword": Entity("sword", "sword", state={"holder": "player"})}
    said, asked = await ask("i need a new sword", scene=sold)
    assert (said, asked) == ("You carry my best one already.", [])


async def test_a_scene_that_the_author_never_saw_is_understood_by_its_verbs() -> None:
    ship = {"sail": Entity("sail", "main sail")}
    hoist = ToolSpec(
        "hoist",
        parameters={"required": ["what"], "properties": {"what": {"x-entity": True}}},
        verbs=("hoist", "raise"),
    )
    _said, asked = await ask("raise the main sail", scene=ship, tools=(hoist,))
    assert [(call.name, call.args) for call in asked] == [("hoist", {"what": "sail"})]


async def test_the_same_request_gets_the_same_answer_and_the_next_turn_another() -> None:
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
def test_a_file_that_cannot_be_used_says_what_and_where(
    tmp_path: Path, text: str, complaint: str
) -> None:
    file = tmp_path / "smith.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as refused:
        ScriptedMind((str(file),))
    assert complaint in refused.value.text
    assert "smith.toml" in refused.value.text


def test_the_example_of_the_page_is_a_character(tmp_path: Path) -> None:
    page = (ROOT / "docs/characters.md").read_text()
    file = tmp_path / "guard.toml"
    file.write_text(page.split("```toml")[1].split("```")[0])
    assert ScriptedMind((str(file),)).characters == ("guard",)


def test_the_recogniser_is_told_what_is_understood() -> None:
    phrases = ScriptedMind().phrases("blacksmith")
    assert "what do you know about the king" in phrases
    assert "go forward {number} meters" in phrases


async def test_each_character_answers_in_its_own_words(tmp_path: Path) -> None:
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


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text('name = "blacksmith"')
    with pytest.raises(ConfigError, match=r"other\.toml: there is another"):
        ScriptedMind(("blacksmith", str(file)))
