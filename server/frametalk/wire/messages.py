"""Every control message of the wire, as protocols/wire.md defines it."""

from __future__ import annotations

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
    Millis,
    RateHz,
    ReportReason,
    Sample,
    ServerMessage,
    StreamId,
    Text,
    TurnState,
)
from frametalk.wire.from_both import Error, Ping, Pong, RtcIce
from frametalk.wire.from_client import (
    Ack,
    Bye,
    ClientInfo,
    FloorSet,
    Focus,
    Hello,
    Interrupt,
    MicStart,
    MicStop,
    Pause,
    Played,
    Report,
    ResumeFrom,
    RtcOffer,
    Say,
    SceneEvent,
    ScenePatch,
    SceneSnapshot,
    ToolAck,
    ToolResult,
    TurnHint,
)
from frametalk.wire.from_server import (
    GoAway,
    Limits,
    Received,
    ReplyBegin,
    ReplyCut,
    ReplyEnd,
    ReplyMarks,
    ReplyText,
    RtcAnswer,
    SceneAck,
    SceneResync,
    StageTime,
    ToolCall,
    ToolCancel,
    Trace,
    Transcript,
    TurnStateChanged,
    Welcome,
    WordHeard,
)

PROTOCOL_VERSION = 1

FromClient = (
    Hello | MicStart | MicStop | Say | Played | Interrupt | SceneSnapshot | ScenePatch | SceneEvent
    | Focus | ToolAck | ToolResult | FloorSet | TurnHint | Pause | Report | Ack | Bye | RtcOffer
    | RtcIce | Ping | Pong | Error
)  # fmt: skip

FromServer = (
    Welcome | TurnStateChanged | Transcript | ReplyBegin | ReplyText | ReplyMarks | ReplyEnd
    | ReplyCut | ToolCall | ToolCancel | SceneAck | SceneResync | Trace | RtcAnswer | RtcIce
    | GoAway | Received | Ping | Pong | Error
)  # fmt: skip

AnyMessage = FromClient | FromServer

__all__ = [
    "PROTOCOL_VERSION",
    "Ack",
    "AnyMessage",
    "Bye",
    "ClientInfo",
    "Codec",
    "Consent",
    "Count",
    "EchoPolicy",
    "Error",
    "FloorMode",
    "FloorSet",
    "Focus",
    "FromClient",
    "FromServer",
    "GoAway",
    "Hello",
    "Id",
    "Interrupt",
    "Interruptible",
    "Limits",
    "Message",
    "MicMode",
    "MicStart",
    "MicStop",
    "Micros",
    "Millis",
    "Pause",
    "Ping",
    "Played",
    "Pong",
    "RateHz",
    "Received",
    "ReplyBegin",
    "ReplyCut",
    "ReplyEnd",
    "ReplyMarks",
    "ReplyText",
    "Report",
    "ReportReason",
    "ResumeFrom",
    "RtcAnswer",
    "RtcIce",
    "RtcOffer",
    "Sample",
    "Say",
    "SceneAck",
    "SceneEvent",
    "ScenePatch",
    "SceneResync",
    "SceneSnapshot",
    "ServerMessage",
    "StageTime",
    "StreamId",
    "Text",
    "ToolAck",
    "ToolCall",
    "ToolCancel",
    "ToolResult",
    "Trace",
    "Transcript",
    "TurnHint",
    "TurnState",
    "TurnStateChanged",
    "Welcome",
    "WordHeard",
]
