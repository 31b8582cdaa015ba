"""A recogniser's stream whose speech another stream can read again."""

from __future__ import annotations

from frametalk.adapters.base import Hypothesis, RecogniserStream
from frametalk.core.audio import RECOGNITION_RATE_HZ

MAX_BYTES = 20 * 2 * RECOGNITION_RATE_HZ  # 20 s: most first turns are shorter


class RepeatableStream:
    """Keeps what it was fed, up to MAX_BYTES, until a text is asked for or the stream ends."""

    def __init__(self, stream: RecogniserStream) -> None:
        self._stream = stream
        self._fed: bytearray | None = bytearray()

    def feed(self, pcm: bytes) -> None:
        """As the stream that it has now."""
        if self._fed is not None:
            self._fed += pcm
            if len(self._fed) > MAX_BYTES:
                self._fed = None
        self._stream.feed(pcm)

    async def finalize(self) -> Hypothesis:
        """As the stream that it has now."""
        self._fed = None
        return await self._stream.finalize()

    def cancel(self) -> None:
        """As the stream that it has now."""
        self._fed = None
        self._stream.cancel()

    @property
    def can_repeat(self) -> bool:
        """Whether another stream can still read all of it."""
        return self._fed is not None

    def repeat(self, stream: RecogniserStream) -> None:
        """Feed all that came to this stream, which goes on from here; once, while `can_repeat`."""
        assert self._fed is not None  # noqa: S101  (a caller's mistake)
        self._stream.cancel()
        self._stream = stream
        stream.feed(bytes(self._fed))
        self._fed = None
