"""A recording as a file: a mark, then framed MessagePack: a header, and lists of entries.

A frame is its length and the CRC-32 of its content, both u32 little-endian, and the content, compressed by
zlib. A file that ends within a frame, as a server that was killed leaves it, is read up to there.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from frametalk.errors import ConfigError

MARK = b"FTREC\0\0\1"  # the last byte is the version of the format
FRAME = struct.Struct("<II")
COMPRESSION = 1  # of 9: silence nearly disappears, and speech is not worth more
LONGEST_FRAME = 64_000_000  # uncompressed

_encoder = msgspec.msgpack.Encoder()


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay needs beside the entries. `settings` have no secrets, `engines` no options.

    `base_us` is the session's clock at the recording's beginning. `began`: seconds since 1970.
    """

    frametalk: str
    session: str
    began: float
    base_us: int
    settings: dict[str, Any]
    engines: dict[str, Any]


class Recording(msgspec.Struct, frozen=True):
    """A whole recording. `end`: why it ends; empty: its file was not completed."""

    header: Header
    entries: list[Any]
    end: str

    @property
    def length_s(self) -> float:
        """The time from its first entry to its last."""
        clock_us = last_us = 0
        for entry in self.entries:
            if isinstance(entry, int):
                clock_us += entry
            elif (at := _TIMES.get(entry[0])) is not None:
                last_us = entry[at]
        return max(clock_us, last_us) / 1e6


_TIMES = {2: 2, 3: 2, 4: 2, 5: 2, 6: 2, 9: 1, 10: 2}  # where an entry has its time


def framed(content: Any) -> bytes:
    """One frame."""
    data = zlib.compress(_encoder.encode(content), COMPRESSION)
    return FRAME.pack(len(data), zlib.crc32(data)) + data


def read(file: Path) -> Recording:
    """Read a recording. Raises ConfigError for any other file, and for another version."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}", remedy="name a recording") from None
    if data[: len(MARK) - 1] != MARK[:-1]:
        raise ConfigError(f"{file} is no recording of a session", remedy="name a file *.recording")
    if data[: len(MARK)] != MARK:
        raise ConfigError(
            f"{file} has format {data[len(MARK) - 1]}, and this version reads {MARK[-1]}",
            remedy="use the version of frametalk that recorded it",
        )
    frames = _frames(data)
    try:
        header = msgspec.convert(next(frames), Header)
    except (StopIteration, msgspec.ValidationError):
        raise ConfigError(f"{file} has no header", remedy="the recording is damaged") from None
    entries: list[Any] = []
    for frame in frames:
        if isinstance(frame, str):
            return Recording(header, entries, frame)
        entries += frame
    return Recording(header, entries, "")


def _frames(data: bytes) -> Iterator[Any]:
    at = len(MARK)
    while at + FRAME.size <= len(data):
        size, check = FRAME.unpack_from(data, at)
        content = data[at + FRAME.size : at + FRAME.size + size]
        if len(content) < size or zlib.crc32(content) != check:
            return
        try:
            yield msgspec.msgpack.decode(zlib.decompressobj().decompress(content, LONGEST_FRAME))
        except (zlib.error, msgspec.DecodeError):
            return
        at += FRAME.size + size
