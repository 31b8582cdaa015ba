"""Whole conversations on virtual time, over a memory link, with engines of fixed content."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from frametalk import session_intake
from frametalk.adapters.asr.fixed import FixedRecogniser, FixedStream
from frametalk.adapters.base import (
    Bias,
    Hypothesis,
    MindEvent,
    MindRequest,
    TextDelta,
    ToolRequest,
    Usage,
)
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import (
    CharacterSettings,
    FrametalkSettings,
    ReplySettings,
    ServerSettings,
    TurnSettings,
)
from frametalk.core.dialogue import CharacterSaid, PlayerSaid
from frametalk.core.tools import ToolSpec
from frametalk.transports.link import LinkClosed
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind
from player import DOOR, OPEN, Player, engines, playing

pytestmark = pytest.mark.looptime


async def test_a_spoken_turn_is_recognised_answered_and_heard_to_the_end() -> None:
    async with playing() as player:
        await player.enter()
        await player.speak()
        end = await player.until(m.ReplyEnd)
        await player.until(m.TurnStateChanged, lambda item: item.state == "idle")
        final = await player.until(m.Transcript, lambda item: item.final)
        assert final.text == "open the door"
        assert [item.text for item in player.of(m.ReplyText)] == [
            "Very well, friend.",
            "The door is open.",
        ]
        assert player.heard[1] == end.samples
        states = [item.state for item in player.of(m.TurnStateChanged)]
        assert list(dict.fromkeys(states)) == ["hearing", "holding", "thinking", "speaking", "idle"]
        assert player.error_codes == []


async def test_marks_precede_their_sound_and_samples_have_no_gap() -> None:
    async with playing() as player:
        await player.enter()
        await player.speak()
        await player.until(m.ReplyEnd)
        marked, due = -1, 0
        for item in player.seen:
            if isinstance(item, m.ReplyMarks):
                marked = max(mark.at for mark in item.marks)
            elif isinstance(item, Media):
                assert item.sample == due
                due += len(item.payload) // 2
        words = [
            mark.name for item in player.of(m.ReplyMarks) for mark in item.marks
            if mark.kind == "word"
        ]  # fmt: skip
        assert words == ["Very", "well", "friend", "The", "door", "is", "open"]
        assert marked < due


async def test_the_trace_adds_up_to_mouth_to_ear() -> None:
    async with playing() as player:
        await player.enter()
        await player.speak()
        trace = await player.until(m.Trace)
        assert trace.unmeasured == ""
        assert trace.mouth_to_ear_ms is not None
        assert sum(stage.ms for stage in trace.stages) == pytest.approx(
            trace.mouth_to_ear_ms, abs=1
        )
        delay = FrametalkSettings().turns.endpoint_delay_complete_ms
        waited = {stage.stage: stage.ms for stage in trace.stages}["endpoint_wait"]
        assert delay - 40 <= waited <= delay + 60


async def test_what_the_client_says_of_its_devices_is_in_the_trace_as_an_estimate() -> None:
    async with playing() as player:
        player.devices_ms = (2.5, None)
        await player.enter()
        await player.speak()
        trace = await player.until(m.Trace)
        assert trace.mouth_to_ear_ms is not None
        first, *others = trace.stages
        assert (first.stage, first.estimated) == ("input_device", True)
        assert first.ms == pytest.approx(2.5, abs=0.1)
        assert not any(stage.estimated for stage in others)
        assert trace.unseen == ("output_device",)
        assert sum(stage.ms for stage in trace.stages) == pytest.approx(
            trace.mouth_to_ear_ms, abs=1
        )


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


LONG = "This is a long story that goes on. " * 8


async def test_a_barge_in_cuts_the_reply_and_is_the_next_turn() -> None:
    turns = FrametalkSettings(turns=TurnSettings(soft_start_ms=0))
    texts = ["tell me a story", "stop"]
    async with playing(engines(FixedMind(LONG), texts), turns) as player:
        await player.enter()
        player.plays = False
        await player.speak()
        await player.until(m.ReplyBegin)
        player.link.send(m.Played(reply=1, sample=4_000))
        await player.speak()
        cut = await player.until(m.ReplyCut)
        assert cut.reason == "interrupted"
        final = await player.until(m.Transcript, lambda item: item.turn == 2 and item.final)
        assert final.text == "stop"
        after = player.seen[player.seen.index(cut) :]
        assert not [item for item in after if isinstance(item, Media) and item.stream == 1]
        assert not [item for item in after if isinstance(item, m.ReplyEnd) and item.reply == 1]


async def test_the_history_keeps_only_what_was_played() -> None:
    requests = []

    class Listening(FixedMind):
        def think(self, request):  # type: ignore[no-untyped-def]
            requests.append(request)
            return super().think(request)

    async with playing(engines(Listening(LONG), ["tell me more", "stop"])) as player:
        await player.enter()
        player.plays = False
        await player.speak()
        begin = await player.until(m.ReplyBegin)
        player.link.send(m.Played(reply=begin.reply, sample=8_000))
        player.link.send(m.Interrupt())
        await player.until(m.ReplyCut)
        await player.speak()
        await player.until(m.ReplyBegin, lambda item: item.reply == 2)
        said = [entry.text for entry in requests[-1].history]
        assert said[0] == "tell me more"
        assert said[2] == "stop"
        assert LONG.startswith(said[1])
        assert 0 < len(said[1]) < 20


async def test_a_typed_turn_is_answered_and_its_latency_is_unmeasured() -> None:
    async with playing() as player:
        await player.hello()
        player.link.send(m.Say(text="hello"))
        trace = await player.until(m.Trace)
        assert (trace.mouth_to_ear_ms, trace.unmeasured) == (None, "no speech: the turn was typed")


async def test_sound_is_sent_at_most_the_lead_ahead_of_playback() -> None:
    async with playing(engines(FixedMind(LONG))) as player:
        player.plays = False
        await player.hello()
        player.link.send(m.Say(text="go on"))
        error = await player.until(m.Error)
        assert error.code == "played_missing"
        lead = FrametalkSettings().reply.lead_ms * 22.05
        assert lead <= player.heard[1] <= lead + 441
        assert (await player.until(m.ReplyCut)).reason == "failed"
        player.plays = True
        player.link.send(m.Say(text="again"))
        await player.until(m.ReplyBegin, lambda item: item.reply == 2)


async def test_a_clients_errors_leave_the_conversation_intact() -> None:
    async with playing() as player:
        await player.enter()
        link = player.link
        link.send_media(Media(MediaKind.PCM16, 9, 0, 0, b"\0\0"))
        link.send_media(Media(MediaKind.OPUS, 1, 0, 0, b"\0\0"))
        link.send_media(Media(MediaKind.PCM16, 1, 0, 3_200, bytes(640)))
        link.send(m.MicStart(stream=2, rate_hz=7_999))
        link.send(m.MicStop(stream=7, at=0))
        link.send(m.ScenePatch(base=7, rev=8))
        link.send(m.Focus(entity="window"))
        link.send(m.Played(reply=5, sample=0))
        link.send(m.ToolResult(call=5, ok=True))
        link.send(m.FloorSet(mode="hold"))
        link.send(m.Hello(protocol=1))
        await player.until(m.Error, lambda item: item.code == "hello_twice")
        assert player.error_codes == [
            "mic_stream_unknown", "mic_codec", "mic_sequence", "mic_rate", "mic_stream_unknown",
            "scene_base", "scene_unknown_entity", "played_unknown_reply", "tool_unknown_call",
            "feature_off", "hello_twice",
        ]  # fmt: skip
        assert player.of(m.SceneResync)[0].rev == 1
        player.mic_sample = 3_520
        await player.speak()
        await player.until(m.ReplyEnd)


@pytest.mark.parametrize(
    ("first", "code", "ref"),
    [
        (m.Hello(protocol=9), "protocol_version", "hello"),
        (m.Hello(protocol=1, token="wrong"), "bad_token", "hello"),  # noqa: S106  (a wrong one)
        (m.Hello(protocol=1, required=("telepathy",)), "feature_unknown", "hello"),
        (m.Hello(protocol=1, character="nobody"), "character_unknown", "hello"),
        (m.Hello(protocol=1, language="gibberish"), "language_unknown", "hello"),
        (m.Say(text="hello"), "hello_missing", "say"),
    ],
)
async def test_a_client_that_cannot_be_served_gets_the_reason(
    first: m.Message, code: str, ref: str
) -> None:
    async with playing() as player:
        player.link.send(first)  # type: ignore[arg-type]
        closed = await player.until(LinkClosed)
        assert player.error_codes == [code]
        (error,) = player.of(m.Error)
        assert (error.fatal, error.ref) == (True, ref)
        assert "Say" not in error.text, "types are named as on the wire"
        assert (closed.code, closed.reason) == (1008, code)


async def test_silence_before_hello_ends_the_session() -> None:
    async with playing() as player:
        await player.until(LinkClosed)
        assert player.error_codes == ["hello_missing"]


async def test_ten_minutes_of_silence_change_nothing() -> None:
    async with playing() as player:
        await player.enter()
        await player.sound(600_000, loud=False)
        await player.speak()
        await player.until(m.ReplyEnd)
        assert player.error_codes == []


async def test_with_half_duplex_echo_does_not_cut_the_reply() -> None:
    async with playing(engines(FixedMind(LONG))) as player:
        welcome = await player.hello(echo="half_duplex")
        assert welcome.echo == "half_duplex"
        player.link.send(m.MicStart(stream=1, rate_hz=16_000))
        player.link.send(m.Say(text="go on"))
        await player.until(m.ReplyBegin)
        player.plays = False
        await player.speak()
        assert player.of(m.ReplyCut) == []


async def test_push_to_talk_ends_the_turn_when_the_button_is_released() -> None:
    async with playing() as player:
        await player.hello()
        player.link.send(m.MicStart(stream=1, rate_hz=16_000, mode="ptt"))
        await player.sound(400, loud=True)
        await player.sound(2_000, loud=False)
        assert [item for item in player.of(m.Transcript) if item.final] == []
        player.link.send(m.MicStop(stream=1, at=player.mic_sample))
        await player.until(m.Transcript, lambda item: item.final)


async def test_failures_of_mind_and_voice_are_reported_and_the_next_turn_works() -> None:
    class Broken(FixedMind):
        async def think(self, request):  # type: ignore[no-untyped-def]
            if request.turn == 1:
                raise ConnectionError("no route")
            async for event in super().think(request):
                yield event

    async with playing(engines(Broken("Here I am."))) as player:
        await player.hello()
        player.link.send(m.Say(text="hello"))
        await player.until(m.TurnStateChanged, lambda item: item.state == "idle")
        player.link.send(m.Say(text="hello?"))
        await player.until(m.ReplyText, lambda item: item.text == "Here I am.")


async def test_a_player_is_greeted_once() -> None:
    class Polite(FixedMind):
        def greeting(self, character: str) -> str:
            return f"Welcome, I am {character}."

    async with playing(engines(Polite())) as player:
        await player.enter()
        player.link.send(m.SceneEvent(name="player_entered"))
        await player.until(m.ReplyEnd)
        trace = await player.until(m.Trace)
        assert trace.unmeasured == "no turn: the character spoke first"
        await player.until(m.TurnStateChanged, lambda item: item.state == "idle")
        player.link.send(m.SceneEvent(name="player_entered"))
        player.link.send(m.Say(text="hello"))
        await player.until(m.ReplyEnd, lambda item: item.reply == 2)
        assert [item.text for item in player.of(m.ReplyText)] == [
            "Welcome, I am fixed.",
            "As you wish.",
        ]


async def test_server_messages_are_numbered_without_gaps() -> None:
    async with playing() as player:
        await player.enter()
        await player.speak()
        await player.until(m.ReplyEnd)
        numbers = [item.seq for item in player.of(m.ServerMessage) if item.seq]
        assert numbers == list(range(1, len(numbers) + 1))


async def test_two_entities_of_the_same_kind_are_not_confused() -> None:
    gate = replace(DOOR, id="gate", name="iron gate", aliases=())
    async with playing() as player:
        await player.enter(DOOR, gate)
        player.link.send(m.SceneSnapshot(rev=1, entities=(gate,)))
        player.link.send(m.Focus(entity="door"))
        await player.until(m.Error)
        assert player.error_codes == ["scene_unknown_entity"]


# ---- answers before the turn is over -------------------------------------------------------------


class Recorded(FixedMind):
    """Keeps what it was asked; `tool` is asked for in its first step."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.requests: list[MindRequest] = []

    def think(self, request: MindRequest):  # type: ignore[no-untyped-def]
        self.requests.append(request)
        return super().think(request)


