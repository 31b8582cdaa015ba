"""A message of each type with every field set, and one with the required fields only."""

from __future__ import annotations

from typing import Any

import msgspec

from frametalk.core.marks import Mark
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolSpec
from frametalk.wire import messages as m

CHEST = Entity(
    id="chest",
    name="chest",
    kind="container",
    aliases=("box",),
    position=(1.5, 0.0, -2.25),
    state={"open": False, "locked": True, "coins": 12, "label": "tools", "weight_kg": 7.5},
    affordances=("open", "unlock"),
)
OPEN = ToolSpec(
    name="open",
    description="Open a door or a container.",
    parameters={
        "type": "object",
        "properties": {"target": {"type": "string", "x-entity": True}},
        "required": ["target"],
        "additionalProperties": False,
    },
    changes_world=False,
    deadline_ms=1500,
    verbs=("open",),
    scope="doors",
)
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
LIMITS = m.Limits(
    message_bytes=61440,
    lead_ms=400.0,
    played_every_ms=100.0,
    mic_frame_ms=20.0,
    tools=64,
    entities=512,
    resume_ms=60_000.0,
    pause_ms=600_000.0,
)

FULL: tuple[m.AnyMessage, ...] = (
    m.Hello(
        protocol=1,
        client=m.ClientInfo(name="tavern", version="1.2", engine="Godot 4.6"),
        token="s3cret",  # noqa: S106  (a sample)
        resume="r-7f3a",
        resume_from=m.ResumeFrom(received=17, sent=42, mic_sample=96000, reply=3, played=22050),
        character="blacksmith",
        language="en-GB",
        speech_codecs=("opus", "pcm16"),
        echo="half_duplex",
        interruptible="never",
        tools=(OPEN,),
        scopes=("doors",),
        consent=m.Consent(store=True, record=True, third_party=True),
        child=True,
        features=("floor", "resume"),
        required=("floor",),
    ),
    m.MicStart(stream=1, rate_hz=48000, codec="opus", mode="ptt"),
    m.MicStop(stream=1, at=96000),
    m.Say(text="What do you know about the café?"),
    m.Played(
        reply=3,
        sample=22050,
        t_us=9_000_000,
        mic_sample=144000,
        arrived_us=7_950_000,
        underruns=1,
        done=True,
        input_ms=21.5,
        output_ms=38.25,
        frame_cost=m.FrameCost(frames=90, p99_ms=0.375, max_ms=0.5),
    ),
    m.Interrupt(reply=3),
    m.SceneSnapshot(rev=1, entities=(CHEST, Entity(id="door", name="red door"))),
    m.ScenePatch(
        base=1,
        rev=2,
        remove=("torch",),
        put=(Entity(id="rope", name="rope", kind="item"),),
        state={"chest": {"locked": False, "label": None}},
        move={"door": (0.0, 1.0, 2.5)},
    ),
    m.SceneEvent(name="thunder", entity="door", text="Thunder rolls.", data={"loudness": 0.5}),
    m.Focus(entity="chest"),
    m.ToolAck(call=5, accepted=False, reason="the chest is locked"),
    m.ToolResult(call=5, ok=False, value={"open": False}, reason="the lid is stuck"),
    m.FloorSet(mode="script", until_ms=2500.0),
    m.Pause(paused=False, for_ms=20_000.0),
    m.TurnHint(turn=2, hint="force"),
    m.Report(reply=3, reason="hateful", text="He called me names."),
    m.Ack(acked=17),
    m.Bye(reason="the player left"),
    m.RtcOffer(sdp=SDP, speech="channel"),
    m.RtcMic(stream=1, via="channel", at=9600),
    m.RtcBeat(mic_sample=96000, silent=True),
    m.RtcIce(candidate="candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host", mid="0"),
    m.Ping(id=1, t_us=1_000_000),
    m.Pong(id=1, t_us=1_000_000, received_us=52_000_000, sent_us=52_000_040),
    m.Error(
        code="tool_unknown_call",
        text="there is no call 9",
        stage="tool",
        fault="client",
        remedy="answer with the call's own id",
        ref="tool.result",
        fatal=True,
        retry_after_ms=2_500.0,
        seq=18,
    ),
    m.Welcome(
        seq=1,
        protocol=1,
        session="s-1",
        character="blacksmith",
        language="en-gb",
        mic_language="en",
        server="frametalk 0.1.0",
        resume="r-7f3a",
        resumed=True,
        not_resumed="resume_expired",
        received=41,
        mic_sample=95680,
        scene_rev=2,
        mic_rates_hz=(8000, 16000, 48000),
        mic_codecs=("opus", "pcm16"),
        rate_hz=22050,
        codec="opus",
        echo="half_duplex",
        interruptible="never",
        disclosure="You are talking with an artificial intelligence.",
        voice_licence="CC0-1.0",
        consent=m.Consent(store=True, record=True, third_party=True),
        child=True,
        features=("floor",),
        ice_servers=(
            m.IceServer(
                urls=("turn:192.0.2.9:3478?transport=udp",),
                username="1790000000:s-1",
                credential="bXktc2hvcnQtbGl2ZWQ=",
            ),
        ),
        limits=LIMITS,
    ),
    m.TurnStateChanged(
        seq=2, state="ducked", turn=2, reply=3, paused=True, gesture="think", t_us=53_000_000
    ),
    m.Transcript(
        seq=3,
        turn=2,
        rev=4,
        text="open the chest",
        stable=8,
        final=True,
        words=(
            m.WordHeard(text="open", at=4800, end=9600, confidence=0.75),
            m.WordHeard(text="the", at=9600, end=12000),
        ),
    ),
    m.ReplyBegin(
        seq=4, reply=3, turn=2, stream=1, rate_hz=48000, codec="opus", character="blacksmith"
    ),
    m.ReplyText(seq=5, reply=3, text="It is open now.", at=4410),
    m.ReplyMarks(
        seq=6,
        reply=3,
        marks=(
            Mark(kind="word", at=0, end=2205, name="It"),
            Mark(kind="viseme", at=0, end=1102, name="ih", value=0.75),
            Mark(kind="gesture", at=2205, end=2205, name="nod"),
            Mark(kind="emotion", at=2205, end=2205, name="happy", value=0.5),
            Mark(kind="gaze", at=4410, end=4410, name="chest"),
        ),
    ),
    m.ReplyEnd(seq=7, reply=3, samples=44100, reason="guard"),
    m.ReplyCut(seq=8, reply=3, at=22050, reason="continued"),
    m.ToolCall(
        seq=9,
        call=5,
        name="open",
        args={"target": "chest"},
        scene_rev=2,
        deadline_ms=2000.0,
        turn=2,
        reply=3,
        at=8820,
    ),
    m.ToolCancel(seq=10, call=5, reason="the player said stop"),
    m.SceneAck(seq=11, rev=2),
    m.SceneResync(seq=12, rev=2, reason="the patch starts from revision 7"),
    m.Trace(
        seq=13,
        turn=2,
        reply=3,
        mouth_to_ear_ms=612.5,
        stages=(
            m.StageTime(stage="input_device", ms=21.5, estimated=True),
            m.StageTime(stage="endpoint_wait", ms=458.5),
            m.StageTime(stage="recognition", ms=132.5),
        ),
        unmeasured="underrun at the start of the reply",
        unseen=("output_device",),
        ready=True,
        discarded=2,
        measures=("short_clause", "filler"),
    ),
    m.RtcAnswer(seq=14, sdp=SDP),
    m.RtcHeard(mic_sample=95680, reply=3, sample=22050),
    m.Received(messages=41, mic_sample=95680),
    m.GoAway(seq=15, reason="the server restarts", in_ms=5000.0, url="wss://b.game.example/v1"),
)


def least(full: m.AnyMessage) -> m.AnyMessage:
    """The same message with only its required fields."""
    fields = msgspec.structs.fields(full)
    kept: dict[str, Any] = {
        field.name: getattr(full, field.name) for field in fields if field.required
    }
    return type(full)(**kept)


def tag(message: Any) -> str:
    """The message's `type`."""
    return str(message.__struct_config__.tag)
