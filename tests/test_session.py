"""Whole conversations on virtual time, over a memory link, with engines of fixed content."""

from __future__ import annotations

import pytest

from frametalk.adapters.base import (
    MindRequest,
)
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import (
    CharacterSettings,
    FrametalkSettings,
)
from frametalk.core.dialogue import CharacterSaid
from frametalk.transports.link import LinkClosed
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind
from player import engines, playing

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


async def test_a_typed_turn_is_answered_and_its_latency_is_unmeasured() -> None:
    async with playing() as player:
        await player.hello()
        player.link.send(m.Say(text="hello"))
        trace = await player.until(m.Trace)
        assert (trace.mouth_to_ear_ms, trace.unmeasured) == (None, "no speech: the turn was typed")


async def test_sound_is_sent_at_most_the_lead_ahead_of_playback() -> None:
    async with playing(engines(FixedMind("This is a long story that goes on. " * 8))) as player:
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