async def test_the_reply_is_ready_when_the_turn_ends() -> None:
    mind = FixedMind("Very well.", first_token_ms=100)
    async with playing(engines(mind, first_chunk_ms=20)) as player:
        await player.enter()
        await player.speak()
        trace = await player.until(m.Trace)
        stages = {stage.stage: stage.ms for stage in trace.stages}
        assert trace.ready
        assert stages["mind_first_token"] == stages["voice_first_sound"] == 0
        endpoint_delay_ms = FrametalkSettings().turns.endpoint_delay_complete_ms
        assert stages["endpoint_wait"] == pytest.approx(endpoint_delay_ms, abs=33)


async def test_nothing_of_a_draft_is_sent_before_the_turn_ends() -> None:
    mind = FixedMind("It is open.", tool={"name": "open", "args": {"target": "door"}})
    async with playing(engines(mind)) as player:
        await player.enter()
        await player.sound(400, loud=True)
        await player.sound(160, loud=False)
        assert player.of(m.TurnStateChanged)[-1].state == "holding"
        kinds = {type(item) for item in player.seen}
        assert not kinds & {m.ReplyBegin, m.ReplyText, m.ToolCall, Media}
        await player.sound(200, loud=False)
        await player.until(m.ToolCall)


async def test_a_pause_inside_a_turn_leaves_no_trace_of_the_first_draft() -> None:
    mind = Recorded("It is open.", tool={"name": "open", "args": {"target": "door"}})
    async with playing(engines(mind, ["open the door and the chest"])) as player:
        await player.enter()
        await player.sound(400, loud=True)
        await player.sound(160, loud=False)
        await player.speak(400)
        call = await player.until(m.ToolCall)
        player.link.send(m.ToolResult(call=call.call, ok=True))
        trace = await player.until(m.Trace)
        assert trace.discarded == 1
        assert len(player.of(m.ToolCall)) == 1
        assert len(player.of(m.ReplyBegin)) == 1
        finals = [item for item in player.of(m.Transcript) if item.final]
        assert [(item.turn, item.rev) for item in finals] == [(1, 2)]
        assert [entry.text for entry in mind.requests[-1].history if hasattr(entry, "text")] == [
            "open the door and the chest"
        ]


