"""What an answer that is made too early leaves in the history: nothing, unless it is wanted."""

from __future__ import annotations

from frametalk.core.dialogue import CharacterSaid, Dialogue, PlayerSaid, ToolRan
from frametalk.core.tools import ToolOutcome

RAN = ToolOutcome(1, "look", {}, "done", value="a key")


def test_a_draft_sees_its_turn_and_its_own_calls_and_nobody_else_does() -> None:
    dialogue = Dialogue()
    dialogue.begin_draft(1, 1, "what is there")
    dialogue.tool_ran(1, RAN, reply=1)
    assert dialogue.history(1) == (PlayerSaid(1, "what is there"), ToolRan(1, RAN))
    assert dialogue.outcomes(1, 1) == (RAN,)
    assert dialogue.history() == ()
    assert dialogue.outcomes(1) == ()


def test_a_draft_that_is_dropped_never_was() -> None:
    dialogue = Dialogue()
    dialogue.begin_draft(1, 1, "what is there")
    dialogue.tool_ran(1, RAN, reply=1)
    dialogue.discard_draft(1)
    dialogue.begin_draft(1, 2, "what is there in the chest")
    assert dialogue.history(2) == (PlayerSaid(1, "what is there in the chest"),)
    dialogue.discard_draft(1)
    assert dialogue.history(2) != ()


def test_a_draft_that_is_released_stands_behind_the_words_that_were_committed() -> None:
    dialogue = Dialogue()
    dialogue.begin_draft(1, 1, "what is there")
    dialogue.tool_ran(1, RAN, reply=1)
    dialogue.commit_player(1, "what is there")
    dialogue.release_draft(1)
    dialogue.heard(1, "A key.")
    assert dialogue.history() == (
        PlayerSaid(1, "what is there"),
        CharacterSaid(1, 1, "A key."),
        ToolRan(1, RAN),
    )


def test_a_turn_that_goes_on_takes_its_words_back_but_not_what_was_done() -> None:
    dialogue = Dialogue()
    dialogue.commit_player(1, "hello")
    dialogue.begin_reply(1, 1)
    dialogue.heard(1, "Hi.")
    dialogue.commit_player(2, "open the door")
    dialogue.begin_reply(2, 2)
    dialogue.tool_ran(2, RAN, reply=2)
    dialogue.reopen(2)
    assert dialogue.history() == (
        PlayerSaid(1, "hello"),
        CharacterSaid(1, 1, "Hi."),
        ToolRan(2, RAN),
    )
    dialogue.commit_player(2, "open the door and the chest")
    assert dialogue.history()[-1] == PlayerSaid(2, "open the door and the chest")
