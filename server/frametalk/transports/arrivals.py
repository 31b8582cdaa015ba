"""How much of what a client sends has arrived: what it need not send again."""

from __future__ import annotations

from frametalk.transports.link import BadInput, Inbound
from frametalk.transports.sent import end_of
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, UnknownMessage

UNCOUNTED = frozenset({"hello", "ping", "pong", "ack"})
"""Types of control messages that no side counts: they concern one connection."""


class Arrivals:
    """Counts what arrives. `mic_sample`: how far the open microphone stream has come; None: no stream."""

    def __init__(self) -> None:
        self.messages = 0
        self.mic_sample: int | None = None

    def take(self, inbound: Inbound) -> None:
        """Something has arrived."""
        if isinstance(inbound, Media):
            if self.mic_sample is not None:
                self.mic_sample = end_of(inbound)
            return
        self.messages += _type_of(inbound) not in {*UNCOUNTED, "media"}
        if isinstance(inbound, m.MicStart):
            self.mic_sample = 0
        elif isinstance(inbound, m.MicStop):
            self.mic_sample = None

    def heard(self, mic_sample: int) -> None:
        """The open microphone stream has come so far, by whatever way."""
        self.mic_sample = mic_sample

    def fits(self, at: m.ResumeFrom) -> bool:
        """Whether the client can have sent this much: no less than has arrived."""
        if at.sent is None:
            return True
        if at.sent != self.messages or self.mic_sample is None or at.mic_sample is None:
            return at.sent >= self.messages
        return at.mic_sample >= self.mic_sample


def _type_of(inbound: m.AnyMessage | UnknownMessage | BadInput) -> str:
    if isinstance(inbound, BadInput):
        return inbound.ref
    if isinstance(inbound, UnknownMessage):
        return inbound.type
    return str(inbound.__struct_config__.tag)