LOOK = replace(OPEN, name="look", changes_world=False)


async def test_a_tool_without_effects_may_run_before_the_turn_ends() -> None:
    mind = Recorded("A red one.", tool={"name": "look", "args": {"target": "door"}})
    async with playing(engines(mind)) as player:
        await player.enter(replace(DOOR, affordances=()), tools=(LOOK,))
        await player.sound(400, loud=True)
        await player.sound(160, loud=False)
        call = await player.until(m.ToolCall)
        assert (call.reply, call.at) == (None, 0)
        player.link.send(m.ToolResult(call=call.call, ok=True, value="red"))
        await player.sound(300, loud=False)
        await player.until(m.ReplyText, lambda item: item.text == "A red one.")
        assert [outcome.value for outcome in mind.requests[-1].outcomes] == ["red"]
        assert len(player.of(m.ToolCall)) == 1


async def test_a_lookup_for_a_discarded_draft_is_cancelled() -> None:
    mind = FixedMind("A red one.", tool={"name": "look", "args": {"target": "door"}})
    async with playing(engines(mind)) as player:
        await player.enter(replace(DOOR, affordances=()), tools=(LOOK,))
        await player.sound(400, loud=True)
        await player.sound(160, loud=False)
        call = await player.until(m.ToolCall)
        await player.sound(200, loud=True)
        await player.until(m.ToolCancel, lambda item: item.call == call.call)
        player.link.send(m.ToolResult(call=call.call, ok=True, value="red"))
        await player.sound(700, loud=False)
        await player.until(m.ToolCall, lambda item: item.call == 2)
        assert player.error_codes == []


