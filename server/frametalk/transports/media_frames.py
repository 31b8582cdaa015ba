"""Takes media frames out of a client's bytes, without the library's parser, its queue and a task."""

from __future__ import annotations

from collections.abc import Callable

from websockets.frames import apply_mask  # type: ignore[attr-defined]  # in C or in Python

from frametalk.wire.codec import FIRST_CONTROL_BYTE

MAX_WAITING = 8_192  # bytes: 40 ms at 96 kHz
_END_OF_REQUEST = b"\r\n\r\n"
_WHOLE_BINARY = 0x82  # FIN, no reserved bit, opcode 2
_FIN, _RESERVED, _OPCODE = 0x80, 0x70, 0x0F
_MASKED, _LENGTH = 0x80, 0x7F
_CONTINUATION, _CLOSE, _PONG = 0x0, 0x8, 0xA
_LAST_DATA = 0x2  # opcodes up to this one are data
_LONG, _LONGER = 126, 127  # a length of two bytes or eight follows
_SHORTEST = 6  # bytes of a frame's head with the shortest length


class MediaFrames:
    """Follows a client's bytes from its request on, frame by frame (RFC 6455, 5.2).

    The payload of a whole media frame goes to `take`, if that is free to take it; it returns whether it
    did. All other bytes go to `parse` as they are and in order; but the head of a frame, and a media frame
    up to MAX_WAITING, waits until it is complete. Where the bytes are not what a client may send, all that
    follows goes to `parse`, which says so.
    """

    def __init__(self, parse: Callable[[bytes], None], take: Callable[[bytes], bool]) -> None:
        self._parse = parse
        self._take = take
        self._begun = False  # the request is over
        self._request_end = b""  # the newest bytes of the request
        self._is_off = False
        self._in_message = False  # a fragmented message is under way
        self._rest = 0  # bytes of the present frame that are still to be passed on
        self._head = b""  # of a frame whose head is not complete

    def feed(self, data: bytes) -> None:
        """The next bytes, however they are cut."""
        if self._is_off:
            self._parse(data)
            return
        at = 0
        if not self._begun:
            at = self._skip_request(data)
        elif self._head:
            data, self._head = self._head + data, b""
        if self._rest:
            at = min(self._rest, len(data))
            self._rest -= at
        passed = self._frames(data, at) if self._begun else 0
        left = data[passed : len(data) - len(self._head)]
        if left:
            self._parse(left)

    def end(self) -> None:
        """Nothing more comes: pass on what waits."""
        head, self._head = self._head, b""
        if head:
            self._parse(head)

    def _skip_request(self, data: bytes) -> int:
        """Where the first frame begins."""
        seen = self._request_end + data
        found = seen.find(_END_OF_REQUEST)
        if found < 0:
            self._request_end = seen[-len(_END_OF_REQUEST) + 1 :]
            return 0
        self._begun = True
        return found + len(_END_OF_REQUEST) - len(self._request_end)

    def _frames(self, data: bytes, at: int) -> int:
        """Go through the frames from `at` on; return up to where the bytes are done with."""
        end, passed = len(data), 0
        while at < end:
            first = data[at]
            if (
                first & _RESERVED
                or _LAST_DATA < first & _OPCODE < _CLOSE
                or first & _OPCODE > _PONG
            ):
                self._is_off = True
                break
            if end - at > 1 and not data[at + 1] & _MASKED:
                self._is_off = True
                break
            if end - at < _SHORTEST:
                self._head = data[at:]
                break
            length, begin = data[at + 1] & _LENGTH, at + _SHORTEST
            if length == _LONG:
                length, begin = data[at + 2] << 8 | data[at + 3], begin + 2
            elif length == _LONGER:
                length, begin = int.from_bytes(data[at + 2 : at + 10], "big"), begin + 8
            if begin > end or (begin == end and length):  # its first byte says whether it is media
                self._head = data[at:]
                break
            stop = begin + length
            if first == _WHOLE_BINARY and not self._in_message and _is_media(data, begin, length):
                if stop > end:
                    self._head = data[at:]
                    break
                if passed < at:  # what comes first is taken first
                    self._parse(data[passed:at])
                    passed = at
                if self._take(apply_mask(data[begin:stop], data[begin - 4 : begin])):
                    passed = stop
            elif first & _OPCODE <= _LAST_DATA:
                self._in_message = not first & _FIN
            self._rest = max(0, stop - end)
            at = stop
        return passed


def _is_media(data: bytes, begin: int, length: int) -> bool:
    """Whether the payload that begins there is media; False for one that is too long to wait for."""
    if not 0 < length <= MAX_WAITING or begin >= len(data):
        return False
    return data[begin] ^ data[begin - 4] < FIRST_CONTROL_BYTE
