"""The history: the player's words once, the character's as far as they were heard."""

from __future__ import annotations

import pytest

from frametalk.core.dialogue import CharacterSaid, Dialogue, PlayerSaid, ToolRan
from frametalk.core.tools import ToolOutcome


def test_a_reply_stands_where_it_began_and_grows_as_it_is_heard() -> None:
    dialogue = Dialogue()
    dialogue.commit_player(1, "open the door")
    dialogue.begin_reply(1, 1)
    assert dialogue.history() == (PlayerSaid(1, "open the door"),)
    outcome = ToolOutcome(1, "open", {"target": "door"}, "done")
    dialogue.tool_ran(1, outcome)
    dialogue.heard(1, "Very well.")
    dialogue.heard(1, "Very well. It is open.")
    assert dialogue.history() == (
        PlayerSaid(1, "open the door"),
        CharacterSaid(1, 1, "Very well. It is open."),
        ToolRan(1, outcome),
    )
    assert dialogue.outcomes(1) == (outcome,)


def test_a_cut_reply_stays_cut_when_a_late_report_adds_a_word() -> None:
    dialogue = Dialogue()
    dialogue.begin_reply(1, 1)
    dialogue.heard(1, "Well", cut=True)
    dialogue.heard(1, "Well met,")
    assert dialogue.history() == (CharacterSaid(1, 1, "Well met,", cut=True),)


def test_a_turn_that_continues_stands_after_what_was_heard_of_the_cut_reply() -> None:
    dialogue = Dialogue()
    dialogue.commit_player(1, "open the door")
    dialogue.begin_reply(1, 1)
    dialogue.heard(1, "", cut=True)
    dialogue.reopen(1)
    dialogue.heard(1, "At once")  # the client's last report
    dialogue.commit_player(1, "open the door and the chest")
    assert dialogue.history() == (
        CharacterSaid(1, 1, "At once", cut=True),
        PlayerSaid(1, "open the door and the chest"),
    )


def test_late_words_of_an_earlier_turn_are_placed_before_the_later_one() -> None:
    dialogue = Dialogue()
    dialogue.commit_player(2, "second")
    dialogue.commit_player(1, "first")
    assert dialogue.history() == (PlayerSaid(1, "first"), PlayerSaid(2, "second"))


def bulky(call: int) -> ToolOutcome:
    """An outcome of about 60 KB."""
    return ToolOutcome(call, "list", {}, "done", ["thing"] * 900)


@pytest.mark.parametrize(
    ("limit_bytes", "kept"), [(200_000, [7, 8, 9]), (1, [9]), (0, [*range(10)])]
)
def test_the_oldest_entries_are_dropped_at_the_limit_of_bytes(
    limit_bytes: int, kept: list[int]
) -> None:
    dialogue = Dialogue(limit_bytes=limit_bytes)
    for call in range(10):
        dialogue.tool_ran(call, bulky(call))
    assert [entry.turn for entry in dialogue.history()] == kept
    again = Dialogue(limit_bytes=limit_bytes)
    again.restore(dialogue.entries)
    assert again.history() == dialogue.history()


def test_the_oldest_entries_are_dropped_at_the_limit() -> None:
    dialogue = Dialogue(limit=3)
    for turn in range(5):
        dialogue.commit_player(turn, "x")
    assert [entry.turn for entry in dialogue.history()] == [2, 3, 4]