async def test_speech_before_the_reply_is_heard_continues_the_turn() -> None:
    mind = Recorded("Very well.", first_token_ms=600)
    async with playing(engines(mind, ["open the door"])) as player:
        await player.enter()
        await player.sound(400, loud=True)
        await player.sound(400, loud=False)
        first = await player.until(m.Transcript, lambda item: item.final)
        await player.speak(400)
        await player.until(m.ReplyBegin)
        finals = [item for item in player.of(m.Transcript) if item.final]
        assert [(item.turn, item.rev) for item in finals] == [(1, first.rev), (1, first.rev + 1)]
        said = [entry for entry in mind.requests[-1].history if isinstance(entry, PlayerSaid)]
        assert len(said) == 1, "the player's words are there once"
        assert player.error_codes == []


async def test_a_continued_turn_cuts_the_begun_reply_at_sample_0() -> None:
    async with playing(engines(Recorded("Very well."), ["open the door"])) as player:
        await player.enter()
        player.plays = False
        await player.sound(400, loud=True)
        await player.sound(400, loud=False)
        await player.until(m.ReplyBegin)
        await player.sound(400, loud=True)
        cut = await player.until(m.ReplyCut)
        assert (cut.reason, cut.at) == ("continued", 0)
        await player.sound(500, loud=False)
        await player.until(m.ReplyBegin, lambda item: item.reply == 2 and item.turn == 1)


