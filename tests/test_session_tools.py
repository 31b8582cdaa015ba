"""Tools in whole conversations: offered, called, limited, cancelled, and what the mind learns of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from frametalk.adapters.base import (
    MindEvent,
    MindRequest,
    TextDelta,
    ToolRequest,
    Usage,
)
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import (
    FrametalkSettings,
    ReplySettings,
)
from frametalk.core.tools import ToolSpec
from frametalk.wire import messages as m
from player import DOOR, OPEN, RecordedMind, engines, playing

pytestmark = pytest.mark.looptime


async def test_a_tool_runs_between_the_question_and_the_answer() -> None:
    mind = FixedMind("It is open.", tool={"name": "open", "args": {"target": "door"}})
    async with playing(engines(mind)) as player:
        await player.enter()
        await player.speak()
        call = await player.until(m.ToolCall)
        assert (call.name, call.args, call.scene_rev, call.at) == ("open", {"target": "door"}, 1, 0)
        player.link.send(m.ToolAck(call=call.call))
        player.link.send(m.ScenePatch(base=1, rev=2, state={"door": {"open": True}}))
        player.link.send(m.ToolResult(call=call.call, ok=True))
        await player.until(m.SceneAck, lambda item: item.rev == 2)
        await player.until(m.ReplyText, lambda item: item.text == "It is open.")
        assert player.error_codes == []


async def test_a_call_without_a_result_is_cancelled_and_the_reply_continues() -> None:
    mind = FixedMind("Hm.", tool={"name": "open", "args": {"target": "door"}})
    async with playing(engines(mind)) as player:
        await player.enter()
        await player.speak()
        call = await player.until(m.ToolCall)
        await player.until(m.ToolCancel, lambda item: item.call == call.call)
        await player.until(m.ReplyText, lambda item: item.text == "Hm.")
        player.link.send(m.ToolResult(call=call.call, ok=True))
        await player.until(m.Error)
        assert player.error_codes == ["tool_late_result"]


@pytest.mark.parametrize("args", [{"target": "window"}, {"target": 3}, {}])
async def test_an_invalid_call_never_reaches_the_game(args: dict[str, object]) -> None:
    mind = FixedMind("I cannot.", tool={"name": "open", "args": args})
    async with playing(engines(mind)) as player:
        await player.enter()
        await player.speak()
        await player.until(m.ReplyText, lambda item: item.text == "I cannot.")
        assert player.of(m.ToolCall) == []


@dataclass
class Willing(FixedMind):
    """Asks for all of `calls` in its first step; keeps what it was told."""

    calls: list[ToolRequest]
    requests: list[MindRequest] = field(default_factory=list)

    async def think(self, request: MindRequest) -> AsyncIterator[MindEvent]:
        self.requests.append(request)
        for call in self.calls if request.step == 0 else ():
            yield call
        yield TextDelta("Hm.")


async def test_a_tool_is_offered_and_called_only_where_its_scope_is_granted() -> None:
    tools = (OPEN, ToolSpec("pay", scope="money"), ToolSpec("cheat", scope="debug"))
    mind = Willing([ToolRequest("pay", {}), ToolRequest("cheat", {}), ToolRequest("win", {})])
    async with playing(engines(mind)) as player:
        await player.enter(tools=tools, scopes=("money", "music"))
        await player.speak()
        call = await player.until(m.ToolCall)
        player.link.send(m.ToolResult(call=call.call, ok=True))
        await player.until(m.ReplyEnd)
        assert [call.name for call in player.of(m.ToolCall)] == ["pay"]
    assert {spec.name for spec in mind.requests[0].tools} == {"open", "pay"}
    told = {outcome.name: outcome for outcome in mind.requests[-1].outcomes}
    assert {name: outcome.state for name, outcome in told.items()} == {
        "pay": "done",
        "cheat": "invalid",
        "win": "invalid",
    }
    assert told["cheat"].reason == "cheat is not permitted here"


async def test_calls_beyond_the_limit_are_refused() -> None:
    mind = Willing([ToolRequest("look", {})] * 5)
    settings = FrametalkSettings(reply=ReplySettings(max_calls=3, think_ahead=False))
    async with playing(engines(mind), settings) as player:
        await player.enter(tools=(ToolSpec("look"),))
        await player.speak()
        for number in range(3):
            call = await player.until(m.ToolCall, lambda item, n=number: item.call == n + 1)  # type: ignore[misc]
            player.link.send(m.ToolResult(call=call.call, ok=True))
        await player.until(m.ReplyEnd)
        assert len(player.of(m.ToolCall)) == 3
    outcomes = mind.requests[-1].outcomes
    assert sorted(outcome.state for outcome in outcomes) == ["done"] * 3 + ["invalid"] * 2
    assert {one.reason for one in outcomes} == {"", "3 calls in one reply are enough"}


async def test_two_entities_of_the_same_kind_are_not_confused() -> None:
    gate = replace(DOOR, id="gate", name="iron gate", aliases=())
    async with playing() as player:
        await player.enter(DOOR, gate)
        player.link.send(m.SceneSnapshot(rev=1, entities=(gate,)))
        player.link.send(m.Focus(entity="door"))
        await player.until(m.Error)
        assert player.error_codes == ["scene_unknown_entity"]


async def test_a_pending_call_is_cancelled_with_the_reply() -> None:
    mind = RecordedMind("It is open.", tool={"name": "open", "args": {"target": "door"}})
    async with playing(engines(mind, ["open the door"])) as player:
        await player.enter()
        player.plays = False
        await player.sound(400, loud=True)
        await player.sound(300, loud=False)
        call = await player.until(m.ToolCall)
        await player.sound(400, loud=True)
        await player.until(m.ToolCancel, lambda item: item.call == call.call)
        await player.sound(100, loud=False)
        again = [request for request in mind.requests if request.step == 0][-1]
        assert again.outcomes == (), "what never was is not told"


async def test_a_malformed_call_never_reaches_the_game_but_the_mind_gets_the_problem() -> None:
    class Garbled(FixedMind):
        async def think(self, request):  # type: ignore[no-untyped-def]
            if request.step == 0:
                yield ToolRequest("open", {}, problem="the arguments are not JSON")
                yield Usage(40, 2, 0.5)
            else:
                yield TextDelta(f"I fear that {request.outcomes[0].reason}.")

    async with playing(engines(Garbled())) as player:
        await player.enter()
        player.link.send(m.Say(text="open the door"))
        said = await player.until(m.ReplyText)
        await player.until(m.ReplyEnd)
        assert said.text == "I fear that the arguments are not JSON."
        assert player.of(m.ToolCall) == []
        assert player.session is not None
        registry = player.session.state.context.metrics.registry
        assert registry.get_sample_value("frametalk_mind_cost_total") == 0.5
