"""Messages that both sides send, as protocols/wire.md defines them. Pure data."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from frametalk.wire.fields import Count, Id, Message, Micros, Millis, Text


class Ping(Message, kw_only=True, frozen=True, tag="ping"):
    """Asks for the other side's clock. `t_us` is the sender's."""

    id: Count
    t_us: Micros


class Pong(Message, kw_only=True, frozen=True, tag="pong"):
    """Answer to `ping`: its id and time, and the answering side's clock at receipt and at sending."""

    id: Count
    t_us: Micros
    received_us: Micros
    sent_us: Micros


class Error(Message, kw_only=True, frozen=True, tag="error"):
    """Something went wrong. `code` is stable; `ref` is the type of the message that caused it."""

    code: Id
    text: Text = ""
    stage: str = ""
    fault: str = ""
    remedy: Text = ""
    ref: str = ""
    fatal: bool = False
    retry_after_ms: Millis = 0
    seq: Count = 0


class RtcIce(Message, kw_only=True, frozen=True, tag="rtc.ice"):
    """One more ICE candidate; empty: there are no more."""

    candidate: Annotated[str, Meta(max_length=1_024)] = ""
    mid: Annotated[str, Meta(max_length=64)] = ""
