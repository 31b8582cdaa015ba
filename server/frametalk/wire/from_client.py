"""Messages that clients send, as protocols/wire.md defines them. Pure data."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from frametalk.core.scene import Entity, StateValue
from frametalk.core.tools import ToolSpec
from frametalk.wire.fields import (
    Codec,
    Consent,
    Count,
    EchoPolicy,
    FloorMode,
    Id,
    Interruptible,
    Message,
    MicMode,
    Micros,
    MicRoute,
    Millis,
    ReportReason,
    Sample,
    SpeechRoute,
    StreamId,
    Text,
)

ToolScope = Annotated[str, Meta(min_length=1, max_length=64)]


class ClientInfo(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The game and its version, for the server's log."""

    name: Annotated[str, Meta(max_length=64)] = ""
    version: Annotated[str, Meta(max_length=32)] = ""
    engine: Annotated[str, Meta(max_length=64)] = ""


class ResumeFrom(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """How far a client was when its connection broke; what it leaves out is not compared."""

    received: Count | None = None
    sent: Count | None = None
    mic_sample: Sample | None = None
    reply: Count | None = None
    played: Sample = 0


class Hello(Message, kw_only=True, frozen=True, tag="hello"):
    """A client's first message, within 3 s of connecting."""

    protocol: Count
    client: ClientInfo = ClientInfo()
    token: Annotated[str, Meta(max_length=4_096)] = ""
    resume: Annotated[str, Meta(max_length=256)] = ""
    resume_from: ResumeFrom | None = None
    character: Annotated[str, Meta(max_length=64)] = ""
    language: Annotated[str, Meta(max_length=64)] = ""
    speech_codecs: tuple[Codec, ...] = ("pcm16",)
    echo: EchoPolicy = "none"
    interruptible: Interruptible | None = None
    tools: tuple[ToolSpec, ...] = ()
    scopes: Annotated[tuple[ToolScope, ...], Meta(max_length=64)] = ()
    consent: Consent | None = None
    child: bool = False
    features: tuple[str, ...] = ()
    required: tuple[str, ...] = ()


class MicStart(Message, kw_only=True, frozen=True, tag="mic.start"):
    """Microphone media follows on `stream`, whose clock starts at 0."""

    stream: StreamId
    rate_hz: Count
    codec: Codec = "pcm16"
    mode: MicMode = "open"


class MicStop(Message, kw_only=True, frozen=True, tag="mic.stop"):
    """No more media on `stream`; with push-to-talk, the turn ends. `at`: how many samples were sent."""

    stream: StreamId
    at: Sample


class Say(Message, kw_only=True, frozen=True, tag="say"):
    """A typed turn."""

    text: Annotated[str, Meta(min_length=1, max_length=2_000)]


class FrameCost(msgspec.Struct, kw_only=True, frozen=True):
    """What the client cost the game's main thread in each of `frames` frames, about a second of them."""

    frames: Count
    p99_ms: Millis
    max_ms: Millis


class Played(Message, kw_only=True, frozen=True, tag="played"):
    """What the player has heard of a reply: all samples before `sample`.

    `t_us` is the client's clock at that instant and `mic_sample` the microphone's sample clock at
    the same instant. `arrived_us`: when the reply's first media frame arrived. `done`: no more samples
    of this reply will be played. `input_ms` and `output_ms`: how much of `mic_sample` and of `sample`
    is the platform's word about its devices' latencies; None: it says nothing.
    """

    reply: Count
    sample: Sample
    t_us: Micros = 0
    mic_sample: Sample | None = None
    arrived_us: Micros | None = None
    underruns: Count = 0
    done: bool = False
    input_ms: Millis | None = None
    output_ms: Millis | None = None
    frame_cost: FrameCost | None = None


class Interrupt(Message, kw_only=True, frozen=True, tag="interrupt"):
    """The player's stop button. Without `reply`: stops the present reply."""

    reply: Count | None = None


class SceneSnapshot(Message, kw_only=True, frozen=True, tag="scene.snapshot"):
    """The whole scene at revision `rev`; replaces the previous one."""

    rev: Count
    entities: tuple[Entity, ...]


class ScenePatch(Message, kw_only=True, frozen=True, tag="scene.patch"):
    """Changes from revision `base` to `rev`, applied in the order remove, put, state, move.

    `put` adds or replaces whole entities, `state` merges keys into an entity's state (null
    deletes), `move` sets positions.
    """

    base: Count
    rev: Count
    remove: tuple[Id, ...] = ()
    put: tuple[Entity, ...] = ()
    state: dict[Id, dict[str, StateValue]] = msgspec.field(default_factory=dict)
    move: dict[Id, tuple[float, float, float]] = msgspec.field(default_factory=dict)


class SceneEvent(Message, kw_only=True, frozen=True, tag="scene.event"):
    """Something happened that is not part of the state: "thunder", "player_entered"."""

    name: Id
    entity: Annotated[str, Meta(max_length=128)] = ""
    text: Text = ""
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class Focus(Message, kw_only=True, frozen=True, tag="focus"):
    """The player's attention moved to `entity`."""

    entity: Id


class ToolAck(Message, kw_only=True, frozen=True, tag="tool.ack"):
    """The game accepts the call, or refuses it with a reason that a character can say."""

    call: Count
    accepted: bool = True
    reason: Text = ""


class ToolResult(Message, kw_only=True, frozen=True, tag="tool.result"):
    """The call has ended: done with a value, or failed with a reason."""

    call: Count
    ok: bool
    value: Any = None
    reason: Text = ""


class FloorSet(Message, kw_only=True, frozen=True, tag="floor.set"):
    """Whether the character may speak: cut-scenes and menus hold or silence it."""

    mode: FloorMode
    until_ms: Millis | None = None


class Pause(Message, kw_only=True, frozen=True, tag="pause"):
    """The game stands still, or goes on: while it stands, no reply, turn or call of it fails."""

    paused: bool = True
    for_ms: Millis | None = None


class TurnHint(Message, kw_only=True, frozen=True, tag="turn.hint"):
    """What the game knows of a turn's end."""

    turn: Count
    hint: Literal["force", "hold", "cancel"]


class Report(Message, kw_only=True, frozen=True, tag="report"):
    """The player reports what the character said or did, to those who run the game."""

    reply: Count | None = None
    reason: ReportReason = "other"
    text: Annotated[str, Meta(max_length=1_000)] = ""


class Ack(Message, kw_only=True, frozen=True, tag="ack"):
    """Control messages up to and including `seq` `acked` were handled."""

    acked: Count


class Bye(Message, kw_only=True, frozen=True, tag="bye"):
    """The client leaves; the session ends."""

    reason: Text = ""


class RtcOffer(Message, kw_only=True, frozen=True, tag="rtc.offer"):
    """An offer to carry media over a peer connection. `speech`: how the sound of replies comes."""

    sdp: Annotated[str, Meta(max_length=49_152)]
    speech: SpeechRoute = "websocket"


class RtcMic(Message, kw_only=True, frozen=True, tag="rtc.mic"):
    """From sample `at` on, the microphone's sound comes over the peer connection."""

    stream: StreamId
    via: MicRoute
    at: Sample


class RtcBeat(Message, kw_only=True, frozen=True, tag="rtc.beat"):
    """The peer connection is alive; `mic_sample`: how far the microphone was given to it.

    `silent`: nothing has come from the server lately.
    """

    mic_sample: Sample | None = None
    silent: bool = False
