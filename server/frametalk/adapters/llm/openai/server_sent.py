"""Reads server-sent events (HTML standard, 9.2.6) that are JSON, from whatever pieces come."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

MAX_LINE_BYTES = 131_072  # bounds the memory that one line of a stream can take
_LINE_END = re.compile(rb"\r\n|\n|\r")
_DONE = b"[DONE]"


class LongLineError(Exception):
    """A line of the stream, or an event, is too long."""

    def __init__(self) -> None:
        super().__init__(f"a line of more than {MAX_LINE_BYTES} bytes")


class StreamedError(Exception):
    """The server has sent an error in place of an answer."""


class ServerSentEvents:
    """The events of one stream. `done`: the event that ends it has come, and nothing after it counts."""

    def __init__(self) -> None:
        self.done = False
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> Iterator[Any]:
        """The events that are complete now, decoded.

        Raises LongLineError, StreamedError, and ValueError for data that is not JSON.
        """
        data = self._rest + data
        at, end = 0, len(data)
        while not self.done and (found := _LINE_END.search(data, at)):
            if found.end() == end and found.group() == b"\r":
                break  # a line feed may follow that belongs to it
            line, at = data[at : found.start()], found.end()
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
                self._size += len(line)
                if self._size > MAX_LINE_BYTES:
                    raise LongLineError
            elif not line and self._data:
                yield from self._event()
        self._rest = b"" if self.done else data[at:]
        if len(self._rest) > MAX_LINE_BYTES:
            raise LongLineError

    def _event(self) -> Iterator[Any]:
        text, self._data, self._size = b"\n".join(self._data), [], 0
        if text.startswith(_DONE):
            self.done = True
            return
        event = json.loads(text)
        if isinstance(event, dict) and (error := event.get("error")):
            said = error.get("message") if isinstance(error, dict) else error
            raise StreamedError(said if isinstance(said, str) else "an error without a message")
        yield event
