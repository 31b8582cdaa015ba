"""Which of two readings of one sound is believed."""

from __future__ import annotations

import pytest

from frametalk.adapters.asr.joined.choice import is_command, is_expected, likelier
from frametalk.adapters.base import HeardWord, Hypothesis
from frametalk.core.commands import Commands

COMMANDS = Commands(
    ("open the {thing}", "who are you"), ("open", "pull"), ("red door", "chest", "door", "lever")
)


def scene(text: str, confidence: float = 0.3) -> Hypothesis:
    return Hypothesis(text, confidence=confidence)


def free(*words: tuple[str, float], stable: int = 0) -> Hypothesis:
    """A reading of words, each with its confidence."""
    heard = tuple(HeardWord(text, 0, 1, confidence) for text, confidence in words)
    return Hypothesis(" ".join(text for text, _ in words), stable, heard)


def test_only_sure_commands_are_commands_and_their_beginnings_are_expected() -> None:
    assert is_command(scene("open the red door", 0.9), COMMANDS)
    assert is_expected(scene("open the red door", 0.9), COMMANDS)
    assert not is_command(scene("open the red", 0.9), COMMANDS)
    assert is_expected(scene("open the red", 0.9), COMMANDS)
    for unknown in (scene("open the red door", 0.4), scene("the door who", 0.9), scene("", 0.9)):
        assert not is_command(unknown, COMMANDS)
        assert not is_expected(unknown, COMMANDS)


@pytest.mark.parametrize(
    "heard",
    [
        free(("Build", 0.77), ("the", 0.38), ("lever.", 0.97)),
        free(("Pull", 0.77), ("deliver.", 0.31)),
        free(("Bull", 0.84), ("the", 0.4), ("fever.", 0.33)),
    ],
)
def test_doubted_words_give_way_to_a_command(heard: Hypothesis) -> None:
    assert likelier(heard, scene("pull the lever"), COMMANDS).text == "pull the lever"


@pytest.mark.parametrize(
    ("heard", "command"),
    [
        (free(("Opened", 0.93), ("the", 0.98), ("door.", 0.99)), "open the door"),
        (free(("Pull", 0.8), ("it", 0.95), ("down.", 0.9)), "pull the door"),
        (free(("He", 0.8), ("said", 0.6), ("door.", 0.5)), "open the door"),
        (free(("Open", 0.5), ("door", 0.5)), "open the door"),
        (free(), "open the door"),
        (free(("Build", 0.5), ("the", 0.9), ("lever.", 0.9)), "the lever the lever"),
        (free(("Build", 0.5), ("the", 0.9), ("lever.", 0.9), stable=5), "pull the lever"),
    ],
    ids=["sure", "sure ending", "all others", "command", "silence", "salad", "settled"],
)
def test_other_free_readings_are_believed(heard: Hypothesis, command: str) -> None:
    assert likelier(heard, scene(command), COMMANDS) is heard
