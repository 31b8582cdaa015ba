"""A conversation without a link: events go to the turn table, its actions to the stages, in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from frametalk.adapters.llm.fixed import FixedMind
from frametalk.conversation import Conversation
from frametalk.core.dialogue import CharacterSaid, PlayerSaid
from frametalk.core.events import Recognised, SpeechPaused, SpeechStarted, Typed
from frametalk.core.turn_parts import State
from frametalk.errors import FrametalkError
from frametalk.handshake import Languages
from frametalk.pipeline.conduct import PlayerTerms
from frametalk.wire import messages as m
from player import DOOR, OPEN, engines
from stages import Stage

pytestmark = pytest.mark.looptime


class Talk:
    """One conversation and what it sends."""

    def __init__(self, mind: FixedMind | None = None, **hello: Any) -> None:
        self.stage = Stage()
        greeting = m.Hello(**{"protocol": 1, "tools": (OPEN,), **hello})
        self.conversation = Conversation(
            self.stage.context,
            greeting,
            "smith",
            engines(mind or FixedMind("Very well.")),
            Languages("en", "en", "en"),
            PlayerTerms(),
        )

    def take(self, *messages: m.AnyMessage) -> None:
        """The client's messages, one after the other."""
        for message in messages:
            self.conversation.take(message)

    @property
    def states(self) -> list[str]:
        """The states that the client was shown."""
        return [state.state for state in self.stage.of(m.TurnStateChanged)]

    async def close(self) -> None:
        self.conversation.close()
        await self.stage.tasks.close()


@pytest_asyncio.fixture
async def talk() -> AsyncIterator[Talk]:
    one = Talk()
    yield one
    await one.close()


async def test_a_typed_turn_is_committed_and_answered(talk: Talk) -> None:
    talk.take(m.Say(text="open the door"))
    assert talk.states == ["thinking"]
    await asyncio.sleep(0.2)
    assert [item.text for item in talk.stage.of(m.ReplyText)] == ["Very well."]
    talk.take(m.Played(reply=1, sample=320))
    assert talk.states == ["thinking", "speaking"]
    talk.take(m.Interrupt())
    assert talk.states[-1] == "idle"
    assert [cut.reason for cut in talk.stage.of(m.ReplyCut)] == ["stopped"]
    said, answered = talk.conversation.dialogue._entries
    assert said == PlayerSaid(1, "open the door")
    assert isinstance(answered, CharacterSaid)
    assert answered.cut


async def test_a_spoken_turn_is_recognised_drafted_and_discarded_when_it_goes_on(
    talk: Talk,
) -> None:
    talk.take(m.SceneSnapshot(rev=1, entities=(DOOR,)), m.MicStart(stream=1, rate_hz=16_000))
    emit, machine = talk.stage.context.emit, talk.conversation.machine
    emit(SpeechStarted(0))
    assert machine.state is State.HEARING
    emit(SpeechPaused(6_400))
    await asyncio.sleep(0.2)
    emit(Recognised(1, 1, "open the door"))
    assert (machine.state, machine.draft) == (State.HOLDING, 1)
    assert talk.stage.of(m.ReplyBegin) == [], "nothing of a draft is sent"
    emit(Recognised(1, 1, "open the door and the chest", may_draft=False))
    assert machine.draft is None
    assert talk.stage.value("frametalk_drafts_discarded_total") == 1
    assert talk.conversation._draft_budget.discarded_in(1) == 1


async def test_a_tool_that_cannot_be_used_is_reported_and_left_out() -> None:
    talk = Talk(tools=(OPEN, OPEN))
    assert len(talk.conversation.act.specs) == 1
    assert [(error.code, error.ref) for error in talk.stage.of(m.Error)] == [
        ("tool_schema", "hello")
    ]
    await talk.close()


@pytest.mark.parametrize(
    "message",
    [m.FloorSet(mode="hold"), m.TurnHint(turn=1, hint="force"), m.RtcOffer(sdp="v=0")],
    ids=["floor.set", "turn.hint", "rtc.offer"],
)
async def test_parts_of_the_wire_that_were_not_asked_for_are_refused(
    talk: Talk, message: m.AnyMessage
) -> None:
    with pytest.raises(FrametalkError, match="feature_off"):
        talk.take(message)


async def test_features_that_were_asked_for_are_served() -> None:
    talk = Talk(features=("floor",))
    talk.take(m.FloorSet(mode="silence"), m.Say(text="hello"))
    assert talk.states == [], "a silenced character does not answer"
    await talk.close()


@pytest.mark.parametrize(
    ("echo", "hears_itself", "interruptible"),
    [("none", False, "words"), ("duck", True, "words"), ("half_duplex", False, "never")],
)
async def test_the_echo_policy_decides_what_may_interrupt(
    echo: m.EchoPolicy, hears_itself: bool, interruptible: str
) -> None:
    talk = Talk(echo=echo)
    assert (talk.conversation.microphone._echo is not None) == hears_itself
    assert talk.conversation.machine._interruptible == interruptible
    await talk.close()


async def test_closing_leaves_no_timer_and_no_recognition(talk: Talk) -> None:
    talk.take(m.MicStart(stream=1, rate_hz=16_000))
    talk.stage.context.emit(SpeechStarted(0))
    talk.conversation.close()
    assert talk.conversation.microphone._attached is None
    assert len(talk.stage.tasks) == 0


async def test_events_are_logged_at_debug_with_their_words(
    talk: Talk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("frametalk"), "propagate", True)
    with caplog.at_level(logging.DEBUG, logger="frametalk.conversation"):
        talk.stage.context.emit(Typed("open the door"))
    (record,) = [one for one in caplog.records if one.name == "frametalk.conversation"]
    assert record.getMessage().startswith("Typed<3 words>: idle -> thinking, turn 1.1, reply 1:")
    assert "StartReply" in record.getMessage()
    caplog.clear()
    with caplog.at_level(logging.INFO, logger="frametalk"):
        talk.stage.context.emit(Typed("shut the door"))
    assert caplog.records == []
