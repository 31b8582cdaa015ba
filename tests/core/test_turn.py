"""The turn table, read as transcripts: what happens -> what is done."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frametalk.core.actions import (
    Action,
    CancelEar,
    CloseEar,
    CommitPlayer,
    CutReply,
    DropReply,
    OpenEar,
    ReleaseReply,
    ReopenTurn,
    SettleEar,
    ShowState,
    StartReply,
)
from frametalk.core.events import (
    Event,
    FloorChanged,
    InterruptAsked,
    Interrupts,
    Prompted,
    ReplyHeard,
    ReplyOver,
    SpeechLasts,
    SpeechLost,
    SpeechOver,
    SpeechPaused,
    SpeechResumed,
    SpeechSettled,
    SpeechStarted,
    TurnForgotten,
    Typed,
    Understood,
)
from frametalk.core.turn import TABLE, TurnMachine
from frametalk.core.turn_rows import State


def play(machine: TurnMachine, *events: Event) -> list[Action]:
    """Give the machine all events; return all actions but the state shown to the client."""
    actions = [action for event in events for action in machine.handle(event)]
    return [action for action in actions if not isinstance(action, ShowState)]


def draft(reply: int, turn: int, text: str, rev: int = 1) -> StartReply:
    """An answer that is made before the turn is over."""
    return StartReply(reply, turn, text, rev=rev, held=True)


PAUSED = (SpeechStarted(100), SpeechPaused(900))
SPOKEN = (*PAUSED, Understood(1, 1, "hello"), SpeechOver(900))


def speaking() -> TurnMachine:
    """A machine whose reply 1 is heard."""
    machine = TurnMachine()
    play(machine, *SPOKEN, ReplyHeard(1))
    assert machine.state is State.SPEAKING
    return machine


# ---- a turn and its answer -----------------------------------------------------------------------


def test_the_answer_is_made_in_the_pause_and_released_when_the_turn_is_over() -> None:
    machine = TurnMachine()
    assert play(machine, *PAUSED) == [OpenEar(1, 100), SettleEar(1, 1, 900)]
    assert play(machine, Understood(1, 1, "hello")) == [draft(1, 1, "hello")]
    assert play(machine, SpeechOver(900)) == [CommitPlayer(1, 1, "hello"), ReleaseReply(1)]
    assert machine.state is State.THINKING
    assert play(machine, ReplyHeard(1)) == [CloseEar(1)]
    assert machine.state is State.SPEAKING
    assert play(machine, ReplyOver(1)) == []
    assert machine.state is State.IDLE


def test_each_change_of_state_is_shown_once() -> None:
    machine = TurnMachine()
    shown = [
        action.state
        for event in (*SPOKEN, ReplyHeard(1), ReplyOver(1))
        for action in machine.handle(event)
        if isinstance(action, ShowState)
    ]
    assert shown == ["hearing", "holding", "thinking", "speaking", "idle"]


def test_who_goes_on_in_the_pause_gets_no_answer_to_the_first_part() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED, Understood(1, 1, "open the door"))
    assert play(machine, SpeechResumed(1200)) == [DropReply(1)]
    assert machine.state is State.HEARING
    assert play(machine, SpeechPaused(2000)) == [SettleEar(1, 2, 2000)]
    assert play(machine, Understood(1, 1, "open the door")) == []
    text = "open the door and the chest"
    assert play(machine, Understood(1, 2, text)) == [draft(2, 1, text, rev=2)]


def test_only_a_text_that_changed_is_answered_anew() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED, Understood(1, 1, "open the door"))
    assert play(machine, Understood(1, 1, "open the door")) == []
    assert play(machine, Understood(1, 1, "open the store")) == [
        DropReply(1),
        draft(2, 1, "open the store"),
    ]


def test_without_speculation_the_answer_begins_when_the_turn_is_over() -> None:
    machine = TurnMachine()
    assert play(machine, *PAUSED, Understood(1, 1, "hello", speculate=False))[2:] == []
    assert play(machine, SpeechOver(900)) == [
        CommitPlayer(1, 1, "hello"),
        StartReply(1, 1, "hello"),
    ]


def test_a_slow_recogniser_is_waited_for() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED, SpeechOver(900))
    assert machine.state is State.THINKING
    assert play(machine, Understood(1, 1, "hello")) == [
        CommitPlayer(1, 1, "hello"),
        StartReply(1, 1, "hello"),
    ]


def test_what_was_not_understood_is_no_turn() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED)
    assert play(machine, Understood(1, 1, ""), SpeechOver(900)) == [
        CommitPlayer(1, 1, ""),
        CancelEar(1),
    ]
    assert machine.state is State.IDLE


def test_a_draft_that_failed_is_made_again() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED, Understood(1, 1, "hello"), ReplyOver(1))
    assert play(machine, SpeechOver(900))[-1] == StartReply(2, 1, "hello")


# ---- a turn that goes on after its end -----------------------------------------------------------


def test_who_goes_on_before_anything_was_heard_was_not_finished() -> None:
    machine = TurnMachine()
    play(machine, *SPOKEN)
    assert play(machine, SpeechStarted(5000)) == [CutReply(1, "withdrawn"), ReopenTurn(1)]
    assert (machine.state, machine.turn) == (State.HEARING, 1)
    assert play(machine, SpeechPaused(6000)) == [SettleEar(1, 2, 6000)]
    text = "hello and good day"
    assert play(machine, Understood(1, 2, text), SpeechOver(6000)) == [
        draft(2, 1, text, rev=2),
        CommitPlayer(1, 2, text),
        ReleaseReply(2),
    ]


def test_who_goes_on_before_the_text_is_there_has_all_of_it_understood() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED, SpeechOver(900))
    assert play(machine, SpeechStarted(2000)) == []
    assert play(machine, Understood(1, 1, "hello")) == []
    assert play(machine, SpeechPaused(3000)) == [SettleEar(1, 2, 3000)]


def test_what_comes_later_is_a_new_turn() -> None:
    machine = TurnMachine()
    play(machine, *SPOKEN)
    assert play(machine, SpeechSettled()) == [CloseEar(1)]
    assert play(machine, SpeechStarted(90_000)) == [CutReply(1, "interrupted"), OpenEar(2, 90_000)]


def test_words_that_are_recognised_late_still_count_but_are_not_answered() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED, SpeechOver(900), SpeechSettled(), SpeechStarted(90_000))
    assert play(machine, Understood(1, 1, "and then")) == [CommitPlayer(1, 1, "and then")]
    assert play(machine, Understood(1, 1, "and then")) == []


def test_a_turn_that_a_button_ended_does_not_go_on() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED, Understood(1, 1, "hello"))
    assert CloseEar(1) in play(machine, SpeechOver(900, forced=True))
    assert play(machine, SpeechStarted(2000)) == [CutReply(1, "interrupted"), OpenEar(2, 2000)]


# ---- sound over a reply --------------------------------------------------------------------------


def test_a_cough_over_a_reply_lowers_it_and_gives_it_back() -> None:
    machine = speaking()
    assert play(machine, SpeechStarted(5000)) == [OpenEar(2, 5000)]
    assert machine.state is State.DUCKED
    assert play(machine, SpeechPaused(6000)) == [SettleEar(2, 1, 6000)]
    assert play(machine, Understood(2, 1, "uh", meant=False)) == [CancelEar(2)]
    assert (machine.state, machine.reply) == (State.SPEAKING, 1)


def test_speech_that_lasts_holds_the_reply() -> None:
    machine = speaking()
    play(machine, SpeechStarted(5000))
    assert machine.handle(SpeechLasts()) == [ShowState("ducked", 2, 1, hold=True)]
    play(machine, SpeechPaused(6000))
    shown = machine.handle(Understood(2, 1, "okay right", meant=False))
    assert shown[-1] == ShowState("speaking", 2, 1)


def test_words_over_a_reply_cut_it_and_are_the_next_turn() -> None:
    machine = speaking()
    play(machine, SpeechStarted(5000), SpeechLasts())
    assert play(machine, Interrupts(2)) == [CutReply(1, "interrupted")]
    assert (machine.state, machine.hold) == (State.HEARING, False)
    assert play(machine, SpeechPaused(6000), Understood(2, 1, "no wait"), SpeechOver(6000)) == [
        SettleEar(2, 1, 6000),
        draft(2, 2, "no wait"),
        CommitPlayer(2, 1, "no wait"),
        ReleaseReply(2),
    ]


def test_words_known_only_in_the_pause_cut_the_reply_too() -> None:
    machine = speaking()
    play(machine, SpeechStarted(5000), SpeechPaused(6000))
    assert play(machine, Understood(2, 1, "stop")) == [
        CutReply(1, "interrupted"),
        draft(2, 2, "stop"),
    ]
    assert machine.state is State.HOLDING


def test_words_known_only_after_the_turns_end_cut_the_reply_and_are_answered() -> None:
    machine = speaking()
    play(machine, SpeechStarted(5000), SpeechPaused(6000), SpeechOver(6000))
    assert machine.state is State.DUCKED
    assert play(machine, Understood(2, 1, "stop")) == [
        CutReply(1, "interrupted"),
        CommitPlayer(2, 1, "stop"),
        StartReply(2, 2, "stop"),
    ]


def test_a_reply_that_ends_meanwhile_leaves_an_ordinary_turn() -> None:
    machine = speaking()
    play(machine, SpeechStarted(5000), ReplyOver(1))
    assert machine.state is State.HEARING
    machine = speaking()
    play(machine, SpeechStarted(5000), SpeechPaused(6000), ReplyOver(1))
    assert machine.state is State.HOLDING
    assert play(machine, Understood(2, 1, "okay", meant=False)) == [CancelEar(2)]
    assert machine.state is State.IDLE


def test_a_reply_that_nothing_but_the_button_stops() -> None:
    machine = TurnMachine("never")
    play(machine, *SPOKEN, ReplyHeard(1))
    assert play(machine, SpeechStarted(5000), SpeechPaused(6000), SpeechOver(6000)) == []
    assert machine.state is State.SPEAKING
    assert play(machine, InterruptAsked()) == [CutReply(1, "stopped")]


def test_a_reply_that_any_speech_stops() -> None:
    machine = TurnMachine("always")
    play(machine, *SPOKEN, ReplyHeard(1))
    assert play(machine, SpeechStarted(5000)) == [CutReply(1, "interrupted"), OpenEar(2, 5000)]
    assert machine.state is State.HEARING


# ---- the game ------------------------------------------------------------------------------------


def test_typing_replaces_what_is_being_said_by_both() -> None:
    machine = TurnMachine()
    play(machine, SpeechStarted(0))
    assert play(machine, Typed("open the door")) == [
        CancelEar(1),
        CommitPlayer(2, 1, "open the door"),
        StartReply(1, 2, "open the door"),
    ]
    assert play(machine, Typed("no, wait")) == [
        CutReply(1, "interrupted"),
        CommitPlayer(3, 1, "no, wait"),
        StartReply(2, 3, "no, wait"),
    ]


def test_the_button_stops_only_the_reply_it_names() -> None:
    machine = speaking()
    assert play(machine, InterruptAsked(7)) == []
    assert play(machine, InterruptAsked(None)) == [CutReply(1, "stopped")]
    assert machine.state is State.IDLE


def test_a_lost_microphone_ends_the_turn_without_words() -> None:
    machine = TurnMachine()
    assert play(machine, SpeechStarted(0), SpeechLost()) == [OpenEar(1, 0), CancelEar(1)]
    assert machine.state is State.IDLE


def test_a_turn_that_the_game_forgets_leaves_nothing() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED, Understood(1, 1, "hello"))
    assert play(machine, TurnForgotten()) == [DropReply(1), CancelEar(1)]
    assert machine.state is State.IDLE


def test_the_game_may_have_the_character_speak_first() -> None:
    machine = TurnMachine()
    assert play(machine, Prompted("Well met.")) == [StartReply(1, 0, line="Well met.")]
    assert play(machine, Prompted("Well met.")) == []


def test_while_the_floor_is_held_answers_wait_and_the_newest_is_given() -> None:
    machine = TurnMachine()
    play(machine, FloorChanged("hold"))
    assert play(machine, *SPOKEN)[-2:] == [CommitPlayer(1, 1, "hello"), CloseEar(1)]
    assert machine.state is State.IDLE
    assert play(machine, Typed("who are you")) == [
        DropReply(1),
        CommitPlayer(2, 1, "who are you"),
    ]
    assert play(machine, FloorChanged("free")) == [StartReply(2, 2, "who are you")]


def test_a_draft_that_waits_for_the_floor_is_released_when_it_is_free() -> None:
    machine = TurnMachine()
    play(machine, FloorChanged("hold"), *SPOKEN)
    assert play(machine, FloorChanged("free")) == [ReleaseReply(1)]


@pytest.mark.parametrize("floor", ["silence", "script"])
def test_in_a_cut_scene_nothing_is_heard_and_nothing_said(floor: str) -> None:
    machine = speaking()
    assert play(machine, FloorChanged(floor)) == [CutReply(1, "floor")]  # type: ignore[arg-type]
    assert play(machine, SpeechStarted(0), SpeechPaused(1), SpeechOver(1)) == []
    answered = [action for action in play(machine, Typed("hi")) if isinstance(action, StartReply)]
    assert bool(answered) == (floor == "script")


def test_in_a_cut_scene_speech_does_not_stop_what_the_game_prompts() -> None:
    for interruptible in ("words", "always"):
        machine = TurnMachine(interruptible)  # type: ignore[arg-type]
        play(machine, FloorChanged("script"), Typed("begin"))
        assert play(machine, SpeechStarted(5000)) == []
        play(machine, ReplyHeard(1))
        assert play(machine, SpeechStarted(9000)) == []
        assert (machine.state, machine.reply) == (State.SPEAKING, 1)


# ---- any order -----------------------------------------------------------------------------------

EVENTS = st.one_of(
    st.builds(SpeechStarted, st.integers(0, 99)),
    st.builds(SpeechLasts),
    st.builds(SpeechPaused, st.integers(0, 99)),
    st.builds(SpeechResumed, st.integers(0, 99)),
    st.builds(SpeechOver, st.integers(0, 99), st.booleans()),
    st.builds(SpeechSettled),
    st.builds(SpeechLost),
    st.builds(
        Understood,
        st.integers(0, 6),
        st.integers(1, 3),
        st.sampled_from(["", "yes", "no"]),
        speculate=st.booleans(),
        meant=st.booleans(),
    ),
    st.builds(Interrupts, st.integers(0, 6)),
    st.builds(TurnForgotten),
    st.builds(Typed, st.just("typed")),
    st.builds(Prompted, st.just("line")),
    st.builds(ReplyHeard, st.integers(0, 6)),
    st.builds(ReplyOver, st.integers(0, 6)),
    st.builds(InterruptAsked, st.sampled_from([None, 1, 2, 3])),
    st.builds(FloorChanged, st.sampled_from(["free", "hold", "silence", "script"])),
)


class Witness:
    """Follows a machine's actions, and knows what must not be."""

    def __init__(self) -> None:
        self.ears: set[int] = set()
        self.settling: set[tuple[int, int]] = set()
        self.wanted: set[int] = set()
        self.drafts: set[int] = set()
        self.committed: list[int] = []

    def see(self, action: Action) -> None:
        """Check one action against all before it."""
        match action:
            case OpenEar(turn, _):
                assert not self.ears, "one ear at a time"
                self.ears.add(turn)
            case SettleEar(turn, rev, _):
                assert turn in self.ears
                assert (turn, rev) not in self.settling, "each guess is asked for once"
                self.settling.add((turn, rev))
            case CloseEar(turn) | CancelEar(turn):
                self.ears.discard(turn)
            case CommitPlayer(turn, _, text):
                assert turn not in self.committed, "words are committed once"
                if text:
                    self.committed.append(turn)
            case ReopenTurn(turn):
                assert self.committed[-1] == turn
                self.committed.pop()
            case StartReply(reply, held=held):
                assert not (self.drafts if held else self.wanted), "one at a time"
                (self.drafts if held else self.wanted).add(reply)
            case ReleaseReply(reply):
                self.drafts.remove(reply)
                self.wanted.add(reply)
            case DropReply(reply):
                self.drafts.remove(reply)
            case CutReply(reply, _):
                self.wanted.remove(reply)


