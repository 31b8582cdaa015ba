"""Every control message of the wire, as protocols/wire.md defines it. Pure data."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from frametalk.core.marks import Mark
from frametalk.core.scene import Entity, StateValue
from frametalk.core.tools import ToolSpec

PROTOCOL_VERSION = 1

# Whole numbers stay within what a JavaScript number holds exactly.
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Sample = Annotated[int, Meta(ge=0, le=2**53 - 1, description="samples on a clock from 0")]
Micros = Annotated[int, Meta(ge=0, le=2**53 - 1, description="microseconds of the sender's clock")]
Millis = Annotated[float, Meta(ge=0, le=86_400_000, description="milliseconds")]
RateHz = Annotated[int, Meta(ge=8_000, le=48_000, description="samples per second")]
StreamId = Annotated[int, Meta(ge=0, le=65_535)]
Id = Annotated[str, Meta(min_length=1, max_length=128)]
Text = Annotated[str, Meta(max_length=4_000)]

EchoPolicy = Literal["none", "duck", "half_duplex", "platform_aec"]
MicMode = Literal["open", "ptt"]
TurnState = Literal["idle", "hearing", "holding", "thinking", "speaking", "ducked"]
FloorMode = Literal["free", "hold", "silence", "script"]
Codec = Literal["pcm16", "opus"]


class Message(msgspec.Struct, tag_field="type", kw_only=True, frozen=True, omit_defaults=True):
    """A control message; `type` tells which."""


class ServerMessage(Message, kw_only=True):
    """A control message from the server; `seq` counts from 1 and is what `ack` confirms."""

    seq: Count = 0


# ---- both ways -----------------------------------------------------------------------------------


class Ping(Message, kw_only=True, tag="ping"):
    """Ask for the other side's clock. `t_us` is the sender's."""

    id: Count
    t_us: Micros


class Pong(Message, kw_only=True, tag="pong"):
    """Answer to `ping`: its id and time, and the answerer's clock at receipt and at sending."""

    id: Count
    t_us: Micros
    received_us: Micros
    sent_us: Micros


class Error(Message, kw_only=True, tag="error"):
    """Something went wrong. `code` is stable; `ref` is the type of the message that caused it."""

    code: Id
    text: Text = ""
    stage: str = ""
    fault: str = ""
    remedy: Text = ""
    ref: str = ""
    fatal: bool = False
    seq: Count = 0


# ---- client -> server ----------------------------------------------------------------------------