async def test_discarded_drafts_are_limited() -> None:
    settings = FrametalkSettings(turns=TurnSettings(discarded_drafts_per_turn=2))
    mind = Recorded("Very well.")
    async with playing(engines(mind), settings) as player:
        await player.enter()
        for _ in range(5):
            await player.sound(300, loud=True)
            await player.sound(160, loud=False)
        await player.sound(500, loud=False)
        trace = await player.until(m.Trace)
        assert trace.discarded == 2
        assert len(mind.requests) == 3
        assert not trace.ready


# ---- sound over a reply --------------------------------------------------------------------------


async def hear_a_story(player: Player) -> int:
    """Enter and have a long reply being heard; its id."""
    await player.enter()
    player.plays = False
    await player.speak()
    begin = await player.until(m.ReplyBegin)
    player.link.send(m.Played(reply=begin.reply, sample=4_000))
    await player.until(m.TurnStateChanged, lambda item: item.state == "speaking")
    return begin.reply


async def test_a_backchannel_ducks_a_reply_and_the_reply_resumes() -> None:
    async with playing(engines(FixedMind(LONG), ["tell me a story", "uh huh"])) as player:
        reply = await hear_a_story(player)
        await player.sound(200, loud=True)
        await player.sound(300, loud=False)
        states = [item.state for item in player.of(m.TurnStateChanged)]
        assert states[-2:] == ["ducked", "speaking"]
        assert player.of(m.ReplyCut) == []
        player.link.send(m.Played(reply=reply, sample=6_000))
        assert all(item.turn == 1 for item in player.of(m.Transcript))


async def test_a_word_after_the_replys_end_is_a_turn_though_the_report_of_that_end_is_late() -> (
    None
):
    async with playing(engines(FixedMind("Yes."), ["tell me a story", "goodbye"])) as player:
        await player.enter()
        player.plays = False
        await player.speak()
        begin = await player.until(m.ReplyBegin)
        end = await player.until(m.ReplyEnd)
        heard = m.Played(reply=begin.reply, sample=end.samples - 800, mic_sample=player.mic_sample)
        player.link.send(heard)
        await player.sound(200, loud=False)
        await player.sound(300, loud=True)
        await player.sound(800, loud=False)
        final = await player.until(m.Transcript, lambda item: item.final and item.turn == 2)
        assert final.text == "goodbye"


async def test_sustained_speech_pauses_the_reply_until_it_is_classified() -> None:
    async with playing(engines(FixedMind(LONG), ["tell me a story", "okay okay right"])) as player:
        await hear_a_story(player)
        await player.sound(500, loud=True)
        await player.sound(300, loud=False)
        shown = [(item.state, item.paused) for item in player.of(m.TurnStateChanged)]
        assert shown[-3:] == [("ducked", False), ("ducked", True), ("speaking", False)]


async def test_a_reply_that_is_not_interruptible_continues() -> None:
    async with playing(engines(FixedMind(LONG), ["tell me a story", "stop"])) as player:
        await player.hello(interruptible="never", tools=(OPEN,))
        player.link.send(m.MicStart(stream=1, rate_hz=16_000))
        player.plays = False
        await player.speak()
        await player.until(m.ReplyBegin)
        player.link.send(m.Played(reply=1, sample=4_000))
        await player.speak()
        assert player.of(m.ReplyCut) == []
        player.link.send(m.Interrupt())
        await player.until(m.ReplyCut)


# ---- the game's word -----------------------------------------------------------------------------


async def test_hints_force_hold_and_cancel_a_turn() -> None:
    async with playing() as player:
        await player.enter(features=("turn_hint",))
        await player.sound(400, loud=True)
        player.link.send(m.TurnHint(turn=1, hint="hold"))
        await player.sound(3_000, loud=False)
        assert player.of(m.ReplyBegin) == []
        player.link.send(m.TurnHint(turn=1, hint="force"))
        await player.until(m.ReplyBegin)
        await player.until(m.TurnStateChanged, lambda item: item.state == "idle")
        await player.sound(400, loud=True)
        player.link.send(m.TurnHint(turn=2, hint="cancel"))
        await player.sound(1_000, loud=False)
        assert len(player.of(m.ReplyBegin)) == 1
        player.link.send(m.TurnHint(turn=2, hint="force"))
        await player.until(m.Error)
        assert player.error_codes == ["turn_unknown"]


async def test_with_the_floor_on_hold_the_answer_waits_until_it_is_free() -> None:
    async with playing() as player:
        await player.enter(features=("floor",))
        player.link.send(m.FloorSet(mode="hold", until_ms=3_000))
        await player.speak()
        assert (await player.until(m.Transcript, lambda item: item.final)).text == "open the door"
        assert player.of(m.ReplyBegin) == []
        await player.sound(2_500, loud=False)
        await player.until(m.ReplyBegin)
        assert player.error_codes == []


