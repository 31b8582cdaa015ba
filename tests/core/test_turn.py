"""The turn table, read as transcripts: what happens -> what is done."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from frametalk.core.actions import (
    Action,
    CancelEar,
    CommitPlayer,
    CutReply,
    FinishEar,
    OpenEar,
    ShowState,
    StartReply,
)
from frametalk.core.events import (
    Event,
    InterruptAsked,
    Prompted,
    Recognised,
    ReplyHeard,
    ReplyOver,
    SpeechLost,
    SpeechOver,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    Typed,
)
from frametalk.core.turn import State, TurnMachine


def play(machine: TurnMachine, *events: Event) -> list[Action]:
    """Give the machine all events; return all actions but the state shown to the client."""
    actions = [action for event in events for action in machine.handle(event)]
    return [action for action in actions if not isinstance(action, ShowState)]


SPOKEN = (SpeechStarted(100), SpeechPaused(900), SpeechOver(900))


def test_a_spoken_turn_is_heard_committed_and_answered() -> None:
    machine = TurnMachine()
    assert play(machine, *SPOKEN, Recognised(1, "hello")) == [
        OpenEar(1, 100),
        FinishEar(1, 900),
        CommitPlayer(1, "hello"),
        StartReply(1, 1, "hello"),
    ]
    assert machine.state is State.THINKING
    assert play(machine, ReplyHeard(1)) == []
    assert machine.state is State.SPEAKING
    play(machine, ReplyOver(1))
    assert machine.state is State.IDLE


def test_each_change_of_state_is_shown_once() -> None:
    machine = TurnMachine()
    shown = [
        action.state
        for event in (*SPOKEN, Recognised(1, "hi"), ReplyHeard(1), ReplyOver(1))
        for action in machine.handle(event)
        if isinstance(action, ShowState)
    ]
    assert shown == ["hearing", "holding", "thinking", "thinking", "speaking", "idle"]


def test_a_pause_inside_a_turn_does_not_end_it() -> None:
    machine = TurnMachine()
    play(machine, SpeechStarted(0), SpeechPaused(500), SpeechResumed(800))
    assert machine.state is State.HEARING
    assert machine.turn == 1


def test_what_was_not_understood_is_no_turn() -> None:
    machine = TurnMachine()
    assert play(machine, *SPOKEN, Recognised(1, "")) == [OpenEar(1, 100), FinishEar(1, 900)]
    assert machine.state is State.IDLE


def test_speech_over_a_reply_cuts_it_first() -> None:
    machine = TurnMachine()
    play(machine, *SPOKEN, Recognised(1, "hi"), ReplyHeard(1))
    assert play(machine, SpeechStarted(5000)) == [CutReply(1, "interrupted"), OpenEar(2, 5000)]
    assert machine.state is State.HEARING
    assert play(machine, ReplyOver(1)) == []
    assert machine.state is State.HEARING


def test_speech_before_the_reply_is_heard_withdraws_it() -> None:
    machine = TurnMachine()
    play(machine, *SPOKEN, Recognised(1, "hi"))
    assert play(machine, SpeechStarted(5000)) == [CutReply(1, "interrupted"), OpenEar(2, 5000)]


def test_words_that_are_recognised_late_still_count_but_are_not_answered() -> None:
    machine = TurnMachine()
    play(machine, *SPOKEN, SpeechStarted(2000))
    assert play(machine, Recognised(1, "and then")) == [CommitPlayer(1, "and then")]
    assert play(machine, Recognised(1, "and then")) == []


def test_half_duplex_does_not_listen_over_a_reply() -> None:
    machine = TurnMachine(half_duplex=True)
    play(machine, *SPOKEN, Recognised(1, "hi"), ReplyHeard(1))
    assert play(machine, SpeechStarted(5000), SpeechPaused(6000), SpeechOver(6000)) == []
    assert machine.state is State.SPEAKING


def test_typing_replaces_what_is_being_said_by_both() -> None:
    machine = TurnMachine()
    play(machine, SpeechStarted(0))
    assert play(machine, Typed("open the door")) == [
        CancelEar(1),
        CommitPlayer(2, "open the door"),
        StartReply(1, 2, "open the door"),
    ]
    assert play(machine, Typed("no, wait")) == [
        CutReply(1, "interrupted"),
        CommitPlayer(3, "no, wait"),
        StartReply(2, 3, "no, wait"),
    ]


def test_the_button_stops_only_the_reply_it_names() -> None:
    machine = TurnMachine()
    play(machine, *SPOKEN, Recognised(1, "hi"), ReplyHeard(1))
    assert play(machine, InterruptAsked(7)) == []
    assert play(machine, InterruptAsked(None)) == [CutReply(1, "stopped")]
    assert machine.state is State.IDLE


def test_a_lost_microphone_ends_the_turn_without_words() -> None:
    machine = TurnMachine()
    assert play(machine, SpeechStarted(0), SpeechLost()) == [OpenEar(1, 0), CancelEar(1)]
    assert machine.state is State.IDLE


def test_the_game_may_have_the_character_speak_first() -> None:
    machine = TurnMachine()
    assert play(machine, Prompted("Well met.")) == [StartReply(1, 0, line="Well met.")]
    assert play(machine, Prompted("Well met.")) == []


EVENTS = st.one_of(
    st.builds(SpeechStarted, st.integers(0, 99)),
    st.builds(SpeechPaused, st.integers(0, 99)),
    st.builds(SpeechResumed, st.integers(0, 99)),
    st.builds(SpeechOver, st.integers(0, 99)),
    st.builds(SpeechLost),
    st.builds(Recognised, st.integers(0, 6), st.sampled_from(["", "yes"])),
    st.builds(Typed, st.just("typed")),
    st.builds(Prompted, st.just("line")),
    st.builds(ReplyHeard, st.integers(0, 6)),
    st.builds(ReplyOver, st.integers(0, 6)),
    st.builds(InterruptAsked, st.sampled_from([None, 1, 2, 3])),
)


@given(st.booleans(), st.lists(EVENTS, max_size=60))
def test_any_order_of_events_keeps_the_promises(half_duplex: bool, events: list[Event]) -> None:
    machine = TurnMachine(half_duplex=half_duplex)
    ears: set[int] = set()
    active: set[int] = set()
    committed: list[int] = []
    for event in events:
        for action in machine.handle(event):
            match action:
                case OpenEar(turn, _):
                    assert not ears, "one ear at a time"
                    ears.add(turn)
                case FinishEar(turn, _) | CancelEar(turn):
                    assert turn in ears
                    ears.discard(turn)
                case CommitPlayer(turn, text):
                    assert text
                    assert turn not in committed, "words are committed once"
                    committed.append(turn)
                case StartReply(reply):
                    assert not active, "one reply at a time"
                    active.add(reply)
                case CutReply(reply, _):
                    assert reply in active, "only a reply that is wanted is cut, and once"
                    active.discard(reply)
                case ShowState(state, turn, reply):
                    assert (state, turn, reply) == (machine.state, machine.turn, machine.reply)
        if isinstance(event, ReplyOver) and event.reply != machine.reply:
            active.discard(event.reply)
        assert active == ({machine.reply} if machine.reply is not None else set())
        assert bool(ears) == (machine.state in {State.HEARING, State.HOLDING})
        assert (machine.reply is None) or machine.state in {State.THINKING, State.SPEAKING}
