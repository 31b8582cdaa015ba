"""A model on a server that answers few requests at once: one that was cancelled does not pile up there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from frametalk.adapters.llm.openai.models import Model, ModelError, Piece
from frametalk.adapters.llm.openai.pace import Pace
from frametalk.adapters.llm.openai.prompt import Prompt
from frametalk.tasks import Tasks

log = logging.getLogger(__name__)

READING_LIMIT_S = 60.0  # for a prompt whose answer was cancelled; then its connection is closed

PIECES_AHEAD = 64  # of an answer whose reader is slow; then the server waits

_Output = asyncio.Queue[Piece | ModelError | None]


class QueuedModel:
    """Sends at most as many requests at once as `at_once` says (0: any number), and measures `pace`.

    Local servers notice a closed connection only once they have read the prompt, and they read the
    prompts of all requests that wait, cancelled or not. So a request waits here, where a cancelled one
    leaves no trace, and one that is cancelled while its prompt is read keeps its place until that has
    been read; the server's cache then has it. A cancelled answer that has begun is closed at once.
    """

    def __init__(self, model: Model, pace: Pace, at_once: Callable[[], Awaitable[int]]) -> None:
        self.name = model.name
        self.pace = pace
        self._model = model
        self._at_once = at_once
        self._places: asyncio.Semaphore | None = None
        self._known: int | None = None
        self._tasks = Tasks(lambda name, error: log.error("%s failed", name, exc_info=error))

    async def start(self) -> None:
        """See `Model`."""
        await self._model.start()

    async def check(self) -> None:
        """See `Model`."""
        await self._model.check()

    async def close(self) -> None:
        """See `Model`; also ends cancelled requests that are still being read."""
        await self._model.close()
        await self._tasks.close()

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        """See `Model`."""
        places = await self._free_place()
        request = _Request(self._model, prompt, self.pace)
        task = self._tasks.start(request.run(places), "model request")
        try:
            while isinstance(piece := await request.output.get(), Piece):
                yield piece
            if piece is not None:
                raise piece
        finally:
            if request.leave(task, at_once=places is None):
                await asyncio.wait([task])

    async def _free_place(self) -> asyncio.Semaphore | None:
        """Wait for a place; None where any number of requests is allowed."""
        if self._known is None:
            count = await self._at_once()
            if self._known is None:  # another request may have got the answer meanwhile
                self._known = count
                self._places = asyncio.Semaphore(count) if count else None
        if self._places is not None:
            await self._places.acquire()
        return self._places


class _Request:
    """One request that is under way; it may outlive the wish for its answer."""

    def __init__(self, model: Model, prompt: Prompt, pace: Pace) -> None:
        self.output: _Output = asyncio.Queue(PIECES_AHEAD)
        self.name = model.name
        self._model = model
        self._prompt = prompt
        self._pace = pace
        self._begun = False
        self._wanted = True
        self._ending = False

    def leave(self, task: asyncio.Task[None], *, at_once: bool) -> bool:
        """The answer is not wanted any more, or has ended; returns whether the request ends now.

        `at_once`: it does so also while its prompt is read.
        """
        self._wanted = False
        ends = self._begun or at_once or self._ending
        if ends and not self._ending:
            task.cancel()
        return ends

    async def run(self, places: asyncio.Semaphore | None) -> None:
        """Put the answer's pieces into `output`, then None or the failure; give the place back."""
        end: ModelError | None = None
        try:
            async with asyncio.timeout(None) as limit:
                await self._answer(limit)
        except ModelError as failure:
            end = failure
        except TimeoutError:
            text = f"{self.name}: no answer in {READING_LIMIT_S:.0f} s"
            end = ModelError("mind_timeout", text, sure=True)
        finally:
            if places is not None:
                places.release()
        self._ending = True
        if self._wanted:
            await self.output.put(end)

    async def _answer(self, limit: asyncio.Timeout) -> None:
        now = asyncio.get_running_loop().time
        began_s, characters = now(), self._prompt.characters
        limit.reschedule(began_s + READING_LIMIT_S)
        took_ms, cached = 0.0, 0.0
        async with aclosing(self._model.answer(self._prompt)) as pieces:
            async for piece in pieces:
                if not self._begun and (piece.text or piece.calls or piece.finish):
                    self._begun = True
                    limit.reschedule(None)
                    took_ms = (now() - began_s) * 1000
                if self._wanted:
                    cached = piece.cached_share or cached
                    await self.output.put(piece)
                elif self._begun:
                    break
        if self._begun:
            self._pace.read(round(characters * (1 - cached)), took_ms)