async def test_a_cut_scene_silences_the_character_at_once() -> None:
    async with playing(engines(FixedMind(LONG), ["tell me a story"])) as player:
        await player.hello(features=("floor",))
        player.link.send(m.MicStart(stream=1, rate_hz=16_000))
        player.link.send(m.Say(text="tell me a story"))
        await player.until(m.ReplyBegin)
        player.link.send(m.FloorSet(mode="silence"))
        assert (await player.until(m.ReplyCut)).reason == "floor"
        await player.speak()
        player.link.send(m.Say(text="hello"))
        await player.sound(500, loud=False)
        assert len(player.of(m.ReplyBegin)) == 1
        player.link.send(m.FloorSet(mode="free"))
        await player.speak()
        await player.until(m.ReplyBegin, lambda item: item.reply == 2)


async def test_features_that_were_not_asked_for_are_off() -> None:
    async with playing() as player:
        await player.enter()
        player.link.send(m.FloorSet(mode="hold"))
        player.link.send(m.TurnHint(turn=1, hint="force"))
        await player.until(m.Error, lambda item: item.ref == "turn.hint")
        assert player.error_codes == ["feature_off", "feature_off"]


async def test_a_slow_mind_shows_that_it_thinks_and_fills_the_gap() -> None:
    character = CharacterSettings(gestures=True, filler="Hm.", filler_after_ms=300)
    mind = FixedMind("Very well.", first_token_ms=1_500)
    async with playing(engines(mind), FrametalkSettings(character=character)) as player:
        await player.enter()
        await player.speak()
        await player.until(m.ReplyEnd)
        assert [item.text for item in player.of(m.ReplyText)] == ["Hm.", "Very well."]
        assert "think" in [item.gesture for item in player.of(m.TurnStateChanged)]


async def test_two_presses_of_the_button_are_two_turns() -> None:
    async with playing(engines(Recorded("Very well."), ["open the door", "who are you"])) as player:
        await player.hello()
        for turn in (1, 2):
            player.link.send(m.MicStart(stream=turn, rate_hz=16_000, mode="ptt"))
            player.mic_sample = 0
            await player.sound(400, loud=True, stream=turn)
            await player.sound(1_000, loud=False, stream=turn)
            assert len(player.of(m.ReplyBegin)) == turn - 1, "a pause does not end it"
            player.link.send(m.MicStop(stream=turn, at=player.mic_sample))
            await player.until(m.ReplyBegin, lambda item, turn=turn: item.reply == turn)
            await player.until(m.ReplyEnd, lambda item, turn=turn: item.reply == turn)
        finals = [item for item in player.of(m.Transcript) if item.final]
        assert [item.text for item in finals] == ["open the door", "who are you"]
        assert all(word.at < 16_000 for item in finals for word in item.words)
        assert player.error_codes == []


async def test_the_mind_knows_tool_effects_from_before_a_continuation() -> None:
    mind = Recorded("It is open.", tool={"name": "open", "args": {"target": "door"}})
    async with playing(engines(mind, ["open the door"])) as player:
        await player.enter()
        player.plays = False
        await player.sound(400, loud=True)
        await player.sound(300, loud=False)
        call = await player.until(m.ToolCall)
        player.link.send(m.ToolResult(call=call.call, ok=True, value="it creaks"))
        await player.sound(100, loud=False)
        await player.sound(400, loud=True)
        assert (await player.until(m.ReplyCut)).reason == "continued"
        await player.sound(100, loud=False)
        again = [request for request in mind.requests if request.step == 0][-1]
        assert [(one.state, one.value) for one in again.outcomes] == [("done", "it creaks")]
        assert [one for one in again.history if isinstance(one, PlayerSaid)][-1].text
        assert player.error_codes == []


async def test_a_pending_call_is_cancelled_with_the_reply() -> None:
    mind = Recorded("It is open.", tool={"name": "open", "args": {"target": "door"}})
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


class Follows(FixedStream):
    """Knows only the words that were said so far."""

    async def finalize(self) -> Hypothesis:
        return self._hypothesis(self._emitted, self._emitted)


class Following(FixedRecogniser):
    """Hears one text, a word every quarter of a second."""

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> FixedStream:
        return Follows(self._texts[0], 0, on_partial)