@settings(max_examples=300)
@given(st.sampled_from(["always", "words", "never"]), st.lists(EVENTS, max_size=70))
def test_any_order_of_events_keeps_the_promises(interruptible: str, events: list[Event]) -> None:
    machine, witness = TurnMachine(interruptible), Witness()  # type: ignore[arg-type]
    for event in events:
        before, draft_before = machine.state, machine.draft
        row = TABLE.get((before, type(event)))
        actions = machine.handle(event)
        for action in actions:
            witness.see(action)
        if isinstance(event, ReplyOver):
            witness.wanted.discard(event.reply)
            if event.reply == draft_before:
                witness.drafts.discard(event.reply)
        assert machine.state in (row.to if row else (before,)), "the table says where it leads"
        assert witness.wanted == ({machine.reply} if machine.reply is not None else set())
        if machine.draft is not None:
            assert machine.state is State.HOLDING
            assert machine.draft in witness.drafts
        listening = machine.state in {State.HEARING, State.HOLDING, State.DUCKED}
        assert bool(witness.ears) or not listening
        assert machine.reply is None or machine.state in {
            State.THINKING,
            State.SPEAKING,
            State.DUCKED,
        }
        assert not machine.hold or machine.state is State.DUCKED
        if machine.state is State.THINKING:
            assert machine.reply or machine._reading is None, "somebody is at work"
        if machine.state is State.SPEAKING:
            assert not witness.ears, "an ear that nobody needs is closed"
