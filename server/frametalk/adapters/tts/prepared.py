"""A clause that is made before somebody speaks it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from frametalk.adapters.base import SpeechChunk
from frametalk.errors import FrametalkError


class PreparedClause:
    """Its chunks so far, and those to come. One reader, which may begin at any time."""

    def __init__(self, speech: AsyncGenerator[SpeechChunk, None]) -> None:
        self._speech = speech
        self._chunks: list[SpeechChunk] = []
        self._ended = False
        self._error: FrametalkError | None = None
        self._changed = asyncio.Event()

    async def make(self) -> None:
        """Make the whole clause; a failure is the reader's."""
        try:
            async with aclosing(self._speech) as speech:
                async for chunk in speech:
                    self._chunks.append(chunk)
                    self._changed.set()
        except FrametalkError as error:
            self._error = error
        finally:
            self._ended = True
            self._changed.set()

    async def begun(self) -> None:
        """Wait for the first chunk. Raises AdapterError if the voice fails before it."""
        while not (self._chunks or self._ended):
            await self._wait()
        if not self._chunks and self._error is not None:
            raise self._error

    async def chunks(self) -> AsyncGenerator[SpeechChunk, None]:
        """All chunks. Raises AdapterError after the last one if the voice failed."""
        at = 0
        while True:
            while at < len(self._chunks):
                at += 1
                yield self._chunks[at - 1]
            if self._ended:
                break
            await self._wait()
        if self._error is not None:
            raise self._error

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()
