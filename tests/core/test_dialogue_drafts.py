"""A draft leaves nothing in the history unless it is released."""

from __future__ import annotations

from frametalk.core.dialogue import CharacterSaid, Dialogue, PlayerSaid, ToolRan
from frametalk.core.tools import ToolOutcome

LOOKED = ToolOutcome(1, "look", {}, "done", value="a key")


def test_only_the_draft_sees_its_turn_and_its_calls() -> None:
    dialogue = Dialogue()
    dialogue.begin_draft(1, 1, "what is there")
    dialogue.tool_ran(1, LOOKED, reply=1)
    assert dialogue.history(1) == (PlayerSaid(1, "what is there"), ToolRan(1, LOOKED))
    assert dialogue.outcomes(1, 1) == (LOOKED,)
    assert dialogue.history() == ()
    assert dialogue.outcomes(1) == ()


def test_a_discarded_draft_leaves_no_trace() -> None:
    dialogue = Dialogue()
    dialogue.begin_draft(1, 1, "what is there")
    dialogue.tool_ran(1, LOOKED, reply=1)
    dialogue.discard_draft(1)
    dialogue.begin_draft(1, 2, "what is there in the chest")
    assert dialogue.history(2) == (PlayerSaid(1, "what is there in the chest"),)
    dialogue.discard_draft(1)
    assert dialogue.history(2) != ()


def test_a_released_draft_stands_after_the_committed_words() -> None:
    dialogue = Dialogue()
    dialogue.begin_draft(1, 1, "what is there")
    dialogue.tool_ran(1, LOOKED, reply=1)
    dialogue.commit_player(1, "what is there")
    dialogue.release_draft(1)
    dialogue.heard(1, "A key.")
    assert dialogue.history() == (
        PlayerSaid(1, "what is there"),
        CharacterSaid(1, 1, "A key."),
        ToolRan(1, LOOKED),
    )


def test_a_reopened_turn_loses_its_words_but_not_its_tool_calls() -> None:
    dialogue = Dialogue()
    dialogue.commit_player(1, "hello")
    dialogue.begin_reply(1, 1)
    dialogue.heard(1, "Hi.")
    dialogue.commit_player(2, "open the door")
    dialogue.begin_reply(2, 2)
    dialogue.tool_ran(2, LOOKED, reply=2)
    dialogue.reopen(2)
    assert dialogue.history() == (
        PlayerSaid(1, "hello"),
        CharacterSaid(1, 1, "Hi."),
        ToolRan(2, LOOKED),
    )
    dialogue.commit_player(2, "open the door and the chest")
    assert dialogue.history()[-1] == PlayerSaid(2, "open the door and the chest")
