"""The life of any adapter: started, used, closed, in every order that a server may come to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from frametalk.errors import AdapterError

# Generous: it only ends a test that would hang.
PATIENCE_S = 60


@pytest.mark.asyncio(loop_scope="class")
class Lives:
    """Subclasses give the fixture `make`, of scope class: a function that makes a fresh adapter, not
    started. Each kind's suite gives `use`, which has an adapter do a little work.
    """

    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], Any]:
        raise NotImplementedError("a suite's subclass gives the fixture `make`")

    async def use(self, adapter: Any) -> Any:
        """Some work that every adapter of the kind can do; what comes of it."""
        raise NotImplementedError

    @pytest_asyncio.fixture(scope="class", loop_scope="class")
    @classmethod
    async def adapter(cls, make: Callable[[], Any]) -> AsyncIterator[Any]:
        """One that is started, for all tests of the class: what one test does must not harm another."""
        one = make()
        await one.start()
        yield one
        await one.close()

    async def test_start_twice_and_close_twice(self, make: Callable[[], Any]) -> None:
        one = make()
        await one.start()
        await one.start()
        await self.use(one)
        await one.close()
        await one.close()

    async def test_close_what_was_never_started(self, make: Callable[[], Any]) -> None:
        await make().close()

    async def test_used_after_close_it_works_or_says_that_it_cannot(
        self, make: Callable[[], Any]
    ) -> None:
        one = make()
        await one.start()
        await one.close()
        await works_or_says_why(self.use(one))

    async def test_closed_while_it_works_everything_ends(self, make: Callable[[], Any]) -> None:
        one = make()
        await one.start()
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
            for number in range(3):
                group.create_task(works_or_says_why(self.use(one)), name=f"use {number}")
            await asyncio.sleep(0)
            group.create_task(one.close(), name="close")

    async def test_who_is_cancelled_leaves_it_free(self, adapter: Any) -> None:
        for turns_of_the_loop in range(6):
            async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
                task = group.create_task(self.use(adapter), name="cancelled")
                for _ in range(turns_of_the_loop):
                    await asyncio.sleep(0)
                task.cancel()
        async with asyncio.timeout(PATIENCE_S):
            await self.use(adapter)


async def works_or_says_why(work: Awaitable[Any]) -> None:
    """Wait for work that may fail, but only as an adapter may fail."""
    with contextlib.suppress(AdapterError):
        async with asyncio.timeout(PATIENCE_S):
            await work
