"""Clauses that were spoken before, kept by what they are: characters say the same things again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

from frametalk.adapters.base import SpeechChunk, SpeechRequest, Voice

MARK_BYTES = 160  # what a mark takes in memory
CHUNK_BYTES = 200  # what a chunk takes beside its sound


class CachedVoice:
    """Another voice, asked only for what is not kept. One for all sessions of a server.

    Keeps sound and marks of whole clauses, at most `max_bytes` of them; the one that was not asked for the
    longest goes first. A clause is known by all of its request, so also by voice, language, speed and
    volume; engine and options are those of the one voice. What was cut or failed is not kept. Two who
    ask for the same at once are both served by the engine. `looked_up` is told of every clause whether
    it was kept.
    """

    def __init__(
        self, voice: Voice, max_bytes: int, looked_up: Callable[[bool], None] | None = None
    ) -> None:
        self.rate_hz = voice.rate_hz
        self.bytes = 0
        self._voice = voice
        self._max_bytes = max_bytes
        self._looked_up = looked_up
        self._kept: OrderedDict[SpeechRequest, tuple[tuple[SpeechChunk, ...], int]] = OrderedDict()

    async def start(self) -> None:
        """Start the voice."""
        await self._voice.start()
        self.rate_hz = self._voice.rate_hz  # of some known only now

    async def close(self) -> None:
        """Close the voice and forget all."""
        self._kept.clear()
        self.bytes = 0
        await self._voice.close()

    async def speak(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        """The clause in the same chunks, at once where it is kept."""
        kept = self._kept.get(request)
        if self._looked_up is not None:
            self._looked_up(kept is not None)
        if kept is not None:
            self._kept.move_to_end(request)
            for chunk in kept[0]:
                yield chunk
            return
        made: list[SpeechChunk] = []
        size = CHUNK_BYTES + len(request.text)
        async with aclosing(self._voice.speak(request)) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                size += len(chunk.pcm) + MARK_BYTES * len(chunk.marks) + CHUNK_BYTES
                if size <= self._max_bytes:
                    made.append(chunk)
                else:
                    made.clear()
                yield chunk
        if size <= self._max_bytes:
            self._keep(request, tuple(made), size)

    def _keep(self, request: SpeechRequest, chunks: tuple[SpeechChunk, ...], size: int) -> None:
        self._forget(request)
        while self.bytes + size > self._max_bytes:
            self._forget(next(iter(self._kept)))
        self._kept[request] = chunks, size
        self.bytes += size

    def _forget(self, request: SpeechRequest) -> None:
        _chunks, size = self._kept.pop(request, ((), 0))
        self.bytes -= size