class ClientInfo(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Who connects, for logs."""

    name: Annotated[str, Meta(max_length=64)] = ""
    version: Annotated[str, Meta(max_length=32)] = ""
    engine: Annotated[str, Meta(max_length=64)] = ""


class Hello(Message, kw_only=True, tag="hello"):
    """First message of a client, within 3 s of connecting."""

    protocol: Count
    client: ClientInfo = ClientInfo()
    token: Annotated[str, Meta(max_length=4_096)] = ""
    resume: Annotated[str, Meta(max_length=256)] = ""
    character: Annotated[str, Meta(max_length=64)] = ""
    language: Annotated[str, Meta(max_length=16)] = "en"
    speech_codecs: tuple[Codec, ...] = ("pcm16",)
    speech_rates_hz: tuple[RateHz, ...] = ()
    viseme_set: str = "oculus15"
    echo: EchoPolicy = "none"
    tools: tuple[ToolSpec, ...] = ()
    features: tuple[str, ...] = ()
    required: tuple[str, ...] = ()


class MicStart(Message, kw_only=True, tag="mic.start"):
    """Microphone media will follow on `stream`. `t_us` is the client's clock at sample 0."""

    stream: StreamId
    rate_hz: RateHz
    codec: Codec = "pcm16"
    mode: MicMode = "open"
    t_us: Micros = 0


class MicStop(Message, kw_only=True, tag="mic.stop"):
    """No more media on `stream`; with push-to-talk, the turn ends here. `at` is the sample count."""

    stream: StreamId
    at: Sample


class Say(Message, kw_only=True, tag="say"):
    """A typed turn."""

    text: Annotated[str, Meta(min_length=1, max_length=2_000)]


class Played(Message, kw_only=True, tag="played"):
    """What the player has really heard of a reply: all samples before `sample`.

    `t_us` is the client's clock at that instant and `mic_sample` the microphone's sample clock at the
    same instant. `arrived_us`: when the reply's first media frame came. `buffered`: samples waiting.
    """

    reply: Count
    sample: Sample
    t_us: Micros = 0
    mic_sample: Sample | None = None
    arrived_us: Micros | None = None
    buffered: Sample = 0
    underruns: Count = 0
    frame_ms: Millis | None = None
    done: bool = False


class Interrupt(Message, kw_only=True, tag="interrupt"):
    """Stop talking, by button. Without `reply`: whatever is being said."""

    reply: Count | None = None


class SceneSnapshot(Message, kw_only=True, tag="scene.snapshot"):
    """The whole scene at revision `rev`; replaces what was there."""

    rev: Count
    entities: tuple[Entity, ...]


class ScenePatch(Message, kw_only=True, tag="scene.patch"):
    """Changes from revision `base` to `rev`, carried out in the order remove, put, state, move.

    `put` adds or replaces whole entities, `state` merges keys into an entity's state (null deletes),
    `move` sets positions.
    """

    base: Count
    rev: Count
    remove: tuple[Id, ...] = ()
    put: tuple[Entity, ...] = ()
    state: dict[Id, dict[str, StateValue]] = {}
    move: dict[Id, tuple[float, float, float]] = {}


class SceneEvent(Message, kw_only=True, tag="scene.event"):
    """Something happened that is no state: "thunder", "player_entered"."""

    name: Id
    entity: Annotated[str, Meta(max_length=128)] = ""
    text: Text = ""
    data: dict[str, Any] = {}


class Focus(Message, kw_only=True, tag="focus"):
    """Where the player's attention is, with the microphone's clock."""

    entity: Id
    kind: Literal["gaze", "point", "touch", "near"] = "gaze"
    mic_sample: Sample | None = None


class ToolAck(Message, kw_only=True, tag="tool.ack"):
    """The game takes the call, or refuses it with a reason a character can say."""

    call: Count
    accepted: bool = True
    reason: Text = ""


class ToolResult(Message, kw_only=True, tag="tool.result"):
    """The call is over: done with a value, or failed with a reason."""

    call: Count
    ok: bool
    value: Any = None
    reason: Text = ""


class FloorSet(Message, kw_only=True, tag="floor.set"):
    """Who may speak: cut-scenes and menus hold or silence the character."""

    mode: FloorMode
    until_ms: Millis | None = None


class TurnHint(Message, kw_only=True, tag="turn.hint"):
    """The game knows better where a turn ends."""

    turn: Count
    hint: Literal["force", "hold", "cancel"]


class Ack(Message, kw_only=True, tag="ack"):
    """Control messages up to and including `seq` were handled."""

    acked: Count


class Bye(Message, kw_only=True, tag="bye"):
    """The client leaves; the session ends."""

    reason: Text = ""


class RtcOffer(Message, kw_only=True, tag="rtc.offer"):
    """Offer to carry media over a peer connection."""

    sdp: Annotated[str, Meta(max_length=49_152)]


class RtcIce(Message, kw_only=True, tag="rtc.ice"):
    """One more ICE candidate; empty says that there are no more."""

    candidate: Annotated[str, Meta(max_length=1_024)] = ""
    mid: Annotated[str, Meta(max_length=64)] = ""


# ---- server -> client ----------------------------------------------------------------------------


class Limits(msgspec.Struct, kw_only=True, frozen=True):
    """What the server holds the client to, and itself."""

    message_bytes: Count
    lead_ms: Millis
    played_every_ms: Millis
    mic_frame_ms: Millis
    tools: Count
    entities: Count


class Welcome(ServerMessage, kw_only=True, tag="welcome"):
    """Answer to `hello`. `rate_hz` is what replies will usually have; `reply.begin` decides."""

    protocol: Count
    session: Id
    character: str
    server: str = ""
    resume: str = ""
    resumed: bool = False
    mic_rates_hz: tuple[RateHz, ...]
    mic_codecs: tuple[Codec, ...] = ("pcm16",)
    rate_hz: RateHz
    codec: Codec = "pcm16"
    viseme_set: str = "oculus15"
    echo: EchoPolicy = "none"
    features: tuple[str, ...] = ()
    limits: Limits


class TurnStateChanged(ServerMessage, kw_only=True, tag="turn.state"):
    """What the character is doing now, for its body: listen, think, speak."""

    state: TurnState
    turn: Count
    reply: Count | None = None
    t_us: Micros = 0


class WordHeard(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One recognised word on the microphone's sample clock."""

    text: str
    at: Sample
    end: Sample
    confidence: float = 1.0


class Transcript(ServerMessage, kw_only=True, tag="transcript"):
    """What the server understands of a turn. The first `stable` characters will not change."""

    turn: Count
    rev: Count
    text: Text
    stable: Count = 0
    final: bool = False
    words: tuple[WordHeard, ...] = ()


class ReplyBegin(ServerMessage, kw_only=True, tag="reply.begin"):
    """A reply starts; its media comes on `stream` with its own clock from 0."""

    reply: Count
    turn: Count
    stream: StreamId
    rate_hz: RateHz
    codec: Codec = "pcm16"
    character: str = ""


class ReplyText(ServerMessage, kw_only=True, tag="reply.text"):
    """Caption: these words will be spoken from sample `at` on."""

    reply: Count
    text: Text
    at: Sample


class ReplyMarks(ServerMessage, kw_only=True, tag="reply.marks"):
    """Words, visemes, gestures on the reply's clock; sent before the sound they belong to."""

    reply: Count
    marks: tuple[Mark, ...]


class ReplyEnd(ServerMessage, kw_only=True, tag="reply.end"):
    """Nothing more comes; the reply is `samples` long."""

    reply: Count
    samples: Sample


class ReplyCut(ServerMessage, kw_only=True, tag="reply.cut"):
    """Sound, mouth and marks from sample `at` on are void; stop now, fade, mouth to rest."""

    reply: Count
    at: Sample
    reason: Literal["interrupted", "withdrawn", "stopped", "failed", "floor"] = "interrupted"


class ToolCall(ServerMessage, kw_only=True, tag="tool.call"):
    """Do this, when the reply's clock has reached `at` (0 or no reply: now)."""

    call: Count
    name: Id
    args: dict[str, Any] = {}
    scene_rev: Count = 0
    deadline_ms: Millis
    turn: Count = 0
    reply: Count | None = None
    at: Sample = 0


class ToolCancel(ServerMessage, kw_only=True, tag="tool.cancel"):
    """The call is no longer wanted; a result that still comes is ignored."""

    call: Count
    reason: Text = ""


class SceneAck(ServerMessage, kw_only=True, tag="scene.ack"):
    """The server's scene is at revision `rev`."""

    rev: Count


class SceneResync(ServerMessage, kw_only=True, tag="scene.resync"):
    """A patch did not fit revision `rev`; send a snapshot."""

    rev: Count
    reason: Text = ""


class StageTime(msgspec.Struct, kw_only=True, frozen=True):
    """One step of a turn's waterfall."""

    stage: str
    ms: float


class Trace(ServerMessage, kw_only=True, tag="trace"):
    """A turn's waterfall. The stages add up to `mouth_to_ear_ms`; null with a reason if unmeasured."""

    turn: Count
    reply: Count
    mouth_to_ear_ms: float | None = None
    stages: tuple[StageTime, ...] = ()
    unmeasured: str = ""


class RtcAnswer(ServerMessage, kw_only=True, tag="rtc.answer"):
    """Answer to `rtc.offer`."""

    sdp: Annotated[str, Meta(max_length=49_152)]


class GoAway(ServerMessage, kw_only=True, tag="goaway"):
    """The server will close soon; finish and come back later or elsewhere."""

    reason: Text = ""
    in_ms: Millis = 0


FromClient = (
    Hello | MicStart | MicStop | Say | Played | Interrupt | SceneSnapshot | ScenePatch | SceneEvent
    | Focus | ToolAck | ToolResult | FloorSet | TurnHint | Ack | Bye | RtcOffer | RtcIce
    | Ping | Pong | Error
)  # fmt: skip

FromServer = (
    Welcome | TurnStateChanged | Transcript | ReplyBegin | ReplyText | ReplyMarks | ReplyEnd
    | ReplyCut | ToolCall | ToolCancel | SceneAck | SceneResync | Trace | RtcAnswer | RtcIce
    | GoAway | Ping | Pong | Error
)  # fmt: skip

AnyMessage = FromClient | FromServer
