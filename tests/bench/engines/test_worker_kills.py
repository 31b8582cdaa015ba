"""Failures of sessions are charged to the kills that caused them."""

from __future__ import annotations

from frametalk.bench.engines.worker_kills import Failure, Kill, charge, failures
from frametalk.headless.actor import StepResult
from frametalk.headless.results import SimulationResult
from frametalk.headless.scenario import Step
from frametalk.headless.turns import Turn

MUTE = "unlock the chest: no reply was heard"


def session(
    *, second_step: str = "", elsewhere: str = "", heard: str = "It is."
) -> SimulationResult:
    """Two turns, from 10 s to 14 s and from 14 s to 19 s."""
    said = [Step(say="who are you"), Step(say="unlock the chest")]
    steps = [
        StepResult(1, said[0], "player", 10.0, 1.0),
        StepResult(2, Step(wait_reply=True), "player", 11.0, 3.0, second_step),
        StepResult(3, said[1], "player", 14.0, 1.0),
        StepResult(4, Step(wait_reply=True), "player", 15.0, 4.0),
    ]
    turns = [
        Turn(player="player", turn=1, said="who are you", heard_text="The smith."),
        Turn(player="player", turn=2, said="unlock the chest", heard_text=heard),
    ]
    texts = [f"killed.toml, step 2: {second_step}"] if second_step else []
    texts += [elsewhere] if elsewhere else []
    return SimulationResult("killed", texts, turns, steps=steps)


def test_a_session_without_problems_has_no_failures() -> None:
    assert list(failures(session())) == []


def test_a_failure_has_the_span_of_its_turn_or_else_of_the_session() -> None:
    assert list(failures(session(second_step="no reply began"))) == [
        Failure(10.0, 14.0, "who are you: no reply began")
    ]
    assert list(failures(session(heard=""))) == [Failure(14.0, 19.0, MUTE)]
    error = "player: error worker_lost: espeak ended"
    assert list(failures(session(elsewhere=error))) == [Failure(10.0, 19.0, error)]


def test_a_session_that_never_began_fails_from_time_zero() -> None:
    (failure,) = failures(SimulationResult("killed", ["player: cannot join"]))
    assert failure.began_s == 0.0
    assert failure.text == "player: cannot join"


def test_a_failure_is_charged_to_the_kills_in_its_span_or_to_the_last_before() -> None:
    kills = [Kill("espeak", at_s, ready_s=0.3) for at_s in (9.0, 12.0, 13.0, 17.0)]
    charge(kills, [Failure(10.0, 14.0, "mute"), Failure(14.0, 16.0, "late")])
    assert [kill.cost for kill in kills] == [[], ["mute"], ["mute", "late"], []]
    assert [kill.survived for kill in kills] == [True, False, False, True]


def test_a_kill_after_which_no_worker_came_is_not_survived() -> None:
    assert not Kill("espeak", 1.0).survived