async def test_words_after_a_pause_arrive_under_the_next_revision() -> None:
    text = "open the door and then light the torch"
    with_engines = replace(engines(Recorded("Very well.")), asr=Following([text]))
    async with playing(with_engines) as player:
        await player.enter()
        await player.sound(800, loud=True)
        await player.sound(160, loud=False)
        await player.sound(1_200, loud=True)
        told = [(item.rev, item.text) for item in player.of(m.Transcript)]
        assert told[-1][0] == 2
        assert len({text for rev, text in told if rev == 2}) >= 3
        assert [rev for rev, _text in told] == sorted(rev for rev, _text in told)
        await player.sound(1_600, loud=False)
        final = await player.until(m.Transcript, lambda item: item.final)
        assert (final.rev, final.text) == (2, told[-1][1])


async def test_a_mind_knows_what_happened_and_when_things_changed() -> None:
    class Curious(FixedMind):
        requests: list[MindRequest] = []  # noqa: RUF012  (of this one test)

        async def think(self, request):  # type: ignore[no-untyped-def]
            self.requests.append(request)
            async for event in super().think(request):
                yield event

    async with playing(engines(Curious())) as player:
        await player.enter()
        player.link.send(m.ScenePatch(base=1, rev=2, state={"door": {"open": True}}))
        player.link.send(m.SceneEvent(name="creaked", entity="door"))
        player.link.send(m.Say(text="what was that?"))
        await player.until(m.ReplyEnd)
    request = Curious.requests[-1]
    assert (request.changed["door"], request.scene_rev, request.said) == (2, 2, "")
    assert [happening.name for happening in request.happenings] == ["creaked"]


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


async def test_directions_become_marks_and_the_rest_is_shown_and_spoken() -> None:
    mind = FixedMind("*nods* [happy] That's 25 gold. *waves*")
    requests: list[MindRequest] = []
    think = mind.think

    def watched(request: MindRequest) -> object:
        requests.append(request)
        return think(request)

    mind.think = watched  # type: ignore[method-assign, assignment]
    async with playing(engines(mind)) as player:
        await player.enter()
        await player.speak()
        await player.until(m.ReplyEnd)
        await player.until(m.TurnStateChanged, lambda item: item.state == "idle")
        player.link.send(m.Say(text="and now"))
        await player.until(m.ReplyEnd, lambda item: item.reply == 2)
        assert {item.text for item in player.of(m.ReplyText)} == {"That's 25 gold."}
        marks = [mark for item in player.of(m.ReplyMarks) if item.reply == 1 for mark in item.marks]
        told = [(mark.kind, mark.name) for mark in marks if mark.kind != "viseme"]
        assert told == [
            ("gesture", "nod"),
            ("emotion", "happy"),
            ("word", "That's"),
            ("word", "25"),
            ("word", "gold"),
            ("gesture", "wave"),
        ]
        said = [entry.text for entry in requests[-1].history if isinstance(entry, CharacterSaid)]
        assert said == ["That's 25 gold."]
        assert player.error_codes == []


async def test_a_reply_that_is_only_a_gesture_ends_normally() -> None:
    async with playing(engines(FixedMind("*nods*"))) as player:
        await player.enter()
        await player.speak()
        end = await player.until(m.ReplyEnd)
        await player.until(m.TurnStateChanged, lambda item: item.state == "idle")
        assert end.samples == 0
        assert [
            (mark.name, mark.at) for item in player.of(m.ReplyMarks) for mark in item.marks
        ] == [("nod", 0)]
        assert player.of(m.ReplyText) == []
        assert player.error_codes == []


async def test_messages_that_wait_already_let_others_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_intake, "LONGEST_S", 0.0)
    async with playing() as player:
        await player.enter()
        for number in range(1, 51):
            player.link.send(m.Ping(id=number, t_us=0))
        rounds = 0
        while len(player.of(m.Pong)) < 50:
            await asyncio.sleep(0)
            rounds += 1
        assert rounds >= 50


async def seconds_for(count: int, message: m.AnyMessage, **limits: Any) -> tuple[float, list[str]]:
    """How long so many of a message take, and the errors; none is lost."""
    settings = FrametalkSettings(server=ServerSettings(**limits))
    async with playing(settings=settings) as player:
        await player.hello()
        began_s = asyncio.get_running_loop().time()
        for number in range(count):
            player.link.send(message)
            player.link.send(m.Ping(id=number, t_us=0))
        await player.until(m.Pong, lambda pong: pong.id == count - 1)
        assert [pong.id for pong in player.of(m.Pong)] == list(range(count))
        return asyncio.get_running_loop().time() - began_s, player.error_codes


BULKY = m.SceneEvent(name="x", text="x" * 980)  # a kilobyte


