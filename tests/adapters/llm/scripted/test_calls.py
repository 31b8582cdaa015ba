"""Calls of tools: what is surely a command is one, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.llm.scripted.test_mind import SCENE, TOOLS, ask
from frametalk.adapters.base import Focus
from frametalk.adapters.llm.scripted import ScriptedMind
from frametalk.core.dialogue import PlayerSaid, ToolRan
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolOutcome, ToolSpec

PROSE = tuple(
    line
    for line in (Path(__file__).parent / "prose.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)
OPEN = next(spec for spec in TOOLS if spec.name == "open")


def things(*names: str) -> dict[str, Entity]:
    """A scene of things that can be opened; their ids are their names."""
    return {name: Entity(name, name, affordances=("open",)) for name in names}


async def opened(text: str, *names: str, **fields: object) -> list[str]:
    """What is opened in a scene of things with these names."""
    _said, calls = await ask(text, scene=things(*names), tools=(OPEN,), **fields)
    return [call.args["target"] for call in calls]


async def test_nothing_is_done_while_somebody_reads_aloud() -> None:
    assert len(PROSE) > 380
    acted = []
    for line in PROSE:
        for fields in (
            {},
            {"focus": Focus(("door",))},
            {"alternatives": (line.lower(), "who are")},
        ):
            _said, calls = await ask(line, **fields)
            acted += [(line, call.name, call.args) for call in calls]
    assert acted == []


@pytest.mark.parametrize(
    ("heard", "others"),
    [
        ("she had never read letter", ("shut never read letter",)),
        ("don't open the door", ("go and open the door", "open the door")),
        ("the key darin in the luck", ("open the door",)),
        ("had he married a more amiable woman he might have been made", ("open the red door",)),
        ("take the dough and open the rope", ("take the door and open the rope", "take the rope")),
    ],
)  # fmt: skip
async def test_another_reading_of_free_speech_is_no_command(
    heard: str, others: tuple[str, ...]
) -> None:
    _said, calls = await ask(heard, alternatives=others)
    assert calls == []


@pytest.mark.parametrize(
    "text",
    [
        "open the door", "please open the door", "Open the door!", "could you open the door please",
        "open the door for me", "open the door right now", "Bram, open the door", "um open the uh door",
        "smith, would you please open the door", "yes open the door", "opne the door", "open the doors",
        "open the door and", "open that door", "okay open the front door then",
        "go and open the door", "i want you to open the door",
    ],
)  # fmt: skip
async def test_a_command_may_be_polite_hurried_or_mistyped(text: str) -> None:
    named = {
        **SCENE,
        "blacksmith": Entity("blacksmith", "blacksmith", "character", ("smith",)),
    }
    _said, calls = await ask(text, scene=named)
    assert [(call.name, call.args) for call in calls] == [("open", {"target": "door"})]


DOORS = ("door 1", "door 2", "door 3")


@pytest.mark.parametrize(
    ("names", "text", "targets"),
    [
        (DOORS, "open door 1", ["door 1"]),
        (DOORS, "open door one", ["door 1"]),
        (DOORS, "open the first door", ["door 1"]),
        (DOORS, "open the second one please", ["door 2"]),
        (DOORS, "open the 3rd door", ["door 3"]),
        (DOORS, "open door number two", ["door 2"]),
        (DOORS, "open door #3", ["door 3"]),
        (DOORS, "open number three", ["door 3"]),
        (DOORS, "open door 1 and door 3", ["door 1", "door 3"]),
        (DOORS, "open doors one and two", ["door 1", "door 2"]),
        (DOORS, "open the first and the third door", ["door 1", "door 3"]),
        (("door1", "door2"), "open door two", ["door2"]),
        (("Door No. 1", "Door No. 2"), "open door two", ["Door No. 2"]),
        (("first door", "second door"), "open door 2", ["second door"]),
        (("door A", "door B"), "open door b", ["door B"]),
        (("Gate II", "Gate III"), "open gate three", ["Gate III"]),
        (("room 101", "room 102"), "open room one oh two", ["room 102"]),
        (("room 101", "room 102"), "open room one hundred and one", ["room 101"]),
        (("door 2", "door 12", "door 20"), "open the twelfth door", ["door 12"]),
        (("level 2 door 3", "level 3 door 2"), "open level two door three", ["level 2 door 3"]),
        (("red door", "blue door"), "open the blue one", ["blue door"]),
        (("red door", "blue door"), "open the red door and the blue one", ["red door", "blue door"]),
        (("red door", "chest"), "open the door", ["red door"]),
        (("locker 007", "locker 1984"), "open locker zero zero seven", ["locker 007"]),
        (("locker 007", "locker 1984"), "open locker one nine eight four", ["locker 1984"]),
        (("StoneGate2", "stone_gate_3"), "open stone gate two", ["StoneGate2"]),
    ],
)  # fmt: skip
async def test_a_numbered_thing_is_found_however_it_is_said(
    names: tuple[str, ...], text: str, targets: list[str]
) -> None:
    assert await opened(text, *names) == targets


@pytest.mark.parametrize(
    ("names", "text", "options"),
    [
        (DOORS, "open door 7", DOORS),
        (DOORS, "open door eleven", DOORS),
        (DOORS, "open the fourth door", DOORS),
        (DOORS, "open the door", DOORS),
        (DOORS, "open the last door", DOORS),
        (("door A", "door B"), "open door c", ("door A", "door B")),
        (("room 101", "room 102"), "open room 103", ("room 101", "room 102")),
        (("chest 1", "door 1"), "open the first one", ("chest 1", "door 1")),
        (("red door",), "open the blue door", ("the red door",)),
        (("red door", "green door"), "open the blue door", ("the red door", "the green door")),
    ],
)  # fmt: skip
async def test_a_thing_that_is_not_there_is_asked_about(
    names: tuple[str, ...], text: str, options: tuple[str, ...]
) -> None:
    said, calls = await ask(text, scene=things(*names), tools=(OPEN,))
    assert calls == []
    assert said.endswith("?")
    assert all(option in said for option in options)


@pytest.mark.parametrize("answer", ["door 2", "the second one", "two", "Door two, please."])
async def test_the_answer_to_the_question_is_understood(answer: str) -> None:
    for asked in ("open door 7", "open door 1 and door 7"):
        ran = ToolRan(1, ToolOutcome(1, "open", {"target": "door 1"}, "done"))
        history = (PlayerSaid(1, asked), ran, PlayerSaid(2, answer))
        assert await opened(answer, *DOORS, history=history) == ["door 2"]


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("and the rope", ["rope"]),
        ("and take the letter", ["letter"]),
        ("then the torch", ["torch"]),
    ],
)
async def test_what_begins_with_and_continues_a_command_but_nothing_else(
    text: str, called: list[str]
) -> None:
    ran = ToolRan(1, ToolOutcome(1, "take", {"target": "map"}, "done"))
    history = (PlayerSaid(1, "take the map"), ran, PlayerSaid(2, text))
    _said, calls = await ask(text, history=history)
    assert [(call.name, call.args["target"]) for call in calls] == [("take", id_) for id_ in called]
    for told in ((), (PlayerSaid(1, "he took the map"), PlayerSaid(2, text))):
        _said, calls = await ask(text, history=told)
        assert calls == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bone door of the cellar", "open the bone door of the cellar"),
        ("bone door of the cellar", "open the door of the cellar"),
        ("bone door of the cellar", "open bone door of cellar"),
        ("M'aiq the Liar", "open M'aiq the liar"),
        ('The "Old" Chest', "open the old chest"),
        ("Salt & Pepper", "open salt and pepper"),
        ("salt and pepper", "open the salt & pepper"),
        ("Gate to a New World", "open the gate to a new world"),
        ("\u6771\u4eac", "open \u6771\u4eac"),
        ("E-Sumi-Yan", "open e sumi yan"),
        ("Axe/Hammer", "open axe hammer"),
        ("\U0001f525 Fire Gate \U0001f525", "open the fire gate"),
    ],
)
async def test_names_of_all_kinds_are_found(name: str, text: str) -> None:
    assert await opened(text, name, "wooden gate") == [name]


async def test_an_article_within_a_name_must_be_the_names_own() -> None:
    assert await opened("open the door of the king", "bone door of the cellar") == []


async def test_yes_answers_a_question_about_one_thing_only() -> None:
    history = (PlayerSaid(1, "open the blue door"), PlayerSaid(2, "yes"))
    assert await opened("yes", "red door", history=history) == ["red door"]
    assert await opened("yes", "red door", "green door", history=history) == []
    assert await opened("no", "red door", history=(*history[:1], PlayerSaid(2, "no"))) == []


async def test_of_things_with_one_name_the_one_looked_at_is_meant() -> None:
    twins = {id_: Entity(id_, "door") for id_ in ("left", "right")}
    _said, calls = await ask("open the door", scene=twins, focus=Focus(("right",)))
    assert calls[0].args == {"target": "right"}
    _said, calls = await ask("open the door", scene=twins)
    assert calls == []


async def test_lines_that_cannot_be_filled_give_way_to_plain_ones(tmp_path: Path) -> None:
    file = tmp_path / "mute.toml"
    file.write_text('name = "mute"\nnot_understood = ["{reason}"]\nwhich = ["{value}?"]\n')
    mind = ScriptedMind((str(file),))
    fields = {"character": "mute", "scene": things(*DOORS), "tools": (OPEN,)}
    said, _calls = await ask("what is this", mind, **fields)
    assert said == "I did not understand. You can ask me to open things."
    assert (await ask("open the door", mind, **fields))[
        0
    ] == "Do you mean door 1, door 2 or door 3?"


async def test_a_thing_to_which_the_tool_does_not_apply_is_not_acted_on() -> None:
    said, calls = await ask(
        "take the torch", scene={"torch": Entity("torch", "torch", affordances=("light",))}
    )
    assert calls == []
    assert said in {"That is no work for a smith.", "No. Not with that."}


async def test_intents_of_tools_that_the_game_lacks_do_not_count() -> None:
    said, calls = await ask("bring me the key", tools=(OPEN,))
    assert calls == []
    assert said == "Say that again? I can open things, and I know a story or two."
    said, calls = await ask("i need a new sword", tools=())
    assert calls == []
    assert "finished one this morning" not in said


async def test_a_pattern_without_spaces_is_understood(tmp_path: Path) -> None:
    file = tmp_path / "smith.toml"
    file.write_text(
        'name = "\u94c1\u5320"\n[[intent]]\npatterns = ["\u6253\u5f00{thing}"]\n'
        'call = { name = "open", args = { target = "{thing}" } }\n'
        '[[intent]]\npatterns = ["{thing}\u5728\u54ea\u91cc"]\nlines = ["\u5728\u8fd9\u91cc\u3002"]\n',
        encoding="utf-8",
    )
    mind = ScriptedMind((str(file),))
    scene = things("\u7ea2\u95e8", "\u7bb1\u5b50")
    fields = {"scene": scene, "tools": (OPEN,), "character": "\u94c1\u5320"}
    _said, calls = await ask("\u6253\u5f00\u7ea2\u95e8\u3002", mind, **fields)
    assert [call.args for call in calls] == [{"target": "\u7ea2\u95e8"}]
    assert await ask("\u7bb1\u5b50\u5728\u54ea\u91cc\uff1f", mind, **fields) == (
        "\u5728\u8fd9\u91cc\u3002",
        [],
    )


async def test_a_call_takes_two_things(tmp_path: Path) -> None:
    file = tmp_path / "clerk.toml"
    file.write_text(
        'name = "clerk"\n[[intent]]\npatterns = ["put the {thing} into the {thing2}"]\n'
        'call = { name = "put", args = { target = "{thing}", place = "{thing2}" } }\n'
    )
    put = ToolSpec("put")
    mind = ScriptedMind((str(file),))
    _said, calls = await ask("put the rope into the chest", mind, character="clerk", tools=(put,))
    assert calls[0].args == {"target": "rope", "place": "chest"}
