"""The life cycle of every adapter: start, use and close in every order that a server may use."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from frametalk.errors import AdapterError

# Only ends a test that would hang.
TIMEOUT_S = 60


@pytest.mark.asyncio(loop_scope="class")
class LifeCycleConformance:
    """Subclasses define the fixture `make`, of scope class: a function that makes an adapter, not
    started. Each kind's suite defines `use`, which lets an adapter do a little work.
    """

    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], Any]:
        raise NotImplementedError("a suite's subclass defines the fixture `make`")

    async def use(self, adapter: Any) -> Any:
        """Some work that every adapter of the kind can do; returns its result."""
        raise NotImplementedError

    @pytest_asyncio.fixture(scope="class", loop_scope="class")
    @classmethod
    async def adapter(cls, make: Callable[[], Any]) -> AsyncIterator[Any]:
        """A started adapter, shared by all tests of the class: one test must not break another."""
        one = make()
        await one.start()
        yield one
        await one.close()

    async def test_start_and_close_may_be_called_twice(self, make: Callable[[], Any]) -> None:
        one = make()
        await one.start()
        await one.start()
        await self.use(one)
        await one.close()
        await one.close()

    async def test_an_adapter_that_was_never_started_can_be_closed(
        self, make: Callable[[], Any]
    ) -> None:
        await make().close()

    async def test_use_after_close_works_or_fails_cleanly(self, make: Callable[[], Any]) -> None:
        one = make()
        await one.start()
        await one.close()
        await works_or_fails_cleanly(self.use(one))

    async def test_work_ends_when_the_adapter_is_closed(self, make: Callable[[], Any]) -> None:
        one = make()
        await one.start()
        async with asyncio.timeout(TIMEOUT_S), asyncio.TaskGroup() as group:
            for number in range(3):
                group.create_task(works_or_fails_cleanly(self.use(one)), name=f"use {number}")
            await asyncio.sleep(0)
            group.create_task(one.close(), name="close")

    async def test_cancelled_work_leaves_the_adapter_usable(self, adapter: Any) -> None:
        for turns_of_the_loop in range(6):
            async with asyncio.timeout(TIMEOUT_S), asyncio.TaskGroup() as group:
                task = group.create_task(self.use(adapter), name="cancelled")
                for _ in range(turns_of_the_loop):
                    await asyncio.sleep(0)
                task.cancel()
        async with asyncio.timeout(TIMEOUT_S):
            await self.use(adapter)


async def works_or_fails_cleanly(work: Awaitable[Any]) -> None:
    """Wait for work that may raise AdapterError and nothing else."""
    with contextlib.suppress(AdapterError):
        async with asyncio.timeout(TIMEOUT_S):
            await work
