"""Replies started, released, discarded and cut, and what the client's reports make of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from frametalk.adapters.base import MindRequest, TextDelta, ToolRequest
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.core.actions import CutReply, DiscardDraft, ReleaseDraft, StartReply
from frametalk.core.calls import ToolBook
from frametalk.core.dialogue import CharacterSaid, Dialogue, PlayerSaid
from frametalk.core.draft_budget import DraftBudget
from frametalk.core.events import ReplyFinished, ReplyHeard, SoftStartEnded
from frametalk.core.objective import LatencyObjective
from frametalk.core.scene import Scene
from frametalk.core.tools import ToolSpec
from frametalk.core.turn import TurnMachine
from frametalk.errors import FrametalkError
from frametalk.pipeline.act import Act
from frametalk.pipeline.character import Character
from frametalk.pipeline.clock import ClockSync
from frametalk.pipeline.endpoints import Endpoints
from frametalk.pipeline.replies import Replies
from frametalk.pipeline.requests import MindRequests
from frametalk.pipeline.spoken_turn import SpokenTurn
from frametalk.pipeline.tracing import TurnTraces
from frametalk.pipeline.turn_states import TurnStates
from frametalk.pipeline.world import World
from frametalk.schemas import compile_schema
from frametalk.wire.codec import Media
from frametalk.wire.messages import (
    MicStart,
    Played,
    ReplyBegin,
    ReplyCut,
    ReplyEnd,
    ToolCall,
    ToolCancel,
    Trace,
    TurnStateChanged,
)
from stages import RATE_HZ, Stage, character, conduct

pytestmark = pytest.mark.looptime


class Room:
    """The replies of one character, and a client that plays as far as it is told to."""

    def __init__(self, who: Character) -> None:
        self.stage = stage = Stage()
        context = stage.context
        self.dialogue = Dialogue()
        self.budget = DraftBudget(3, 20)
        scene = Scene(max_entities=10)
        book = ToolBook(compile_schema, ())
        book.declare((ToolSpec("open"),), 10)
        self.act = Act(context, book, scene, self.dialogue)
        nobody: Any = None
        world = World(context, who, scene, self.act, nobody)
        self.replies = Replies(
            context,
            who,
            act=self.act,
            dialogue=self.dialogue,
            requests=MindRequests(
                who, self.dialogue, scene, world, self.act, LatencyObjective(0, ())
            ),
            microphone=stage.microphone(),
            traces=TurnTraces(context, ClockSync(context), self.budget),
            states=TurnStates(context, TurnMachine(), Endpoints(context), gestures=True),
            conduct=conduct(stage, who),
        )

    def start(self, reply: int = 1, *, draft: bool = False, line: str = "") -> None:
        """Answer turn 1, or say a line."""
        action = StartReply(reply, 1, "open the door", draft=draft, line=line)
        self.replies.start(action, SpokenTurn(1, 1, None, RATE_HZ))

    def play(self, samples: int, reply: int = 1, **report: Any) -> None:
        """The client has played so far."""
        self.played = samples
        self.replies.played(Played(reply=reply, sample=samples, **report))

    async def play_out(self, reply: int = 1) -> None:
        """The client plays all that comes, to the end."""
        while not (ends := [end for end in self.stage.of(ReplyEnd) if end.reply == reply]):
            await asyncio.sleep(0.02)
            if frames := [f for f in self.stage.of(Media) if f.stream == reply]:
                self.play(frames[-1].sample + len(frames[-1].payload) // 2, reply)
        self.play(ends[0].samples, reply, done=True)
        await asyncio.sleep(0)

    def history(self) -> list[tuple[str, bool]]:
        """What the character said, and whether it was cut."""
        entries = self.dialogue.history()
        return [(one.text, one.cut) for one in entries if isinstance(one, CharacterSaid)]


@pytest_asyncio.fixture
async def room() -> AsyncIterator[Room]:
    one = Room(character(FixedMind("Very well, friend.")))
    yield one
    await one.stage.tasks.close()
    one.act.close()


async def test_a_reply_is_thought_spoken_played_and_finished(room: Room) -> None:
    room.start()
    await room.play_out()
    await asyncio.sleep(0.1)
    assert room.stage.events == [ReplyHeard(1), SoftStartEnded(1), ReplyFinished(1)]
    assert room.history() == [("Very well, friend.", False)]
    assert [type(item) for item in room.stage.sent][:1] == [ReplyBegin]
    (trace,) = room.stage.of(Trace)
    assert trace.unmeasured == "no speech: the turn was typed"


async def test_a_line_is_said_without_the_mind(room: Room) -> None:
    room.start(line="Well met.")
    await room.play_out()
    assert room.history() == [("Well met.", False)]


async def test_a_released_draft_is_ready_at_once(room: Room) -> None:
    room.start(draft=True)
    await asyncio.sleep(0.5)
    assert room.stage.sent == []
    with pytest.raises(FrametalkError, match="played_unknown_reply"):
        room.play(0)
    room.replies.release(ReleaseDraft(1))
    assert type(room.stage.sent[0]) is ReplyBegin
    await room.play_out()
    (trace,) = room.stage.of(Trace)
    assert trace.ready
    assert room.stage.value("frametalk_drafts_total") == 1


async def test_a_discarded_draft_leaves_nothing(room: Room) -> None:
    room.start(draft=True)
    await asyncio.sleep(0.5)
    room.replies.discard(DiscardDraft(1))
    await asyncio.sleep(0.1)
    assert (room.stage.sent, room.stage.events, room.dialogue.history()) == ([], [], ())
    assert len(room.stage.tasks) == 0
    assert room.stage.value("frametalk_drafts_discarded_total") == 1


async def test_a_cut_reply_flushes_first_and_keeps_what_was_heard(room: Room) -> None:
    room.start()
    await asyncio.sleep(0.2)
    frames = len(room.stage.of(Media))
    room.play(6_400)
    room.replies.cut(CutReply(1, "interrupted"))
    flush, cut = room.stage.sent[-2:]
    assert flush == ("flush", 1)
    assert (cut.reply, cut.at, cut.reason) == (1, 6_400, "interrupted")
    await asyncio.sleep(1)
    assert len(room.stage.of(Media)) == frames
    (said,) = room.history()
    assert said[1]
    assert "Very well, friend.".startswith(said[0])
    assert room.stage.events == [ReplyHeard(1)]
    assert room.stage.value("frametalk_reply_cuts_total") == 1


async def test_a_client_that_stops_by_itself_ends_the_reply_there(room: Room) -> None:
    room.start()
    await asyncio.sleep(0.2)
    frames = len(room.stage.of(Media))
    room.play(6_400, done=True)
    assert room.stage.events[-1] == ReplyFinished(1)
    await asyncio.sleep(10)
    assert (len(room.stage.of(Media)), room.stage.of(ReplyEnd)) == (frames, [])
    assert (room.stage.of(ReplyCut), room.stage.error_codes) == ([], [])
    ((text, cut),) = room.history()
    assert cut
    assert text
    assert text != "Very well, friend."


async def test_a_reply_cut_before_it_began_is_not_announced(room: Room) -> None:
    room.start()
    room.replies.cut(CutReply(1, "interrupted"))
    await asyncio.sleep(0.1)
    assert room.stage.of(ReplyCut) == []
    (trace,) = room.stage.of(Trace)
    assert trace.unmeasured == "the reply was cut before it was heard"


class Opener(FixedMind):
    """Opens the door, then says so."""

    async def think(self, request: MindRequest) -> Any:
        if request.step == 0:
            yield ToolRequest("open", {})
        else:
            yield TextDelta("It is open.")


@pytest.mark.parametrize(("reason", "states"), [("interrupted", ["cancelled"]), ("continued", [])])
async def test_calls_of_a_cut_reply_are_cancelled_or_discarded(
    reason: str, states: list[str]
) -> None:
    room = Room(character(Opener()))
    room.start()
    await asyncio.sleep(0.1)
    (call,) = room.stage.of(ToolCall)
    room.replies.cut(CutReply(1, reason))
    assert [item.call for item in room.stage.of(ToolCancel)] == [call.call]
    assert [outcome.state for outcome in room.dialogue.outcomes(1)] == states
    await room.stage.tasks.close()
    room.act.close()


async def test_underruns_are_counted_once(room: Room) -> None:
    room.start()
    await asyncio.sleep(0.2)
    room.play(160, underruns=2)
    room.play(320, underruns=2)
    assert room.stage.value("frametalk_late_frames_total") == 2


async def test_where_a_reply_ends_is_known_before_the_report_of_it(room: Room) -> None:
    room.start()
    room.replies._microphone.start(MicStart(stream=1, rate_hz=RATE_HZ))
    await asyncio.sleep(0.2)
    room.play(160, mic_sample=10_000)
    assert not room.replies.is_over(1, 1_000_000)  # more of it may come
    while not (ends := room.stage.of(ReplyEnd)):
        await asyncio.sleep(0.02)
        room.play(room.stage.of(Media)[-1].sample, mic_sample=20_000)
    end = 20_000 + ends[0].samples - room.played  # both clocks count 16,000 a second
    assert not room.replies.is_over(1, end - 1)
    assert room.replies.is_over(1, end)


async def test_where_playback_runs_dry_sound_is_sent_further_ahead() -> None:
    room = Room(character(FixedMind("Very well, friend. " * 20)))
    room.start()
    ahead_ms = []
    for underruns in range(4):
        await asyncio.sleep(1)
        ahead_ms.append(len(room.stage.of(Media)) * 20)
        room.play(1, underruns=underruns + 1)
    assert ahead_ms == [400, 820, 1620, 1620]
    await room.stage.tasks.close()
    room.act.close()


async def test_a_client_that_stops_reporting_fails_the_reply(room: Room) -> None:
    room.start()
    await asyncio.sleep(6)
    assert room.stage.error_codes == ["played_missing"]
    assert [cut.reason for cut in room.stage.of(ReplyCut)] == ["failed"]
    assert room.stage.events == [ReplyFinished(1)]


async def test_a_slow_mind_is_bridged_by_a_gesture_and_a_filler() -> None:
    class Slow(FixedMind):
        async def think(self, request: MindRequest) -> Any:
            await asyncio.sleep(3)
            yield TextDelta("At last.")

    room = Room(character(Slow(), gestures=True, filler="Hm.", filler_after_ms=500))
    room.dialogue.commit_player(1, "open the door")
    room.start()
    await room.play_out()
    assert [state.gesture for state in room.stage.of(TurnStateChanged)] == ["think"]
    assert room.history() == [("Hm. At last.", False)]
    assert room.dialogue.history()[0] == PlayerSaid(1, "open the door")
    await room.stage.tasks.close()


async def test_what_a_reply_is_saying_is_known_while_it_sounds(room: Room) -> None:
    assert room.replies.sounding(None) == ""
    room.start()
    await asyncio.sleep(0.2)
    room.play(320)
    assert room.replies.sounding(1) == "Very well, friend."
