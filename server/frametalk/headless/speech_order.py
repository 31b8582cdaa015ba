"""Puts the frames of replies in order that come by two ways, and silence where one is missing."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from frametalk.transports.sent import end_of
from frametalk.transports.webrtc.in_order import InOrder
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind

EARLY_FRAMES = 100  # that wait for their `reply.begin`: 2 s
WINDOW = 12  # frames that wait for a missing one: a reply has a lead, so there is time

OPUS_SILENCE = b"\xf8\xff\xfe"  # 20 ms

Item = Media | m.ReplyBegin | m.ReplyEnd


@dataclass(slots=True)
class _Reply:
    stream: int
    end: int = 0
    opus: bool = False
    ending: m.ReplyEnd | None = None
    order: InOrder[Media] = field(default_factory=lambda: InOrder(0, WINDOW))


class SpeechOrder:
    """The present reply's frames. `lost` counts frames' places that were filled with silence."""

    def __init__(self) -> None:
        self.lost = 0
        self._reply: _Reply | None = None
        self._early: deque[Media] = deque(maxlen=EARLY_FRAMES)

    def take(self, frame: Media) -> list[Item]:
        """A frame, by whatever way; returns what is due now."""
        reply = self._reply
        if reply is None or frame.stream != reply.stream:
            self._early.append(frame)
            return []
        due = self._behind(reply, reply.order.put(frame.sample, end_of(frame), frame))
        return [*due, *self._ended(reply)]

    def begin(self, message: m.ReplyBegin) -> list[Item]:
        """A reply begins; returns the end of the one before, and what has come before its time."""
        before = self.give_up()
        self._reply = _Reply(message.stream, opus=message.codec == "opus")
        early, self._early = self._early, deque(maxlen=EARLY_FRAMES)
        return [*before, message, *(each for frame in early for each in self.take(frame))]

    def end(self, message: m.ReplyEnd) -> list[Item]:
        """All of the reply was sent; the message is due when all of it has come, or is given up."""
        if self._reply is None:
            return [message]
        self._reply.ending = message
        return self._ended(self._reply)

    def give_up(self) -> list[Item]:
        """Wait no more for the end of the reply: what is held, silence up to its end, the message."""
        reply = self._reply
        if reply is None or reply.ending is None:
            return []
        due = self._behind(reply, reply.order.flush())
        return [*due, *self._silence(reply, reply.ending.samples), *self._ended(reply)]

    @property
    def ending(self) -> int | None:
        """The reply of which all was sent, and not all has come."""
        ending = None if self._reply is None else self._reply.ending
        return None if ending is None else ending.reply

    def _ended(self, reply: _Reply) -> list[Item]:
        ending = reply.ending
        if ending is None or reply.end < ending.samples:
            return []
        self._reply = None
        return [ending]

    def _behind(self, reply: _Reply, frames: list[Media]) -> list[Media]:
        due: list[Media] = []
        for frame in frames:
            due += [*self._silence(reply, frame.sample), frame]
            reply.end = end_of(frame)
        return due

    def _silence(self, reply: _Reply, until: int) -> list[Media]:
        missing, at, reply.end = until - reply.end, reply.end, max(reply.end, until)
        if missing <= 0:
            return []
        self.lost += 1
        if not reply.opus:
            return [Media(MediaKind.PCM16, reply.stream, 0, at, bytes(2 * missing))]
        packets = []
        while at < until:
            packets.append(Media(MediaKind.OPUS, reply.stream, 0, at, OPUS_SILENCE))
            at = end_of(packets[-1])
        return packets
