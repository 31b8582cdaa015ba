"""What texts mean in a scene: likelier readings, completeness, barge-ins, drafts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from frametalk.adapters.base import Hypothesis
from frametalk.config import FrametalkSettings, TurnSettings
from frametalk.core.commands import Commands
from frametalk.core.completeness import Completeness
from frametalk.core.draft_budget import DraftBudget
from frametalk.core.turn import TurnMachine
from frametalk.pipeline.interpreter import Interpreter
from stages import Stage

DOOR = Hypothesis("open the door")


class Scene:
    """A scene with one command, while a reply says `sounding`."""

    def __init__(self, *, sounding: str = "", echo: bool = False, drafts: bool = True) -> None:
        stage = Stage(FrametalkSettings(turns=TurnSettings(drafts=drafts)), now=lambda: 0.0)
        self.machine, self.budget = TurnMachine(), DraftBudget(1, 20)
        world: Any = SimpleNamespace(commands=Commands(["open the door"], [], []))
        replies: Any = SimpleNamespace(sounding=lambda _reply: sounding)
        self.interpreter = Interpreter(
            stage.context, self.machine, world, replies, self.budget, language="en", echo=echo
        )


def test_an_alternative_that_is_a_command_is_likelier() -> None:
    heard = Hypothesis("open the core", alternatives=("open the door",))
    likelier = Scene().interpreter.likelier(heard)
    assert (likelier.text, likelier.alternatives) == ("open the door", ("open the core",))


def test_a_known_command_is_complete() -> None:
    interpreter = Scene().interpreter
    assert interpreter.completeness(DOOR) is Completeness.COMPLETE
    assert interpreter.completeness(Hypothesis("open the")) is Completeness.INCOMPLETE


def test_words_interrupt_and_backchannels_do_not() -> None:
    interpreter = Scene().interpreter
    assert interpreter.interrupts(1, "open the door", 800)
    assert not interpreter.interrupts(1, "okay", 800)


def test_the_replys_own_words_count_as_echo_where_the_microphone_may_hear_it() -> None:
    said = "the door is open"
    assert Scene(sounding=said).interpreter.interrupts(1, "door is open", 800)
    assert not Scene(sounding=said, echo=True).interpreter.interrupts(1, "door is open", 800)


def test_drafts_are_for_complete_texts_within_the_budget() -> None:
    scene = Scene()
    assert scene.interpreter.may_draft(1, DOOR)
    assert not scene.interpreter.may_draft(1, Hypothesis("open the"))
    scene.budget.discard(1, 0.0)
    assert not scene.interpreter.may_draft(1, DOOR)
    assert scene.interpreter.may_draft(2, DOOR)


def test_drafts_can_be_switched_off() -> None:
    assert not Scene(drafts=False).interpreter.may_draft(1, DOOR)


def test_a_turn_over_a_reply_interrupts_by_the_cut() -> None:
    scene = Scene()
    scene.machine.turn, scene.machine.over_reply = 2, True
    assert scene.interpreter.over_reply
    assert not scene.interpreter.has_interrupted(2)
    scene.machine.over_reply = False
    assert scene.interpreter.has_interrupted(2)
    assert not scene.interpreter.has_interrupted(1), "an earlier turn did not"
