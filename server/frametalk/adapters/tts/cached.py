"""A cache of spoken clauses: characters say the same things again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import NamedTuple

from cachetools import LRUCache

from frametalk.adapters.abilities import LicensesVoices, SpeaksLanguages
from frametalk.adapters.base import SpeechChunk, SpeechRequest, Voice
from frametalk.adapters.tts.prepared import PreparedClause
from frametalk.tasks import Tasks

MARK_BYTES = 160  # memory of a mark
CHUNK_BYTES = 200  # memory of a chunk without its sound
MAX_PREPARED = 16  # clauses under way that nobody speaks yet; more are not prepared

_log = logging.getLogger(__name__)


class _Clause(NamedTuple):
    chunks: tuple[SpeechChunk, ...]
    size: int


class CachedVoice:
    """A voice that caches another voice's clauses. One for all sessions of a server.

    Caches sound and marks of whole clauses, at most `max_bytes`; the least recently used goes first. The
    key is the whole request, so also voice, language, speed and volume. A clause that was cancelled or
    failed is not cached. The engine serves concurrent requests for a new clause each; one that is being
    prepared goes to the first that speaks it. `looked_up` gets, for every clause, whether it was in the
    cache.
    """

    def __init__(
        self, voice: Voice, max_bytes: int, looked_up: Callable[[bool], None] | None = None
    ) -> None:
        self.rate_hz = voice.rate_hz
        self._voice = voice
        self._looked_up = looked_up
        self._clauses: LRUCache[SpeechRequest, _Clause] = LRUCache(
            max_bytes, getsizeof=lambda clause: clause.size
        )
        self._prepared: dict[SpeechRequest, tuple[PreparedClause, asyncio.Task[None]]] = {}
        self._tasks = Tasks(lambda name, error: _log.error("%s failed", name, exc_info=error))

    @property
    def bytes(self) -> int:
        """Memory of the cached clauses."""
        return int(self._clauses.currsize)

    async def start(self) -> None:
        """Start the voice."""
        await self._voice.start()
        self.rate_hz = self._voice.rate_hz  # some voices know it only now

    async def close(self) -> None:
        """Close the voice and clear the cache."""
        await self._tasks.close()
        self._clauses.clear()
        await self._voice.close()

    def languages(self, voice: str) -> tuple[str, ...]:
        """The voice's languages."""
        return self._voice.languages(voice) if isinstance(self._voice, SpeaksLanguages) else ()

    def licence(self, voice: str, language: str) -> str:
        """The voice's licence."""
        engine = self._voice
        return engine.licence(voice, language) if isinstance(engine, LicensesVoices) else ""

    async def speak(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """The clause, in the same chunks each time; at once if it is in the cache."""
        cached = self._clauses.get(request)
        if self._looked_up is not None:
            self._looked_up(cached is not None)
        if cached is not None:
            for chunk in cached.chunks:
                yield chunk
            return
        prepared = self._prepared.pop(request, None)
        source = self._made(request) if prepared is None else prepared[0].chunks()
        try:
            async with aclosing(source) as speech:
                async for chunk in speech:
                    yield chunk
        finally:
            if prepared is not None:
                prepared[1].cancel()

    async def prepare(self, request: SpeechRequest) -> None:
        """Begin the clause and return with its first sound; the rest is made meanwhile, and cached."""
        if request in self._clauses:
            return
        if request not in self._prepared:
            if len(self._prepared) >= MAX_PREPARED:
                return
            clause = PreparedClause(self._made(request))
            task = self._tasks.start(self._make(request, clause), "prepare clause")
            self._prepared[request] = clause, task
        await self._prepared[request][0].begun()

    async def _make(self, request: SpeechRequest, clause: PreparedClause) -> None:
        try:
            await clause.make()
        finally:
            kept = self._prepared.get(request)
            if kept is not None and kept[0] is clause:
                del self._prepared[request]

    async def _made(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """The clause from the voice; it is cached when it is whole."""
        chunks: list[SpeechChunk] = []
        size, max_bytes = CHUNK_BYTES + len(request.text), self._clauses.maxsize
        async with aclosing(self._voice.speak(request)) as speech:
            async for chunk in speech:
                size += len(chunk.pcm) + MARK_BYTES * len(chunk.marks) + CHUNK_BYTES
                if size <= max_bytes:
                    chunks.append(chunk)
                else:
                    chunks.clear()
                yield chunk
        if size <= max_bytes:
            self._clauses[request] = _Clause(tuple(chunks), size)
