"""What was sent and may not have arrived: in order, bounded, to be sent again on another connection."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from frametalk.wire.codec import ControlCodec, Media, MediaKind, encode
from frametalk.wire.messages import AnyMessage
from frametalk.wire.opus import used_samples

HEADER_BYTES = 16


class Entry(NamedTuple):
    """A control message, numbered and encoded, or a media frame, which has the number 0."""

    number: int
    data: bytes
    frame: Media | None

    @property
    def size_bytes(self) -> int:
        return len(self.data) if self.frame is None else HEADER_BYTES + len(self.frame.payload)


def end_of(frame: Media) -> int:
    """One past the frame's last sample."""
    if frame.kind is MediaKind.OPUS:
        return frame.sample + used_samples(frame.sample, frame.payload)
    return frame.sample + len(frame.payload) // 2


@dataclass(frozen=True, slots=True)
class KeptLog:
    """A log as it outlives a server that restarts."""

    confirmed: int
    dropped: int
    dropped_media: tuple[int, int] | None
    heard: tuple[int, int] | None
    entries: tuple[Entry, ...]


class SentLog:
    """Keeps what was sent until it is confirmed. Beyond its bounds it drops the oldest, sound first.

    `codec` decodes this side's messages. Control messages are numbered upwards. `dropped` is the highest
    number of a message that was dropped unconfirmed, `dropped_media` the same for sound: (stream, one past
    the last sample).
    """

    def __init__(self, codec: ControlCodec[Any], max_items: int, max_bytes: int) -> None:
        self.confirmed = 0
        self.dropped = 0
        self.dropped_media: tuple[int, int] | None = None
        self._codec = codec
        self._max_items = max_items
        self._max_bytes = max_bytes
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._heard: tuple[int, int] | None = None  # (stream, sample) that is confirmed

    def __len__(self) -> int:
        return len(self._entries)

    def kept(self, *, whole: bool) -> KeptLog:
        """What to restore elsewhere: all of it, or, where that is of no use, only how far it is."""
        entries = tuple(self._entries) if whole else ()
        return KeptLog(self.confirmed, self.dropped, self.dropped_media, self._heard, entries)

    def restore(self, kept: KeptLog) -> None:
        """Go on from another log."""
        self.confirmed, self.dropped = kept.confirmed, kept.dropped
        self.dropped_media, self._heard = kept.dropped_media, kept.heard
        self._keep(iter(kept.entries))

    @property
    def bytes(self) -> int:
        """Bytes of all that is kept."""
        return self._bytes

    def add(self, number: int, message: AnyMessage) -> None:
        """Keep a control message."""
        self._put(Entry(number, encode(message), None))

    def add_media(self, frame: Media) -> None:
        """Keep a media frame."""
        self._put(Entry(0, b"", frame))

    def confirm(self, number: int) -> None:
        """The control messages up to `number` have arrived."""
        self.confirmed = max(self.confirmed, number)
        self._trim()

    def confirm_through(self, number: int) -> None:
        """Everything up to the control message `number` has arrived, also the media before it."""
        numbers = [entry.number for entry in self._entries]
        last = max((i for i, known in enumerate(numbers) if 0 < known <= number), default=-1)
        for _ in range(last + 1):
            self._bytes -= self._entries.popleft().size_bytes
        self.confirm(number)

    def confirm_media(self, stream: int, sample: int) -> None:
        """The samples of `stream` before `sample` need not be kept."""
        self._heard = (stream, sample)
        self._trim()

    def flush(self, stream: int) -> None:
        """Discard the media of `stream`."""
        self._keep(
            entry for entry in self._entries if entry.frame is None or entry.frame.stream != stream
        )

    def unconfirmed_media(self) -> Iterator[Media]:
        """The media frames that are kept and not confirmed, in order."""
        for entry in list(self._entries):
            if entry.frame is not None and not self._is_confirmed(entry):
                yield entry.frame

    def entries(self) -> Iterator[tuple[int, AnyMessage | Media]]:
        """All that is kept, in order: (number, message), or (0, frame)."""
        for number, data, frame in list(self._entries):
            if frame is not None:
                yield 0, frame
            else:
                yield number, cast(AnyMessage, self._codec.decode_binary(data))

    def _put(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._bytes += entry.size_bytes
        if self._is_full():
            self._keep(entry for entry in self._entries if not self._is_confirmed(entry))
        while self._is_full():
            self._drop()

    def _is_full(self) -> bool:
        return len(self._entries) > self._max_items or self._bytes > self._max_bytes

    def _is_confirmed(self, entry: Entry) -> bool:
        if entry.frame is None:
            return entry.number <= self.confirmed
        if self._heard is None:
            return False
        stream, sample = self._heard
        return entry.frame.stream == stream and end_of(entry.frame) <= sample

    def _trim(self) -> None:
        """Remove what is confirmed from the front; the rest waits for what is before it."""
        while self._entries and self._is_confirmed(self._entries[0]):
            self._bytes -= self._entries.popleft().size_bytes

    def _drop(self) -> None:
        media = (i for i, entry in enumerate(self._entries) if entry.frame is not None)
        oldest = next(media, 0)
        entry = self._entries[oldest]
        del self._entries[oldest]
        self._bytes -= entry.size_bytes
        if entry.frame is None:
            self.dropped = entry.number
        else:
            self.dropped_media = (entry.frame.stream, end_of(entry.frame))

    def _keep(self, entries: Iterator[Entry]) -> None:
        self._entries = deque(entries)
        self._bytes = sum(entry.size_bytes for entry in self._entries)
