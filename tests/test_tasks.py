"""Tasks end with their owner, and their failures are reported."""

from __future__ import annotations

import asyncio

from frametalk.tasks import Tasks


async def test_close_cancels_and_waits_for_all() -> None:
    ended: list[str] = []
    failures: list[str] = []
    tasks = Tasks(lambda name, _error: failures.append(name))

    async def forever(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    tasks.start(forever("a"), "a")
    tasks.start(forever("b"), "b")
    await asyncio.sleep(0)
    assert len(tasks) == 2
    await tasks.close()
    assert (sorted(ended), failures, len(tasks)) == (["a", "b"], [], 0)


async def test_a_failure_is_reported_by_name_and_other_tasks_continue() -> None:
    failures: list[tuple[str, str]] = []
    tasks = Tasks(lambda name, error: failures.append((name, str(error))))
    done = asyncio.Event()

    async def fail() -> None:
        raise ValueError("broken")

    async def work() -> None:
        done.set()

    tasks.start(fail(), "bad")
    tasks.start(work(), "good")
    await done.wait()
    await asyncio.sleep(0)
    await tasks.close()
    assert failures == [("bad", "broken")]


async def test_a_task_may_close_its_owner() -> None:
    tasks = Tasks(lambda name, error: None)
    closed = asyncio.Event()

    async def close() -> None:
        await tasks.close()
        closed.set()

    tasks.start(close(), "closer")
    await closed.wait()


async def test_finish_lets_tasks_end_by_themselves_and_cancels_what_takes_too_long() -> None:
    ended: list[str] = []
    tasks = Tasks(lambda _name, _error: None)

    async def work(name: str, turns: int) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        ended.append(name)

    tasks.start(work("short", 3), "short")
    await tasks.finish(10)
    tasks.start(work("endless", 10**9), "endless")
    await tasks.finish(0.01)
    assert (ended, len(tasks)) == (["short"], 0)
