"""Messages that the server sends, as protocols/wire.md defines them. Pure data."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from frametalk.core.marks import Mark
from frametalk.wire.fields import (
    Codec,
    Consent,
    Count,
    EchoPolicy,
    Id,
    Interruptible,
    Message,
    Micros,
    Millis,
    RateHz,
    Sample,
    ServerMessage,
    StreamId,
    Text,
    TurnState,
)


class Limits(msgspec.Struct, kw_only=True, frozen=True):
    """Limits that the client and the server keep."""

    message_bytes: Count
    lead_ms: Millis
    played_every_ms: Millis
    mic_frame_ms: Millis
    tools: Count
    entities: Count
    resume_ms: Millis = 0
    pause_ms: Millis = 0


class IceServer(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A STUN or TURN server, as a browser's RTCIceServer."""

    urls: tuple[str, ...]
    username: str = ""
    credential: str = ""


class Welcome(ServerMessage, kw_only=True, frozen=True, tag="welcome"):
    """Answer to `hello`. `rate_hz` is the usual rate of replies; `reply.begin` decides.

    `language` is what the voice speaks, `mic_language` what the recogniser listens for. `disclosure` is a
    sentence for the player: a machine speaks.
    """

    protocol: Count
    session: Id
    character: str
    language: str = ""
    mic_language: str = ""
    server: str = ""
    resume: str = ""
    resumed: bool = False
    not_resumed: str = ""
    received: Count = 0
    mic_sample: Sample | None = None
    scene_rev: Count | None = None
    mic_rates_hz: tuple[RateHz, ...]
    mic_codecs: tuple[Codec, ...] = ("pcm16",)
    rate_hz: RateHz
    codec: Codec = "pcm16"
    echo: EchoPolicy = "none"
    interruptible: Interruptible = "words"
    disclosure: Text = ""
    voice_licence: Text = ""
    consent: Consent = Consent()
    child: bool = False
    features: tuple[str, ...] = ()
    ice_servers: tuple[IceServer, ...] = ()
    limits: Limits


class Received(Message, kw_only=True, frozen=True, tag="received"):
    """So many control messages of the client have arrived, and the microphone up to this sample."""

    messages: Count
    mic_sample: Sample | None = None


class TurnStateChanged(ServerMessage, kw_only=True, frozen=True, tag="turn.state"):
    """What the character is doing now, for its body: listening, thinking, speaking.

    `paused`: the reply's clock stands while the server decides whether this is a barge-in.
    """

    state: TurnState
    turn: Count
    reply: Count | None = None
    paused: bool = False
    gesture: str = ""
    t_us: Micros = 0


class WordHeard(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One recognised word on the microphone's sample clock."""

    text: str
    at: Sample
    end: Sample
    confidence: float = 1.0


class Transcript(ServerMessage, kw_only=True, frozen=True, tag="transcript"):
    """The turn's text as understood so far. The first `stable` characters will not change."""

    turn: Count
    rev: Count
    text: Text
    stable: Count = 0
    final: bool = False
    words: tuple[WordHeard, ...] = ()


class ReplyBegin(ServerMessage, kw_only=True, frozen=True, tag="reply.begin"):
    """A reply begins. Its media comes on `stream`; its clock starts at 0."""

    reply: Count
    turn: Count
    stream: StreamId
    rate_hz: RateHz
    codec: Codec = "pcm16"
    character: str = ""


class ReplyText(ServerMessage, kw_only=True, frozen=True, tag="reply.text"):
    """A caption: these words are spoken from sample `at` on."""

    reply: Count
    text: Text
    at: Sample


class ReplyMarks(ServerMessage, kw_only=True, frozen=True, tag="reply.marks"):
    """Words, visemes and gestures on the reply's clock, sent before their sound."""

    reply: Count
    marks: tuple[Mark, ...]


class ReplyEnd(ServerMessage, kw_only=True, frozen=True, tag="reply.end"):
    """The reply is complete and `samples` long. `reason`: why it ends where it does."""

    reply: Count
    samples: Sample
    reason: Literal["finished", "guard", "cap"] = "finished"


class ReplyCut(ServerMessage, kw_only=True, frozen=True, tag="reply.cut"):
    """The reply stops: sound, mouth and marks from sample `at` on are void."""

    reply: Count
    at: Sample
    reason: Literal["interrupted", "continued", "stopped", "failed", "floor"] = "interrupted"


class ToolCall(ServerMessage, kw_only=True, frozen=True, tag="tool.call"):
    """A call for the game, due when the reply's clock reaches `at` (0 or no reply: now)."""

    call: Count
    name: Id
    args: dict[str, Any] = msgspec.field(default_factory=dict)
    scene_rev: Count = 0
    deadline_ms: Millis
    turn: Count = 0
    reply: Count | None = None
    at: Sample = 0


class ToolCancel(ServerMessage, kw_only=True, frozen=True, tag="tool.cancel"):
    """The call is cancelled; a result that still arrives is ignored."""

    call: Count
    reason: Text = ""


class SceneAck(ServerMessage, kw_only=True, frozen=True, tag="scene.ack"):
    """The server's scene is at revision `rev`."""

    rev: Count


class SceneResync(ServerMessage, kw_only=True, frozen=True, tag="scene.resync"):
    """A patch did not fit revision `rev`; the client sends a snapshot."""

    rev: Count
    reason: Text = ""


class StageTime(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One step of a turn's waterfall. `estimated`: it is the platform's word, not measured."""

    stage: str
    ms: float
    estimated: bool = False


class Trace(ServerMessage, kw_only=True, frozen=True, tag="trace"):
    """A turn's waterfall: stages that add up to `mouth_to_ear_ms`, or why it was not measured.

    `unseen`: parts of it that nothing measured or estimated, so that `mouth_to_ear_ms` lacks them.
    `measures`: what the server did to be quicker, because the session misses its latency objective.
    """

    turn: Count
    reply: Count
    mouth_to_ear_ms: float | None = None
    stages: tuple[StageTime, ...] = ()
    unmeasured: str = ""
    unseen: tuple[str, ...] = ()
    ready: bool = False
    discarded: Count = 0
    measures: tuple[str, ...] = ()


class RtcAnswer(ServerMessage, kw_only=True, frozen=True, tag="rtc.answer"):
    """Answer to `rtc.offer`."""

    sdp: Annotated[str, Meta(max_length=49_152)]


class RtcHeard(Message, kw_only=True, frozen=True, tag="rtc.heard"):
    """The peer connection is alive. The microphone was heard up to `mic_sample`.

    `reply` and `sample`: how far a reply was sent on an audio track.
    """

    mic_sample: Sample | None = None
    reply: Count | None = None
    sample: Sample = 0


class GoAway(ServerMessage, kw_only=True, frozen=True, tag="goaway"):
    """The server closes in `in_ms`; finish, then connect again, to `url`.

    `url`: another server's address, `ws://` or `wss://`; empty: the same address.
    """

    reason: Text = ""
    in_ms: Millis = 0
    url: Text = ""
