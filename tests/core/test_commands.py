"""Which texts are whole commands in a tavern, and which are only the beginning of one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.core import commands as commands_module
from frametalk.core.commands import PIECE_NAMES, Commands
from growth import assert_linear

TAVERN = Commands(
    phrases=(
        "give me the {thing}",
        "who are you",
        "where is the {thing}",
        "go forward {number} meters",
        "put the {thing} on the table",
    ),
    verbs=("open", "take", "light"),
    things=("door", "red door", "iron key", "map", "rope", "torch", "Zoë's well", "cell 2"),
)


@pytest.mark.parametrize(
    "text",
    [
        "open the door",
        "Open the red door, please!",
        "who are you",
        "go forward twenty five meters",
        "go forward 10 meters",
        "open the door and give me the iron key",
        "take the map and the rope",
        "where is zoë's well",
        "open that door now",
        "open cell 2",
        "open cell two",
    ],
)
def test_a_whole_command_is_complete(text: str) -> None:
    assert TAVERN.complete(text)
    assert not TAVERN.incomplete(text)


@pytest.mark.parametrize(
    "text",
    [
        "give me the",
        "open",
        "put the torch on",
        "take the map and open the",
        "take the map the rope",
        "take the iron",
    ],
)
def test_the_beginning_of_a_command_is_incomplete(text: str) -> None:
    assert TAVERN.incomplete(text)
    assert not TAVERN.complete(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the weather is nice",
        "door",
        "open the door and",
        "the door open",
        "...",
        "light him to the door",
    ],
)
def test_other_texts_are_not_complete(text: str) -> None:
    assert not TAVERN.complete(text)


def test_the_reading_that_is_a_whole_command_is_chosen() -> None:
    assert TAVERN.likelier("do are you", ["who are you"]) == "who are you"
    assert TAVERN.likelier("to argue", ["who are you"]) == "who are you"
    assert TAVERN.likelier("open the door", ["who are you"]) == "open the door"
    told = "she had never read the letter about the door"
    assert TAVERN.likelier(told, ["light had never read the letter about the door"]) == told
    statement = "people say the winter will be long"
    assert TAVERN.likelier(statement, ["who are you", ""]) == statement
    assert TAVERN.likelier("", []) == ""


def test_without_known_commands_no_text_is_complete_or_incomplete() -> None:
    nothing = Commands((), (), ())
    assert not nothing.complete("open the door")
    assert not nothing.incomplete("open the door")


@given(st.text(max_size=80))
def test_no_text_is_both_complete_and_incomplete(text: str) -> None:
    assert not (TAVERN.complete(text) and TAVERN.incomplete(text))


def test_a_name_that_is_too_long_to_be_said_is_no_thing() -> None:
    long = " ".join("abcdefghijklm")
    commands = Commands((), ("open",), (long, "door"))
    assert commands.complete("open the door")
    assert not commands.complete(f"open the {long}")


def test_learning_a_scene_costs_in_proportion_to_its_names() -> None:
    phrases = [f"tell me about the {word} of the red king" for word in "sword story house".split()]

    def learn(count: int) -> None:
        names = [f"thing {n} of iron {n}" for n in range(count)]
        commands = Commands(phrases * 40, ("open", "give"), names)
        assert commands.complete("open the thing 3 of iron 3")

    assert_linear(learn, 300, 3_000)


NAMES = st.sampled_from(["key", "iron key", "iron key 2", "iron key two", "you", "old iron", "..."])
SAID = st.lists(st.sampled_from("open take who are you the iron key 2 two old and".split()))


@given(st.lists(st.lists(NAMES), min_size=1), SAID)
def test_things_that_change_are_known_like_those_of_a_new_scene(
    scenes: list[list[str]], said: list[str]
) -> None:
    phrases, verbs, text = ("who are you", "take the old iron"), ("open",), " ".join(said)
    changed, new = Commands(phrases, verbs), Commands(phrases, verbs, scenes[-1])
    for things in scenes:
        list(changed.learn(things))
    assert changed.complete(text) == new.complete(text)
    assert changed.incomplete(text) == new.incomplete(text)


def test_a_change_of_one_name_reads_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    words_of = commands_module.words_of
    names = [f"thing {n} of iron" for n in range(512)]
    commands = Commands(["who are you"] * 200, ("open",), names)

    def counted(text: str) -> list[str]:
        read.append(text)
        return words_of(text)

    monkeypatch.setattr(commands_module, "words_of", counted)
    monkeypatch.setattr(commands, "_plain", None)  # the phrases name nothing else than before
    list(commands.learn([*names, "golden key"]))
    assert read == ["golden key"]
    list(commands.learn(names[:-1]))
    assert read == ["golden key"]


def test_many_names_are_learnt_in_pieces_that_may_be_given_up() -> None:
    names = [f"thing {n}" for n in range(512)]
    commands = Commands((), ("open",))
    pieces = commands.learn(names)
    next(pieces)
    assert commands.complete(f"open thing {PIECE_NAMES - 1}")
    assert not commands.complete(f"open thing {PIECE_NAMES}")
    assert len(list(commands.learn(["golden key"]))) == 1
    assert commands.complete("open the golden key")
    assert not commands.complete("open thing 0")
