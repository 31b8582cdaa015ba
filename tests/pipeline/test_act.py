"""Tool calls between a mind and a game: proposed, sent, due, answered, cancelled, discarded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from frametalk.adapters.base import ToolRequest
from frametalk.config import FrametalkSettings, ReplySettings
from frametalk.core.actions import StartReply
from frametalk.core.calls import ToolBook
from frametalk.core.dialogue import Dialogue
from frametalk.core.scene import Entity, Scene
from frametalk.core.tools import ToolSpec
from frametalk.pipeline.act import Act
from frametalk.pipeline.reply import Reply
from frametalk.schemas import compile_schema
from frametalk.wire.messages import ToolAck, ToolCall, ToolCancel, ToolResult
from stages import Stage

pytestmark = pytest.mark.looptime

OPEN = ToolSpec("open", deadline_ms=1_000)
LOOK = ToolSpec("look", changes_world=False, deadline_ms=1_000)


class Game:
    """An acting stage with two tools, and a reply whose mind calls them."""

    def __init__(self) -> None:
        self.stage = Stage(FrametalkSettings(reply=ReplySettings(max_calls=3)))
        self.dialogue = Dialogue()
        scene = self.scene = Scene(max_entities=10)
        scene.snapshot(1, (Entity("door", "red door"),))
        book = ToolBook(compile_schema, ())
        assert book.declare((OPEN, LOOK), 10) == []
        self.act = Act(self.stage.context, book, scene, self.dialogue)
        self.reply = self.stage.reply()

    def draft(self) -> Reply:
        """A reply that has not been released."""
        self.dialogue.begin_draft(2, 4, "open the door")
        return self.stage.reply(StartReply(4, 2, draft=True))

    def call(self, name: str, reply: Reply | None = None, *, send: bool = True) -> int:
        """Propose a call and send it for sample 0."""
        reply = reply or self.reply
        call = self.act.propose(ToolRequest(name, {}), reply)
        assert call is not None
        if send:
            self.act.send(call, reply, 0)
        return call

    def outcomes(self) -> list[tuple[str, str]]:
        """Names and states of the calls that the dialogue knows."""
        return [(one.name, one.state) for one in self.dialogue.outcomes(2, 4)]


@pytest_asyncio.fixture
async def game() -> AsyncIterator[Game]:
    one = Game()
    yield one
    one.act.close()


async def test_a_gaze_finds_the_one_entity_that_is_named(game: Game) -> None:
    named = ("door", "red_door", "the_red_door", "moon", "you")
    assert [game.act.entity_named(words) for words in named] == [
        *("door", "door", "door", "moon", "you")
    ]
    game.scene.patch(1, 2, put=(Entity("door_2", "red door"), Entity("p1", "Ann", "player")))
    assert game.act.entity_named("red_door") == "red_door"
    assert game.act.entity_named("you") == "p1"


async def test_a_call_goes_to_the_game_and_its_outcome_to_the_dialogue(game: Game) -> None:
    call = game.call("open")
    (sent,) = game.stage.of(ToolCall)
    assert (sent.call, sent.name, sent.scene_rev, sent.turn, sent.reply) == (call, "open", 1, 2, 3)
    game.act.ack(ToolAck(call=call))
    game.act.result(ToolResult(call=call, ok=True))
    await game.act.finished([call])
    assert game.outcomes() == [("open", "done")]
    assert len(game.act) == 0


async def test_an_unknown_tool_is_refused_before_it_leaves(game: Game) -> None:
    assert game.act.propose(ToolRequest("fly", {}), game.reply) is None
    assert (game.stage.sent, [name for name, _state in game.outcomes()]) == ([], ["fly"])


async def test_calls_beyond_the_limit_of_a_reply_are_refused(game: Game) -> None:
    for _ in range(3):
        game.call("open")
    assert game.act.propose(ToolRequest("open", {}), game.reply) is None
    assert len(game.stage.of(ToolCall)) == 3


async def test_the_duration_of_a_call_is_counted(game: Game) -> None:
    call = game.call("open")
    await asyncio.sleep(0.3)
    game.act.result(ToolResult(call=call, ok=True))
    assert game.stage.value("frametalk_tool_seconds_sum") == pytest.approx(0.3, abs=0.01)
    assert game.stage.value("frametalk_tool_calls_total", state="done") == 1
    assert game.stage.value("frametalk_step_seconds_count", step="tool_call") == 1


async def test_a_refused_call_has_no_duration(game: Game) -> None:
    game.act.propose(ToolRequest("fly", {}), game.reply)
    assert game.stage.value("frametalk_tool_seconds_count") == 0


async def test_a_call_without_an_answer_is_cancelled_at_its_deadline(game: Game) -> None:
    call = game.call("open")
    await game.act.finished([call])
    assert [item.call for item in game.stage.of(ToolCancel)] == [call]
    assert game.outcomes() == [("open", "timed_out")]


async def test_time_runs_from_the_sample_at_which_the_call_is_due(game: Game) -> None:
    call = game.act.propose(ToolRequest("open", {}), game.reply)
    assert call is not None
    game.act.send(call, game.reply, 16_000)  # a second of sound before it
    await asyncio.sleep(60)  # the game is paused
    assert game.stage.of(ToolCancel) == []
    game.act.reached(game.reply.id, 16_000)
    await asyncio.sleep(1.1)
    assert len(game.stage.of(ToolCancel)) == 1


async def test_a_cut_cancels_calls_that_the_game_has_not_begun(game: Game) -> None:
    begun, waiting = game.call("open"), game.call("open")
    game.act.ack(ToolAck(call=begun))
    game.act.cancel_pending(game.reply.id)
    assert [item.call for item in game.stage.of(ToolCancel)] == [waiting]
    assert game.outcomes() == [("open", "cancelled")]
    game.act.result(ToolResult(call=begun, ok=True))
    assert game.outcomes() == [("open", "cancelled"), ("open", "done")]


async def test_a_continued_turn_removes_such_calls_without_an_outcome(game: Game) -> None:
    call = game.call("open")
    game.act.discard_pending(game.reply.id)
    assert [item.call for item in game.stage.of(ToolCancel)] == [call]
    assert (game.outcomes(), len(game.act)) == ([], 0)


async def test_a_draft_sends_only_calls_that_change_nothing(game: Game) -> None:
    draft = game.draft()
    game.call("open", draft, send=False)
    look = game.call("look", draft, send=False)
    assert [(item.call, item.reply) for item in game.stage.of(ToolCall)] == [(look, None)]


async def test_a_discarded_draft_leaves_no_call(game: Game) -> None:
    draft = game.draft()
    game.call("open", draft, send=False)
    look = game.call("look", draft, send=False)
    game.act.discard_all(draft.id)
    assert [item.call for item in game.stage.of(ToolCancel)] == [look]
    game.act.result(ToolResult(call=look, ok=True))
    assert (game.outcomes(), len(game.act)) == ([], 0)


async def test_an_ended_reply_makes_no_calls(game: Game) -> None:
    game.reply.output.end()
    assert game.act.propose(ToolRequest("open", {}), game.reply) is None
    assert game.outcomes() == []


async def test_what_a_cut_reply_has_done_is_not_done_again_when_the_turn_continues(
    game: Game,
) -> None:
    game.act.result(ToolResult(call=game.call("open"), ok=True))
    game.act.result(ToolResult(call=game.call("look"), ok=True))
    later = game.draft()
    assert game.act.propose(ToolRequest("open", {}), later) is None
    assert game.act.propose(ToolRequest("look", {}), later) is not None, "it changes nothing"
    assert [outcome for outcome in game.outcomes() if outcome[0] == "open"] == [("open", "done")]
    again = game.act.propose(ToolRequest("open", {}), game.reply)
    assert again is not None, "one reply may do the same twice"


async def test_what_a_cut_reply_has_begun_is_waited_for_when_the_turn_continues(
    game: Game,
) -> None:
    begun = game.call("open")
    game.act.ack(ToolAck(call=begun))
    game.act.discard_pending(game.reply.id)
    later = game.draft()
    assert game.act.propose(ToolRequest("open", {}), later) == begun
    game.act.send(begun, later, 0)
    assert [item.call for item in game.stage.of(ToolCall)] == [begun]
