"""The character's state as the client gets it."""

from __future__ import annotations

from frametalk.core.actions import ShowState
from frametalk.core.turn import TurnMachine
from frametalk.pipeline.endpoints import Endpoints
from frametalk.pipeline.turn_states import TurnStates
from frametalk.wire.messages import TurnStateChanged
from stages import Stage


def states(*, gestures: bool) -> tuple[TurnStates, Stage, Endpoints]:
    stage = Stage(now=lambda: 2.5)
    endpoints = Endpoints(stage.context)
    return TurnStates(stage.context, TurnMachine(), endpoints, gestures=gestures), stage, endpoints


def test_a_state_is_sent_with_the_servers_time() -> None:
    one, stage, _endpoints = states(gestures=False)
    one.show(ShowState("ducked", 2, 1, paused=True))
    (sent,) = stage.of(TurnStateChanged)
    assert (sent.state, sent.turn, sent.reply, sent.paused, sent.t_us) == (
        "ducked", 2, 1, True, 2_500_000,
    )  # fmt: skip


def test_over_a_reply_more_speech_opens_a_turn() -> None:
    one, stage, endpoints = states(gestures=False)
    one.show(ShowState("speaking", 1, 1))
    assert endpoints.start_ms == stage.context.settings.turns.barge_in_ms
    one.show(ShowState("idle", 1, None))
    assert endpoints.start_ms is None


def test_only_a_character_with_gestures_makes_them() -> None:
    still, stage, _ = states(gestures=False)
    still.gesture("nod")
    assert stage.sent == []
    lively, stage, _ = states(gestures=True)
    lively.gesture("nod")
    assert [(item.state, item.gesture) for item in stage.of(TurnStateChanged)] == [("idle", "nod")]
