"""Calls whose worker dies, is stopped, takes too much memory or sends invalid data."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from frametalk.errors import AdapterError
from frametalk.workers import call as call_module
from frametalk.workers import calls, memory, supervisor
from frametalk.workers import process as process_module
from frametalk.workers.supervisor import Worker

pytestmark = pytest.mark.real

TIMEOUT_S = 20
CAP_MB = 200
DEATHS: dict[str, dict[str, Any]] = {
    "killed": {"do": "die"},
    "stopped": {"do": "stop"},
    "grown": {"do": "grow", "mib": 2 * CAP_MB},
    "an allocation storm": {"do": "storm"},
    "invalid data": {"do": "garbage", "bytes": b"*** stack smashing detected ***\n"},
    "short invalid data": {"do": "garbage", "bytes": b"\x05\0\0\0!"},
}
CODES = {"grown": "worker_memory", "an allocation storm": "worker_memory"}


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    worker = Worker("workers.targets:Mortal", {}, name="mortal", memory_mb=CAP_MB)
    await worker.start()
    async with asyncio.timeout(TIMEOUT_S):
        yield worker
    await worker.close()


@pytest.fixture
def once(tmp_path: Path) -> str:
    """A file that makes a target do something only once."""
    file = tmp_path / "once"
    file.touch()
    return str(file)


@pytest.mark.parametrize("death", DEATHS.values(), ids=DEATHS)
async def test_the_next_child_answers_the_calls(
    worker: Worker, death: dict[str, Any], once: str
) -> None:
    first = worker.pid
    other = worker.open("collect", None, lambda _item: None, rerun=lambda: True)
    other.send("before")
    call = worker.open("say", [{**death, "once": once}, "a", "b"], rerun=True)
    assert [item async for item in call][1:] == ["a", "b"]
    assert await call.result() == worker.pid != first
    other.send("after")
    final = await worker.open("finalize", other.id, rerun=True).result()
    assert final == [worker.pid, "before", "after"]
    assert worker.restarts == 1
    assert worker.state.reruns >= 2
    assert worker.state.failed == 0


@pytest.mark.parametrize(("name", "death"), DEATHS.items(), ids=DEATHS)
async def test_a_call_that_kills_every_child_fails_and_the_others_are_answered(
    worker: Worker, name: str, death: dict[str, Any]
) -> None:
    other = worker.open("collect", None, lambda _item: None, rerun=lambda: True)
    other.send("before")
    with pytest.raises(AdapterError) as failed:
        await worker.open("say", [death], rerun=True).result()
    assert failed.value.code == CODES.get(name, "worker_lost")
    final = await worker.open("finalize", other.id, rerun=True).result()
    assert final == [worker.pid, "before"]
    assert worker.restarts == 2


async def test_a_call_survives_many_deaths_of_children_that_had_worked_for_a_while(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LASTING_S", 0.0)
    call = worker.open("collect", None, lambda _item: None, rerun=lambda: True)
    for number in range(5):
        call.send(number)
        await worker.open("finalize", call.id, rerun=True).result()
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
    final = await worker.open("finalize", call.id, rerun=True).result()
    assert final == [worker.pid, 0, 1, 2, 3, 4]


async def test_a_call_that_kills_every_child_late_fails_at_last(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LASTING_S", 0.0)
    monkeypatch.setattr(calls, "MAX_RERUNS", 4)
    with pytest.raises(AdapterError, match="worker_lost"):
        await worker.open("say", [DEATHS["killed"]], rerun=True).result()
    assert worker.restarts == 5


async def test_a_call_without_rerun_fails_with_the_reason(worker: Worker) -> None:
    with pytest.raises(AdapterError, match=r"worker_memory: mortal (takes|was refused)"):
        await worker.open("say", [DEATHS["grown"]]).result()
    with pytest.raises(AdapterError, match="worker_lost"):
        await worker.open("say", [DEATHS["killed"]]).result()
    assert worker.state.reruns == 0


async def test_a_call_with_delivered_items_runs_again_only_if_its_caller_allows(
    worker: Worker, once: str
) -> None:
    items: list[str] = []
    die = {**DEATHS["killed"], "once": once}
    with pytest.raises(AdapterError, match="worker_lost"):
        await worker.open("say", ["a", "b", die], items.append, rerun=True).result()
    assert items == ["a", "b"]
    Path(once).touch()

    def start_over() -> bool:
        items.clear()
        return True

    await worker.open("say", ["a", die, "c"], items.append, rerun=start_over).result()
    assert [item for item in items if item != die] == ["a", "c"]


async def test_a_call_with_too_much_input_is_not_run_again(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_module, "MAX_REPLAY_BYTES", 1_000)
    call = worker.open("collect", None, lambda _item: None, rerun=lambda: True)
    for _ in range(20):
        call.send(b"\0" * 100)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(AdapterError, match="worker_lost"):
        await call.result()


async def test_a_cancelled_call_is_not_run_again(worker: Worker, once: str) -> None:
    call = worker.open("say", [{**DEATHS["stopped"], "once": once}], rerun=True)
    while Path(once).exists():  # noqa: ASYNC110  (another process removes it)
        await asyncio.sleep(0.01)
    call.cancel()
    assert await worker.open("say", [], rerun=True).result() == worker.pid
    assert worker.state.reruns == 1


async def test_the_spare_child_takes_over_and_is_replaced() -> None:
    worker = Worker("workers.targets:Mortal", {}, name="mortal", spare=True)
    await worker.start()
    async with asyncio.timeout(TIMEOUT_S):
        for _ in range(2):
            while worker.spare_pid is None:  # noqa: ASYNC110  (there is no event for it)
                await asyncio.sleep(0.01)
            spare = worker.spare_pid
            assert worker.pid is not None
            os.kill(worker.pid, signal.SIGKILL)
            assert await worker.open("say", [], rerun=True).result() == spare
        while worker.spare_pid is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        first = worker.spare_pid
        os.kill(first, signal.SIGKILL)
        while worker.spare_pid in {None, first}:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert worker.restarts == 2
    await worker.close()
    assert worker.spare_pid is None


async def test_a_child_killed_before_it_is_ready_loses_no_call(worker: Worker) -> None:
    call = worker.open("collect", None, lambda _item: None, rerun=lambda: True)
    call.send("before")
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    while worker.restarts < 1 or worker.pid is None:  # noqa: ASYNC110
        await asyncio.sleep(0)
    os.kill(worker.pid, signal.SIGKILL)
    final = await worker.open("finalize", call.id, rerun=True).result()
    assert final == [worker.pid, "before"]
    assert worker.state.failed == 0


async def test_a_busy_child_that_keeps_the_interpreters_lock_is_not_hung(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module, "HEARTBEAT_S", 0.05)
    monkeypatch.setattr(process_module, "MISSED_HEARTBEATS", 2)
    monkeypatch.setattr(process_module, "MISSED_WHILE_BUSY", 1_000)
    assert await worker.open("say", [{"do": "lock"}]).result() == worker.pid
    assert worker.restarts == 0


async def test_the_status_of_a_process_has_its_memory_and_state(worker: Worker) -> None:
    assert worker.pid is not None
    status = memory.status_of(worker.pid)
    assert status is not None
    assert not status.stopped
    assert 1 * memory.MIB < status.resident_bytes < CAP_MB * memory.MIB
    assert memory.status_of(2**22 + 1) is None
