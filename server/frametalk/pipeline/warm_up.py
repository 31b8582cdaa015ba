"""Warms the mind up for a session, beside everything else."""

from __future__ import annotations

import asyncio
import logging

from frametalk.adapters.abilities import Warmed
from frametalk.adapters.base import Mind
from frametalk.context import SessionContext
from frametalk.errors import FrametalkError
from frametalk.pipeline.requests import MindRequests

log = logging.getLogger(__name__)

LIMIT_S = 60.0


class WarmUp:
    """Gives a mind that can be warmed up the beginning of what it will be asked.

    It never delays or fails a session. A newer one cancels one that is under way.
    """

    def __init__(self, context: SessionContext, mind: Mind, requests: MindRequests) -> None:
        self._context = context
        self._mind = mind
        self._requests = requests
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Warm up with the scene as it is now; does nothing for a mind without a warm-up."""
        if isinstance(self._mind, Warmed):
            self.end()
            self._task = self._context.tasks.start(self._warm(self._mind), "warm up the mind")

    def end(self) -> None:
        """Cancel a warm-up that is under way."""
        if self._task is not None:
            self._task.cancel()

    async def _warm(self, mind: Warmed) -> None:
        try:
            async with asyncio.timeout(LIMIT_S):
                with self._context.step("warm_up"):
                    await mind.warm(self._requests.opening())
        except TimeoutError:
            log.info("the mind was not warm after %.0f s", LIMIT_S)
        except FrametalkError as error:
            log.info("the mind could not be warmed up: %s", error)
