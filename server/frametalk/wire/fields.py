"""The types of messages' fields, and the base of all messages."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from frametalk.core import events, turn_parts

# Whole numbers stay within what a JavaScript number holds exactly.
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Sample = Annotated[int, Meta(ge=0, le=2**53 - 1, description="samples on a clock from 0")]
Micros = Annotated[int, Meta(ge=0, le=2**53 - 1, description="microseconds of the sender's clock")]
Millis = Annotated[float, Meta(ge=0, le=86_400_000, description="milliseconds")]
RateHz = Annotated[int, Meta(ge=8_000, le=192_000, description="samples per second")]
StreamId = Annotated[int, Meta(ge=0, le=65_535)]
Id = Annotated[str, Meta(min_length=1, max_length=128)]
Text = Annotated[str, Meta(max_length=4_000)]

EchoPolicy = Literal["none", "duck", "half_duplex", "platform_aec"]
Interruptible = turn_parts.Interruptible
MicMode = Literal["open", "ptt"]
TurnState = Literal["idle", "hearing", "holding", "thinking", "speaking", "ducked"]
FloorMode = events.Floor
Codec = Literal["pcm16", "opus"]
MicRoute = Literal["channel", "track"]
SpeechRoute = Literal["websocket", "channel", "track"]
ReportReason = Literal["illegal", "sexual", "hateful", "violent", "self_harm", "off_topic", "other"]


class Consent(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What a player agrees to, or what a session does with words and sound."""

    store: bool = False
    record: bool = False
    third_party: bool = False


class Message(msgspec.Struct, tag_field="type", kw_only=True, frozen=True, omit_defaults=True):
    """A control message; `type` says which one."""


class ServerMessage(Message, kw_only=True, frozen=True):
    """A control message from the server; `seq` counts from 1, and `ack` confirms it."""

    seq: Count = 0
