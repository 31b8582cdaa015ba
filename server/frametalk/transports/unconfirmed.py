"""What a server has sent to one client and may have to send again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from frametalk.transports.sent import Entry, KeptLog, SentLog, end_of
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, encode, server_codec

MAX_ITEMS = 768  # fewer than a link queues, so that all of it can be sent again at once
MAX_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class KeptSent:
    """What was sent, as it outlives a server that restarts."""

    seq: int
    reply: int
    stream: int
    sample: int
    log: KeptLog


def without_sdp(entry: Entry) -> Entry:
    """The entry; an `rtc.answer`, which has passwords and addresses, with spaces in their place."""
    if b"rtc.answer" not in entry.data:
        return entry
    message = server_codec.decode_binary(entry.data)
    if not isinstance(message, m.RtcAnswer):
        return entry
    blank = msgspec.structs.replace(message, sdp=" " * len(message.sdp))
    return entry._replace(data=encode(blank))


class Unconfirmed:
    """The numbered control messages since the newest `ack`, and the sound that was not played yet."""

    def __init__(self, seq: int) -> None:
        """`seq`: the number of the newest message that was sent before."""
        self.seq = seq
        self._log = SentLog(server_codec, MAX_ITEMS, MAX_BYTES)
        self._log.confirm(seq)
        self._reply = -1
        self._stream = -1
        self._sample = 0  # one past the newest that was sent of the reply

    def kept(self, *, whole: bool) -> KeptSent:
        """What to restore elsewhere, see `SentLog.kept`."""
        log = self._log.kept(whole=whole)
        return KeptSent(self.seq, self._reply, self._stream, self._sample, log)

    def restore(self, kept: KeptSent) -> None:
        """Go on from what another server has sent."""
        self.seq = kept.seq
        self._reply, self._stream, self._sample = kept.reply, kept.stream, kept.sample
        self._log.restore(kept.log)

    @property
    def bytes(self) -> int:
        """Bytes of all that is kept."""
        return self._log.bytes

    def sent(self, message: m.AnyMessage, seq: int) -> None:
        """A numbered control message was sent."""
        self.seq = seq
        if isinstance(message, m.ReplyBegin):
            self._reply, self._stream, self._sample = message.reply, message.stream, 0
        self._log.add(seq, message)

    def sent_media(self, frame: Media) -> None:
        """A frame of the reply was sent."""
        self._sample = end_of(frame)
        self._log.add_media(frame)

    def flush(self, stream: int) -> None:
        """The media of `stream` is void."""
        self._log.flush(stream)

    def confirm(self, seq: int) -> bool:
        """The client has handled the messages up to `seq`; False if so many were not sent."""
        if seq > self.seq:
            return False
        self._log.confirm(seq)
        return True

    def played(self, report: m.Played) -> None:
        """The client has played so much of a reply. A report that cannot be is ignored."""
        if report.reply != self._reply or report.sample > self._sample:
            return
        if report.done:
            self._log.flush(self._stream)
        else:
            self._log.confirm_media(self._stream, report.sample)

    def fits(self, at: m.ResumeFrom) -> bool:
        """Whether the client can have got this much: no more than was sent."""
        played = at.played if at.reply == self._reply else 0
        return (at.received or 0) <= self.seq and played <= self._sample

    def lacks(self, at: m.ResumeFrom) -> bool:
        """Whether something that the client has not got was dropped."""
        if at.received is not None and at.received < self._log.dropped:
            return True
        if self._log.dropped_media is None or at.reply != self._reply:
            return False
        stream, sample = self._log.dropped_media
        return stream == self._stream and at.played < sample

    def unplayed(self) -> Iterator[Media]:
        """The frames of the reply that were not reported as played."""
        return self._log.unconfirmed_media()

    def after(self, at: m.ResumeFrom) -> Iterator[m.AnyMessage | Media]:
        """What the client has not got, in order; of the reply that it plays, what it has not played."""
        if at.received is not None:
            self._log.confirm(at.received)
        playing = self._stream if at.reply == self._reply else -1
        for number, item in self._log.entries():
            if isinstance(item, Media):
                if item.stream != playing or end_of(item) > at.played or not item.payload:
                    yield item
            elif number > self._log.confirmed:
                yield item