@pytest.mark.parametrize(("limit", "seconds", "codes"), [(10, 10, ["too_many_bytes"]), (0, 0, [])])
async def test_bytes_above_the_limit_wait_and_none_is_lost(
    limit: int, seconds: float, codes: list[str]
) -> None:
    took_s, errors = await seconds_for(190, BULKY, kb_per_second=limit)
    assert took_s == pytest.approx(seconds, abs=1.5)
    assert errors == codes


@pytest.mark.parametrize(
    ("limit", "seconds", "codes"), [(10, 10, ["too_many_messages"]), (0, 0, [])]
)
async def test_changes_of_the_scene_above_the_limit_wait_and_none_is_lost(
    limit: int, seconds: float, codes: list[str]
) -> None:
    took_s, errors = await seconds_for(200, m.SceneEvent(name="x"), scene_changes_per_second=limit)
    assert took_s == pytest.approx(seconds, abs=0.5)
    assert errors == codes


@pytest.mark.parametrize(("limit", "codes"), [(3, ["scene_limit"]), (0, [])])
async def test_a_scene_has_at_most_so_many_things(limit: int, codes: list[str]) -> None:
    settings = FrametalkSettings(server=ServerSettings(max_entities=limit))
    async with playing(settings=settings) as player:
        welcome = await player.hello()
        things = tuple(replace(DOOR, id=f"e{number}") for number in range(600))
        player.link.send(m.SceneSnapshot(rev=1, entities=things))
        player.link.send(m.Ping(id=1, t_us=0))
        await player.until(m.Pong)
        assert player.error_codes == codes
        assert welcome.limits.entities == (limit or 1_000_000)


@pytest.mark.parametrize(("limit", "codes"), [(3, ["tool_schema"]), (0, [])])
async def test_a_session_has_at_most_so_many_tools(limit: int, codes: list[str]) -> None:
    settings = FrametalkSettings(server=ServerSettings(max_tools=limit))
    async with playing(settings=settings) as player:
        welcome = await player.hello(tools=tuple(replace(OPEN, name=f"t{n}") for n in range(100)))
        player.link.send(m.Ping(id=1, t_us=0))
        await player.until(m.Pong)
        assert sorted(set(player.error_codes)) == codes
        assert welcome.limits.tools == (limit or 1_000_000)


async def test_a_session_ends_after_the_longest_time() -> None:
    settings = FrametalkSettings(server=ServerSettings(max_session_minutes=30, idle_minutes=0))
    async with playing(settings=settings) as player:
        await player.hello()
        began_s = asyncio.get_running_loop().time()
        closed = await player.until(LinkClosed, within_s=100_000)
        assert asyncio.get_running_loop().time() - began_s == pytest.approx(1_800, abs=1)
        assert (player.error_codes, closed.code) == (["session_limit"], 1008)


async def test_a_session_in_which_nothing_happens_ends() -> None:
    settings = FrametalkSettings(server=ServerSettings(idle_minutes=10))
    async with playing(settings=settings) as player:
        await player.hello()
        clock = asyncio.get_running_loop()
        for _ in range(30):
            await asyncio.sleep(60)
            player.link.send(m.SceneEvent(name="rain"))
        began_s = clock.time()
        for number in range(9):
            await asyncio.sleep(60)
            player.link.send(m.Ping(id=number, t_us=0))
        closed = await player.until(LinkClosed, within_s=1_000)
        assert clock.time() - began_s == pytest.approx(600, abs=1)
        assert (player.error_codes, closed.code) == (["session_idle"], 1008)


async def test_no_limit_of_time_lets_a_session_last() -> None:
    settings = FrametalkSettings(server=ServerSettings(idle_minutes=0, max_session_minutes=0))
    async with playing(settings=settings) as player:
        await player.hello()
        await asyncio.sleep(3 * 86_400)
        player.link.send(m.Ping(id=1, t_us=0))
        await player.until(m.Pong)
        assert player.error_codes == []


@pytest.mark.parametrize(
    ("limit", "seconds", "codes"), [(10, 10, ["too_many_messages"]), (0, 0, [])]
)
async def test_messages_above_the_limit_wait_and_none_is_lost(
    limit: int, seconds: float, codes: list[str]
) -> None:
    settings = FrametalkSettings(server=ServerSettings(messages_per_second=limit))
    async with playing(settings=settings) as player:
        await player.hello()
        began_s = asyncio.get_running_loop().time()
        for number in range(200):
            player.link.send(m.Ping(id=number, t_us=0))
        await player.until(m.Pong, lambda pong: pong.id == 199)
        assert asyncio.get_running_loop().time() - began_s == pytest.approx(seconds, abs=0.5)
        assert [pong.id for pong in player.of(m.Pong)] == list(range(200))
        assert player.error_codes == codes
