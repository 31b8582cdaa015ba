"""Whole conversations on virtual time, over a memory link, with engines of fixed content."""

from __future__ import annotations

from dataclasses import replace

import pytest

from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import FrametalkSettings
from frametalk.transports.link import LinkClosed
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind
from player import DOOR, engines, playing

pytestmark = pytest.mark.looptime


async def test_a_spoken_turn_is_understood_answered_and_heard_to_the_end() -> None:
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


async def test_marks_come_before_their_sound_and_samples_without_a_hole() -> None:
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
        hold = FrametalkSettings().turns.hold_ms
        waited = {stage.stage: stage.ms for stage in trace.stages}["endpoint_wait"]
        assert hold - 40 <= waited <= hold + 60


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


async def test_a_call_that_is_never_answered_is_cancelled_and_the_answer_comes() -> None:
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
async def test_a_call_that_cannot_be_never_reaches_the_game(args: dict[str, object]) -> None:
    mind = FixedMind("I cannot.", tool={"name": "open", "args": args})
    async with playing(engines(mind)) as player:
        await player.enter()
        await player.speak()
        await player.until(m.ReplyText, lambda item: item.text == "I cannot.")
        assert player.of(m.ToolCall) == []


LONG = "This is a long story that goes on. " * 8


async def test_speech_over_a_reply_cuts_it_and_is_the_next_turn() -> None:
    async with playing(engines(FixedMind(LONG), ["tell me a story", "stop"])) as player:
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

    async with playing(engines(Listening(LONG), ["go on", "stop"])) as player:
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
        assert said[0] == "go on"
        assert said[2] == "stop"
        assert LONG.startswith(said[1])
        assert 0 < len(said[1]) < 20


async def test_a_typed_turn_is_answered_and_its_latency_is_said_to_be_unmeasured() -> None:
    async with playing() as player:
        await player.hello()
        player.link.send(m.Say(text="hello"))
        trace = await player.until(m.Trace)
        assert (trace.mouth_to_ear_ms, trace.unmeasured) == (None, "no speech: the turn was typed")


async def test_sound_is_sent_only_a_lead_ahead_of_the_ear() -> None:
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


async def test_errors_in_what_the_client_sends_leave_the_conversation_whole() -> None:
    async with playing() as player:
        await player.enter()
        link = player.link
        link.send_media(Media(MediaKind.PCM16, 9, 0, 0, b"\0\0"))
        link.send_media(Media(MediaKind.OPUS, 1, 0, 0, b"\0\0"))
        link.send_media(Media(MediaKind.PCM16, 1, 0, 3_200, bytes(640)))
        link.send(m.MicStart(stream=2, rate_hz=11_025))
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
    ("hello", "code"),
    [
        (m.Hello(protocol=9), "protocol_version"),
        (m.Hello(protocol=1, token="wrong"), "bad_token"),  # noqa: S106  (a wrong one)
        (m.Hello(protocol=1, required=("telepathy",)), "feature_unknown"),
        (m.Hello(protocol=1, character="nobody"), "character_unknown"),
        (m.Say(text="hello"), "hello_missing"),
    ],
)
async def test_a_client_that_cannot_be_served_is_told_why(hello: m.Message, code: str) -> None:
    async with playing() as player:
        player.link.send(hello)  # type: ignore[arg-type]
        closed = await player.until(LinkClosed)
        assert player.error_codes == [code]
        assert player.of(m.Error)[0].fatal
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


async def test_half_duplex_lets_the_reply_go_on_over_its_own_echo() -> None:
    async with playing(engines(FixedMind(LONG))) as player:
        welcome = await player.hello(echo="half_duplex")
        assert welcome.echo == "half_duplex"
        player.link.send(m.MicStart(stream=1, rate_hz=16_000))
        player.link.send(m.Say(text="go on"))
        await player.until(m.ReplyBegin)
        player.plays = False
        await player.speak()
        assert player.of(m.ReplyCut) == []


async def test_push_to_talk_ends_the_turn_when_the_button_is_let_go() -> None:
    async with playing() as player:
        await player.hello()
        player.link.send(m.MicStart(stream=1, rate_hz=16_000, mode="ptt"))
        await player.sound(400, loud=True)
        await player.sound(2_000, loud=False)
        assert [item for item in player.of(m.Transcript) if item.final] == []
        player.link.send(m.MicStop(stream=1, at=player.mic_sample))
        await player.until(m.Transcript, lambda item: item.final)


async def test_a_mind_and_a_voice_that_fail_are_told_and_the_next_turn_works() -> None:
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


async def test_the_player_who_enters_is_greeted_once() -> None:
    class Polite(FixedMind):
        def greeting(self, character: str) -> str:
            return f"Welcome, I am {character}."

    async with playing(engines(Polite())) as player:
        await player.enter()
        player.link.send(m.SceneEvent(name="player_entered"))
        await player.until(m.ReplyEnd)
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


async def test_two_things_of_the_same_kind_are_not_mixed_up() -> None:
    gate = replace(DOOR, id="gate", name="iron gate", aliases=())
    async with playing() as player:
        await player.enter(DOOR, gate)
        player.link.send(m.SceneSnapshot(rev=1, entities=(gate,)))
        player.link.send(m.Focus(entity="door"))
        await player.until(m.Error)
        assert player.error_codes == ["scene_unknown_entity"]
