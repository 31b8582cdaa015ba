"""The turn table, as transcripts: events -> actions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frametalk.core.actions import (
    Action,
    CancelRecognition,
    CommitTurn,
    CutReply,
    DiscardDraft,
    EndRecognition,
    FinalizeRecognition,
    PauseRecognition,
    ReleaseDraft,
    ReopenTurn,
    ResumeRecognition,
    ShowState,
    StartRecognition,
    StartReply,
)
from frametalk.core.commands import words_of
from frametalk.core.events import (
    BargeIn,
    ContinuationExpired,
    Event,
    FloorChanged,
    Foreseen,
    InterruptRequested,
    Prompted,
    Recognised,
    ReplyFinished,
    ReplyHeard,
    SoftStartEnded,
    SpeechEnded,
    SpeechLost,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    SpeechSustained,
    TurnCancelled,
    Typed,
)
from frametalk.core.turn import TABLE, TurnMachine
from frametalk.core.turn_parts import State


def play(machine: TurnMachine, *events: Event) -> list[Action]:
    """Give the machine all events; return all actions but ShowState."""
    actions = [action for event in events for action in machine.handle(event)]
    return [action for action in actions if not isinstance(action, ShowState)]


def draft(reply: int, turn: int, text: str, rev: int = 1) -> StartReply:
    """The action that starts a draft."""
    return StartReply(reply, turn, text, rev=rev, draft=True)


PAUSED = (SpeechStarted(100), SpeechPaused(900))
SPOKEN = (*PAUSED, Recognised(1, 1, "hello"), SpeechEnded(900))


def speaking() -> TurnMachine:
    """A machine whose reply 1 is heard, beyond its soft start."""
    machine = TurnMachine()
    play(machine, *SPOKEN, ReplyHeard(1), SoftStartEnded(1))
    assert machine.state is State.SPEAKING
    return machine


# ---- a turn and its answer -----------------------------------------------------------------------


def test_a_draft_is_made_in_the_pause_and_released_when_the_turn_has_ended() -> None:
    machine = TurnMachine()
    assert play(machine, *PAUSED) == [StartRecognition(1, 100), FinalizeRecognition(1, 1, 900)]
    assert play(machine, Recognised(1, 1, "hello")) == [draft(1, 1, "hello")]
    assert play(machine, SpeechEnded(900)) == [CommitTurn(1, 1, "hello"), ReleaseDraft(1)]
    assert machine.state is State.THINKING
    assert play(machine, ReplyHeard(1)) == [PauseRecognition(1)]
    assert machine.state is State.SPEAKING
    assert play(machine, SoftStartEnded(1)) == [EndRecognition(1)]
    assert play(machine, ReplyFinished(1)) == []
    assert machine.state is State.IDLE


def test_each_change_of_state_is_shown_once() -> None:
    machine = TurnMachine()
    shown = [
        action.state
        for event in (*SPOKEN, ReplyHeard(1), ReplyFinished(1))
        for action in machine.handle(event)
        if isinstance(action, ShowState)
    ]
    assert shown == ["hearing", "holding", "thinking", "speaking", "idle"]


def test_a_draft_is_discarded_when_the_player_resumes() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED, Recognised(1, 1, "open the door"))
    assert play(machine, SpeechResumed(1200)) == [DiscardDraft(1)]
    assert machine.state is State.HEARING
    assert play(machine, SpeechPaused(2000)) == [FinalizeRecognition(1, 2, 2000)]
    assert play(machine, Recognised(1, 1, "open the door")) == []
    text = "open the door and the chest"
    assert play(machine, Recognised(1, 2, text)) == [draft(2, 1, text, rev=2)]


def test_a_new_draft_is_made_only_if_the_text_changed() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED, Recognised(1, 1, "open the door"))
    assert play(machine, Recognised(1, 1, "open the door")) == []
    assert play(machine, Recognised(1, 1, "open the store")) == [
        DiscardDraft(1),
        draft(2, 1, "open the store"),
    ]


def test_without_a_draft_the_reply_starts_when_the_turn_has_ended() -> None:
    machine = TurnMachine()
    assert play(machine, *PAUSED, Recognised(1, 1, "hello", may_draft=False))[2:] == []
    assert play(machine, SpeechEnded(900)) == [
        CommitTurn(1, 1, "hello"),
        StartReply(1, 1, "hello"),
    ]


def test_the_reply_starts_when_a_slow_recogniser_has_the_text() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED, SpeechEnded(900))
    assert machine.state is State.THINKING
    assert play(machine, Recognised(1, 1, "hello")) == [
        CommitTurn(1, 1, "hello"),
        StartReply(1, 1, "hello"),
    ]


def test_a_turn_without_words_is_not_answered() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED)
    assert play(machine, Recognised(1, 1, ""), SpeechEnded(900)) == [
        CommitTurn(1, 1, ""),
        CancelRecognition(1),
    ]
    assert machine.state is State.IDLE


def test_a_draft_that_failed_is_made_again() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED, Recognised(1, 1, "hello"), ReplyFinished(1))
    assert play(machine, SpeechEnded(900))[-1] == StartReply(2, 1, "hello")


# ---- a turn that continues after its end ---------------------------------------------------------


def test_speech_before_the_reply_is_heard_continues_the_turn() -> None:
    machine = TurnMachine()
    play(machine, *SPOKEN)
    assert play(machine, SpeechStarted(5000)) == [CutReply(1, "continued"), ReopenTurn(1)]
    assert (machine.state, machine.turn) == (State.HEARING, 1)
    assert play(machine, SpeechPaused(6000)) == [FinalizeRecognition(1, 2, 6000)]
    text = "hello and good day"
    assert play(machine, Recognised(1, 2, text), SpeechEnded(6000)) == [
        draft(2, 1, text, rev=2),
        CommitTurn(1, 2, text),
        ReleaseDraft(2),
    ]


def test_a_turn_that_continues_before_its_text_came_gets_one_text() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED, SpeechEnded(900))
    assert play(machine, SpeechStarted(2000)) == []
    assert play(machine, Recognised(1, 1, "hello")) == []
    assert play(machine, SpeechPaused(3000)) == [FinalizeRecognition(1, 2, 3000)]


def test_speech_after_the_continuation_expired_is_a_new_turn() -> None:
    machine = TurnMachine()
    play(machine, *SPOKEN)
    assert play(machine, ContinuationExpired()) == [PauseRecognition(1)]
    assert play(machine, SpeechStarted(90_000)) == [
        CutReply(1, "interrupted"),
        EndRecognition(1),
        StartRecognition(2, 90_000),
    ]


def test_words_that_come_late_are_committed_but_not_answered() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED, SpeechEnded(900), ContinuationExpired(), SpeechStarted(90_000))
    assert play(machine, Recognised(1, 1, "and then")) == [CommitTurn(1, 1, "and then")]
    assert play(machine, Recognised(1, 1, "and then")) == []


def test_a_turn_that_was_forced_to_end_does_not_continue() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED, Recognised(1, 1, "hello"))
    assert EndRecognition(1) in play(machine, SpeechEnded(900, forced=True))
    assert play(machine, SpeechStarted(2000)) == [
        CutReply(1, "interrupted"),
        StartRecognition(2, 2000),
    ]


# ---- the soft start: a turn that continues over its reply's first sound ---------------------------

WHOLE = "hello and good day"


def soft() -> TurnMachine:
    """A machine whose reply 1 begins to be heard, and the player speaks over it."""
    machine = TurnMachine()
    play(machine, *SPOKEN, ReplyHeard(1))
    assert play(machine, SpeechStarted(5000)) == [ResumeRecognition(1, 5000)]
    assert (machine.state, machine.turn, machine.rev) == (State.DUCKED, 1, 2)
    return machine


def test_words_over_the_first_sound_cut_the_reply_and_the_whole_text_is_answered() -> None:
    machine = soft()
    assert play(machine, SpeechSustained(), SpeechPaused(6000)) == [FinalizeRecognition(1, 2, 6000)]
    assert play(machine, Recognised(1, 2, WHOLE), SpeechEnded(6000)) == [
        CutReply(1, "continued"),
        ReopenTurn(1),
        draft(2, 1, WHOLE, rev=2),
        CommitTurn(1, 2, WHOLE),
        ReleaseDraft(2),
    ]
    assert (machine.state, machine.turn) == (State.THINKING, 1)


def test_such_words_cut_the_reply_while_the_player_still_speaks() -> None:
    machine = soft()
    assert play(machine, BargeIn(1)) == [CutReply(1, "continued"), ReopenTurn(1)]
    assert (machine.state, machine.paused, machine.over_reply) == (State.HEARING, False, False)


def test_such_words_that_come_after_the_turns_end_are_answered_at_once() -> None:
    machine = soft()
    play(machine, SpeechPaused(6000), SpeechEnded(6000))
    assert play(machine, Recognised(1, 2, WHOLE)) == [
        CutReply(1, "continued"),
        ReopenTurn(1),
        CommitTurn(1, 2, WHOLE),
        StartReply(2, 1, WHOLE, rev=2),
    ]


def test_a_turn_may_continue_over_each_of_its_replies() -> None:
    machine = soft()
    play(machine, SpeechPaused(6000), Recognised(1, 2, WHOLE), SpeechEnded(6000), ReplyHeard(2))
    assert play(machine, SpeechStarted(9000)) == [ResumeRecognition(1, 9000)]
    assert (machine.turn, machine.rev) == (1, 3)


def test_a_backchannel_over_the_first_sound_lets_the_reply_go_on() -> None:
    machine = soft()
    play(machine, SpeechPaused(6000))
    heard = Recognised(1, 2, "hello okay", is_turn=False)
    assert play(machine, heard) == [PauseRecognition(1)]
    assert (machine.state, machine.reply, machine.turn) == (State.SPEAKING, 1, 1)
    assert play(machine, SpeechStarted(7000)) == [ResumeRecognition(1, 7000)]


def test_a_backchannel_at_the_end_of_the_soft_start_ends_the_recognition() -> None:
    machine = soft()
    play(machine, SpeechPaused(6000), SoftStartEnded(1))
    assert play(machine, Recognised(1, 2, "hello okay", is_turn=False)) == [CancelRecognition(1)]
    assert play(machine, SpeechStarted(7000)) == [StartRecognition(2, 7000)]


def test_a_short_interruption_over_the_first_sound_is_a_turn_of_its_own() -> None:
    machine = soft()
    play(machine, SpeechPaused(6000))
    assert play(machine, Recognised(1, 2, "hello stop", continues=False)) == [
        CutReply(1, "interrupted"),
        EndRecognition(1),
        StartRecognition(2, 5000),
        FinalizeRecognition(2, 1, 6000),
    ]
    assert machine.state is State.HOLDING
    assert play(machine, Recognised(2, 1, "stop"), SpeechEnded(6000)) == [
        draft(2, 2, "stop"),
        CommitTurn(2, 1, "stop"),
        ReleaseDraft(2),
    ]


def test_an_interruption_whose_words_come_late_is_answered_when_its_own_text_is_known() -> None:
    machine = soft()
    play(machine, SpeechPaused(6000), SpeechEnded(6000))
    cut = play(machine, Recognised(1, 2, "hello stop", continues=False))
    assert cut[-1] == FinalizeRecognition(2, 1, 6000)
    assert machine.state is State.THINKING
    assert play(machine, Recognised(2, 1, "stop")) == [
        CommitTurn(2, 1, "stop"),
        StartReply(2, 2, "stop"),
    ]


def test_when_the_reply_ends_before_the_words_come_the_speech_is_a_turn_of_its_own() -> None:
    machine = soft()
    assert play(machine, ReplyFinished(1)) == [EndRecognition(1), StartRecognition(2, 5000)]
    assert machine.state is State.HEARING
    machine = soft()
    assert play(machine, InterruptRequested()) == [
        CutReply(1, "stopped"),
        EndRecognition(1),
        StartRecognition(2, 5000),
    ]


def test_a_slow_reply_can_be_continued_over_though_speech_before_it_was_a_new_turn() -> None:
    machine = TurnMachine()
    play(machine, *SPOKEN, ContinuationExpired())
    assert play(machine, ReplyHeard(1)) == []
    assert play(machine, SpeechStarted(90_000)) == [ResumeRecognition(1, 90_000)]


def test_with_interruptible_always_speech_over_the_first_sound_continues_the_turn() -> None:
    machine = TurnMachine("always")
    play(machine, *SPOKEN, ReplyHeard(1))
    assert play(machine, SpeechStarted(5000)) == [
        CutReply(1, "continued"),
        ReopenTurn(1),
        ResumeRecognition(1, 5000),
    ]
    assert machine.state is State.HEARING


@pytest.mark.parametrize("end", [{"forced": True}, {}])
def test_without_a_soft_start_recognition_ends_when_the_reply_is_heard(
    end: dict[str, bool],
) -> None:
    machine = TurnMachine(soft_start=bool(end))
    actions = play(machine, *PAUSED, Recognised(1, 1, "hello"), SpeechEnded(900, **end))
    assert EndRecognition(1) in [*actions, *play(machine, ReplyHeard(1))]
    assert play(machine, SpeechStarted(5000)) == [StartRecognition(2, 5000)]


def test_a_lost_microphone_ends_the_soft_start() -> None:
    machine = TurnMachine()
    play(machine, *SPOKEN, ReplyHeard(1))
    assert play(machine, SpeechLost()) == [EndRecognition(1)]
    machine = soft()
    assert play(machine, SpeechLost()) == [CancelRecognition(1)]
    assert (machine.state, machine.reply) == (State.SPEAKING, 1)


# ---- sound over a reply --------------------------------------------------------------------------


def test_a_cough_ducks_the_reply_until_it_is_classified() -> None:
    machine = speaking()
    assert play(machine, SpeechStarted(5000)) == [StartRecognition(2, 5000)]
    assert machine.state is State.DUCKED
    assert play(machine, SpeechPaused(6000)) == [FinalizeRecognition(2, 1, 6000)]
    assert play(machine, Recognised(2, 1, "uh", is_turn=False)) == [CancelRecognition(2)]
    assert (machine.state, machine.reply) == (State.SPEAKING, 1)


def test_sustained_speech_pauses_the_reply_and_a_backchannel_resumes_it() -> None:
    machine = speaking()
    play(machine, SpeechStarted(5000))
    assert machine.handle(SpeechSustained()) == [ShowState("ducked", 2, 1, paused=True)]
    play(machine, SpeechPaused(6000))
    shown = machine.handle(Recognised(2, 1, "okay right", is_turn=False))
    assert shown[-1] == ShowState("speaking", 2, 1)


def test_a_barge_in_cuts_the_reply_and_is_the_next_turn() -> None:
    machine = speaking()
    play(machine, SpeechStarted(5000), SpeechSustained())
    assert play(machine, BargeIn(2)) == [CutReply(1, "interrupted")]
    assert (machine.state, machine.paused) == (State.HEARING, False)
    assert play(machine, SpeechPaused(6000), Recognised(2, 1, "no wait"), SpeechEnded(6000)) == [
        FinalizeRecognition(2, 1, 6000),
        draft(2, 2, "no wait"),
        CommitTurn(2, 1, "no wait"),
        ReleaseDraft(2),
    ]


def test_words_that_come_in_the_pause_cut_the_reply_too() -> None:
    machine = speaking()
    play(machine, SpeechStarted(5000), SpeechPaused(6000))
    assert play(machine, Recognised(2, 1, "stop")) == [
        CutReply(1, "interrupted"),
        draft(2, 2, "stop"),
    ]
    assert machine.state is State.HOLDING


def test_words_that_come_after_the_turns_end_cut_the_reply_and_are_answered() -> None:
    machine = speaking()
    play(machine, SpeechStarted(5000), SpeechPaused(6000), SpeechEnded(6000))
    assert machine.state is State.DUCKED
    assert play(machine, Recognised(2, 1, "stop")) == [
        CutReply(1, "interrupted"),
        CommitTurn(2, 1, "stop"),
        StartReply(2, 2, "stop"),
    ]


def test_when_the_ducked_reply_ends_the_turn_is_an_ordinary_one() -> None:
    machine = speaking()
    play(machine, SpeechStarted(5000), ReplyFinished(1))
    assert machine.state is State.HEARING
    machine = speaking()
    play(machine, SpeechStarted(5000), SpeechPaused(6000), ReplyFinished(1))
    assert machine.state is State.HOLDING
    assert play(machine, Recognised(2, 1, "okay", is_turn=False)) == [CancelRecognition(2)]
    assert machine.state is State.IDLE


def test_with_interruptible_never_only_the_button_cuts_the_reply() -> None:
    machine = TurnMachine("never")
    play(machine, *SPOKEN, ReplyHeard(1))
    assert play(machine, SpeechStarted(5000), SpeechPaused(6000), SpeechEnded(6000)) == []
    assert machine.state is State.SPEAKING
    assert play(machine, InterruptRequested()) == [CutReply(1, "stopped")]


def test_with_interruptible_always_any_speech_cuts_the_reply() -> None:
    machine = TurnMachine("always")
    play(machine, *SPOKEN, ReplyHeard(1), SoftStartEnded(1))
    assert play(machine, SpeechStarted(5000)) == [
        CutReply(1, "interrupted"),
        StartRecognition(2, 5000),
    ]
    assert machine.state is State.HEARING


# ---- the game ------------------------------------------------------------------------------------


def test_a_typed_turn_replaces_the_spoken_one_and_cuts_the_reply() -> None:
    machine = TurnMachine()
    play(machine, SpeechStarted(0))
    assert play(machine, Typed("open the door")) == [
        CancelRecognition(1),
        CommitTurn(2, 1, "open the door"),
        StartReply(1, 2, "open the door"),
    ]
    assert play(machine, Typed("no, wait")) == [
        CutReply(1, "interrupted"),
        CommitTurn(3, 1, "no, wait"),
        StartReply(2, 3, "no, wait"),
    ]


def test_the_button_cuts_only_the_reply_it_names() -> None:
    machine = speaking()
    assert play(machine, InterruptRequested(7)) == []
    assert play(machine, InterruptRequested(None)) == [CutReply(1, "stopped")]
    assert machine.state is State.IDLE


def test_a_lost_microphone_cancels_the_turn() -> None:
    machine = TurnMachine()
    assert play(machine, SpeechStarted(0), SpeechLost()) == [
        StartRecognition(1, 0),
        CancelRecognition(1),
    ]
    assert machine.state is State.IDLE


def test_a_turn_that_the_game_cancels_leaves_nothing() -> None:
    machine = TurnMachine()
    play(machine, *PAUSED, Recognised(1, 1, "hello"))
    assert play(machine, TurnCancelled()) == [DiscardDraft(1), CancelRecognition(1)]
    assert machine.state is State.IDLE


def test_the_game_can_prompt_a_line() -> None:
    machine = TurnMachine()
    assert play(machine, Prompted("Well met.")) == [StartReply(1, 0, line="Well met.")]
    assert play(machine, Prompted("Well met.")) == []


def test_with_the_floor_on_hold_only_the_newest_answer_is_kept() -> None:
    machine = TurnMachine()
    play(machine, FloorChanged("hold"))
    assert play(machine, *SPOKEN)[-2:] == [CommitTurn(1, 1, "hello"), EndRecognition(1)]
    assert machine.state is State.IDLE
    assert play(machine, Typed("who are you")) == [
        DiscardDraft(1),
        CommitTurn(2, 1, "who are you"),
    ]
    assert play(machine, FloorChanged("free")) == [StartReply(2, 2, "who are you")]


def test_a_draft_held_for_the_floor_is_released_when_it_is_free() -> None:
    machine = TurnMachine()
    play(machine, FloorChanged("hold"), *SPOKEN)
    assert play(machine, FloorChanged("free")) == [ReleaseDraft(1)]


@pytest.mark.parametrize("floor", ["silence", "script"])
def test_in_a_cut_scene_speech_is_ignored_and_the_reply_is_cut(floor: str) -> None:
    machine = speaking()
    assert play(machine, FloorChanged(floor)) == [CutReply(1, "floor")]  # type: ignore[arg-type]
    assert play(machine, SpeechStarted(0), SpeechPaused(1), SpeechEnded(1)) == []
    replies = [action for action in play(machine, Typed("hi")) if isinstance(action, StartReply)]
    assert bool(replies) == (floor == "script")


def test_in_a_cut_scene_speech_does_not_cut_a_scripted_reply() -> None:
    for interruptible in ("words", "always"):
        machine = TurnMachine(interruptible)  # type: ignore[arg-type]
        play(machine, FloorChanged("script"), Typed("begin"))
        assert play(machine, SpeechStarted(5000)) == []
        play(machine, ReplyHeard(1))
        assert play(machine, SpeechStarted(9000)) == []
        assert (machine.state, machine.reply) == (State.SPEAKING, 1)


# ---- before the player's pause ------------------------------------------------------------------


def test_a_draft_of_foreseen_words_is_kept_when_they_come() -> None:
    machine = TurnMachine()
    play(machine, SpeechStarted(100))
    assert play(machine, Foreseen(1, 1, "open the door")) == [draft(1, 1, "open the door")]
    assert play(machine, Foreseen(1, 1, "open the door")) == []
    assert play(machine, SpeechPaused(900)) == [FinalizeRecognition(1, 1, 900)]
    assert play(machine, Recognised(1, 1, "Open the door.")) == []
    assert play(machine, SpeechEnded(900)) == [
        CommitTurn(1, 1, "Open the door."),
        ReleaseDraft(1),
    ]


def test_a_draft_of_other_words_than_those_that_come_is_discarded() -> None:
    machine = TurnMachine()
    play(machine, SpeechStarted(100), Foreseen(1, 1, "open the door"), SpeechPaused(900))
    text = "open the door and the chest"
    assert play(machine, Recognised(1, 1, text)) == [DiscardDraft(1), draft(2, 1, text)]


def test_a_foreseen_draft_is_discarded_when_its_words_are_no_longer_expected() -> None:
    machine = TurnMachine()
    play(machine, SpeechStarted(100), Foreseen(1, 1, "open the door"))
    assert play(machine, Foreseen(1, 1, "")) == [DiscardDraft(1)]
    assert play(machine, Foreseen(1, 1, "open the store")) == [draft(2, 1, "open the store")]
    assert play(machine, Foreseen(1, 2, "other")) == [], "of another revision"


@pytest.mark.parametrize(("text", "is_kept"), [("hello", True), ("hello there", False)])
def test_words_that_come_after_the_turns_end_keep_only_a_draft_of_them(
    text: str, is_kept: bool
) -> None:
    machine = TurnMachine()
    play(machine, SpeechStarted(100), Foreseen(1, 1, "hello"), SpeechEnded(900))
    actions = play(machine, Recognised(1, 1, text))
    answer = [ReleaseDraft(1)] if is_kept else [StartReply(2, 1, text)]
    assert [each for each in actions if not isinstance(each, DiscardDraft)] == [
        CommitTurn(1, 1, text),
        *answer,
    ]


def test_a_foreseen_draft_that_failed_is_made_again() -> None:
    machine = TurnMachine()
    play(machine, SpeechStarted(100), Foreseen(1, 1, "hello"), ReplyFinished(1), SpeechPaused(900))
    assert play(machine, Recognised(1, 1, "hello")) == [draft(2, 1, "hello")]


def test_speech_that_goes_on_before_the_words_came_discards_the_draft() -> None:
    machine = TurnMachine()
    play(machine, SpeechStarted(100), Foreseen(1, 1, "hello"), SpeechEnded(900))
    assert DiscardDraft(1) in play(machine, SpeechStarted(1_200))


# ---- any order -----------------------------------------------------------------------------------

EVENTS = st.one_of(
    st.builds(SpeechStarted, st.integers(0, 99)),
    st.builds(SpeechSustained),
    st.builds(SpeechPaused, st.integers(0, 99)),
    st.builds(SpeechResumed, st.integers(0, 99)),
    st.builds(SpeechEnded, st.integers(0, 99), st.booleans()),
    st.builds(ContinuationExpired),
    st.builds(SpeechLost),
    st.builds(
        Recognised,
        st.integers(0, 6),
        st.integers(1, 3),
        st.sampled_from(["", "yes", "no"]),
        may_draft=st.booleans(),
        is_turn=st.booleans(),
        continues=st.booleans(),
    ),
    st.builds(
        Foreseen, st.integers(0, 6), st.integers(1, 3), st.sampled_from(["", "yes", "Yes.", "no"])
    ),
    st.builds(BargeIn, st.integers(0, 6), st.booleans()),
    st.builds(TurnCancelled),
    st.builds(Typed, st.just("typed")),
    st.builds(Prompted, st.just("line")),
    st.builds(ReplyHeard, st.integers(0, 6)),
    st.builds(SoftStartEnded, st.integers(0, 6)),
    st.builds(ReplyFinished, st.integers(0, 6)),
    st.builds(InterruptRequested, st.sampled_from([None, 1, 2, 3])),
    st.builds(FloorChanged, st.sampled_from(["free", "hold", "silence", "script"])),
)


class ActionChecker:
    """Follows the actions of a machine and asserts that they fit those before."""

    def __init__(self) -> None:
        self.recognising: set[int] = set()
        self.paused: set[int] = set()
        self.finalized: set[tuple[int, int]] = set()
        self.replies: set[int] = set()
        self.drafts: set[int] = set()
        self.committed: list[int] = []
        self.text = ""  # committed last
        self.drafted: dict[int, str] = {}

    def check(self, action: Action) -> None:
        """Check one action against all before it."""
        match action:
            case StartRecognition(turn, _):
                assert not self.recognising, "one recognition at a time"
                self.recognising.add(turn)
            case FinalizeRecognition(turn, rev, _):
                assert turn in self.recognising - self.paused
                assert (turn, rev) not in self.finalized, "each revision is finalized once"
                self.finalized.add((turn, rev))
            case EndRecognition(turn) | CancelRecognition(turn):
                self.recognising.discard(turn)
                self.paused.discard(turn)
            case PauseRecognition(turn):
                assert turn in self.recognising - self.paused
                self.paused.add(turn)
            case ResumeRecognition(turn, _):
                self.paused.remove(turn)
            case CommitTurn(turn, _, text):
                assert turn not in self.committed, "words are committed once"
                if text:
                    self.committed.append(turn)
                    self.text = text
            case ReopenTurn(turn):
                assert self.committed[-1] == turn
                self.committed.pop()
            case StartReply(reply, _, text, draft=draft):
                self.drafted[reply] = text
                assert not (self.drafts if draft else self.replies), "one at a time"
                (self.drafts if draft else self.replies).add(reply)
            case ReleaseDraft(reply):
                assert words_of(self.drafted[reply]) == words_of(self.text), (
                    "an answer to the words"
                )
                self.drafts.remove(reply)
                self.replies.add(reply)
            case DiscardDraft(reply):
                self.drafts.remove(reply)
            case CutReply(reply, _):
                self.replies.remove(reply)


@settings(max_examples=300)
@given(st.sampled_from(["always", "words", "never"]), st.booleans(), st.lists(EVENTS, max_size=70))
def test_the_rules_are_kept_in_any_order_of_events(
    interruptible: str, soft_start: bool, events: list[Event]
) -> None:
    machine = TurnMachine(interruptible, soft_start=soft_start)  # type: ignore[arg-type]
    checker = ActionChecker()
    for event in events:
        before, draft_before = machine.state, machine.draft
        row = TABLE.get((before, type(event)))
        actions = machine.handle(event)
        for action in actions:
            checker.check(action)
        if isinstance(event, ReplyFinished):
            checker.replies.discard(event.reply)
            if event.reply == draft_before:
                checker.drafts.discard(event.reply)
        assert machine.state in (row.to if row else (before,)), "the table lists the next states"
        assert checker.replies == ({machine.reply} if machine.reply is not None else set())
        if machine.draft is not None:
            # That of foreseen words is made before the pause, and waits for the words after it.
            early = {State.HEARING, State.THINKING} if machine._foreseen is not None else set()
            assert machine.state in {State.HOLDING, *early}
            assert machine.draft in checker.drafts
        listening = machine.state in {State.HEARING, State.HOLDING, State.DUCKED}
        assert bool(checker.recognising) or not listening
        assert machine.reply is None or machine.state in {
            State.THINKING,
            State.SPEAKING,
            State.DUCKED,
        }
        assert not machine.paused or machine.state is State.DUCKED
        if machine.state is State.THINKING:
            assert machine.reply or machine._reading is None, "a reply or a text is under way"
        if machine.state is State.SPEAKING:
            assert checker.recognising == checker.paused, "no sound is fed while the reply is heard"
            assert soft_start or not checker.recognising
