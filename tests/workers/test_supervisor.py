"""Workers with real child processes, and their failures."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psutil
import pytest

from frametalk.errors import AdapterError, Stage
from frametalk.workers import call as call_module
from frametalk.workers import process as process_module
from frametalk.workers import supervisor
from frametalk.workers.supervisor import Worker

pytestmark = pytest.mark.real

# Only ends a test that would hang.
TIMEOUT_S = 20
LOST_WITHIN_S = 1.5


def make(target: str = "Echo", **options: Any) -> Worker:
    return Worker(f"workers.targets:{target}", options, name="echo", stage=Stage.SPEAK)


@pytest.fixture(autouse=True)
def timeout() -> Iterator[None]:
    """Makes a test that hangs fail, as it would if a worker lost a call."""

    def ring(*_: object) -> None:
        raise AssertionError(f"the test hangs after {TIMEOUT_S} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(TIMEOUT_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    worker = make()
    await worker.start()
    yield worker
    await worker.close()


def pid_of(worker: Worker) -> int:
    assert worker.pid is not None
    return worker.pid


async def restarted(worker: Worker, times: int) -> None:
    """Wait until the child was replaced this often."""
    while worker.restarts < times:  # noqa: ASYNC110  (there is no event for it)
        await asyncio.sleep(0.01)


async def echoed(worker: Worker, item: Any) -> Any:
    """An echo from the first child that is ready."""
    while True:
        try:
            return await worker.open("echo", item).result()
        except AdapterError:
            await asyncio.sleep(0.01)


async def test_a_call_has_items_and_a_result(worker: Worker) -> None:
    call = worker.open("count", 5)
    assert [item async for item in call] == [0, 1, 2, 3, 4]
    assert await call.result() == 5


async def test_items_go_to_the_callback_in_order(worker: Worker) -> None:
    items: list[int] = []
    assert await worker.open("count", 3, items.append).result() == 3
    assert items == [0, 1, 2]


async def test_input_is_answered(worker: Worker) -> None:
    call = worker.open("stream", None)
    call.send({"pcm": b"\0\1"})
    call.send("end")
    assert [item async for item in call] == ["open", {"pcm": b"\0\1"}]
    assert await call.result() == "ended"
    call.send("after the end")


async def test_options_reach_the_target() -> None:
    worker = make(greeting="hail")
    await worker.start()
    await worker.start()
    assert await worker.open("greet", None).result() == "hail"
    await worker.close()


async def test_many_calls_at_once(worker: Worker) -> None:
    calls = [worker.open("echo", number) for number in range(500)]
    assert worker.pending == 500
    assert [await call.result() for call in calls] == list(range(500))
    assert worker.pending == 0


async def test_a_flood_of_output_arrives_whole(worker: Worker) -> None:
    sizes = [len(item) async for item in worker.open("flood", 100)]
    assert sizes == [65_536] * 100


async def test_an_error_of_the_handler_has_its_code_and_remedy(worker: Worker) -> None:
    with pytest.raises(AdapterError) as refused:
        await worker.open("refuse", None).result()
    assert (refused.value.code, refused.value.remedy) == ("voice_unknown", "try another")
    assert refused.value.stage is Stage.SPEAK


async def test_a_handler_that_raises_ends_its_call_only(worker: Worker) -> None:
    with pytest.raises(AdapterError, match="worker_failed: RuntimeError: on purpose"):
        async for _ in worker.open("raise", None):
            pass
    assert await worker.open("echo", 1).result() == 1
    assert worker.restarts == 0


async def test_a_cancelled_call_sends_nothing_more(worker: Worker) -> None:
    items: list[str] = []
    started = asyncio.Event()

    def on_item(item: str) -> None:
        items.append(item)
        started.set()

    call = worker.open("spin", None, on_item)
    await started.wait()
    call.cancel()
    call.cancel()
    call.send("late")
    with pytest.raises(asyncio.CancelledError):
        await call.result()
    # The one main thread is free again, so the native loop has ended.
    assert await worker.open("cancelled_calls", None).result() == [call.id]
    assert items == ["spinning"]


async def test_cancelling_ends_an_iteration(worker: Worker) -> None:
    call = worker.open("stream", None)
    async for item in call:
        assert item == "open"
        call.cancel()


async def test_cancel_after_the_end_discards_unread_items(worker: Worker) -> None:
    call = worker.open("count", 3)
    await call.result()
    call.cancel()
    assert [item async for item in call] == []


async def test_prints_of_the_target_do_not_reach_the_pipe(
    capfd: pytest.CaptureFixture[str],
) -> None:
    worker = make()
    await worker.start()
    assert await worker.open("print", None).result() == "unharmed"
    await worker.close()
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "a stray print" in printed.err
    assert "a stray write" in printed.err


async def test_calls_of_a_killed_child_fail_soon_and_the_next_is_served(worker: Worker) -> None:
    call = worker.open("stream", None)
    os.kill(pid_of(worker), signal.SIGKILL)
    async with asyncio.timeout(LOST_WITHIN_S):
        with pytest.raises(AdapterError, match="worker_lost"):
            await call.result()
    assert await worker.open("echo", "again").result() == "again"
    assert worker.restarts == 1


async def test_calls_of_a_stopped_child_fail_soon_and_the_next_is_served(worker: Worker) -> None:
    call = worker.open("stream", None)
    stopped = psutil.Process(pid_of(worker))
    stopped.suspend()
    async with asyncio.timeout(LOST_WITHIN_S):
        with pytest.raises(AdapterError, match=r"worker_lost.*hung"):
            await call.result()
    assert await worker.open("echo", "again").result() == "again"
    assert not stopped.is_running()


async def test_a_child_that_sends_invalid_data_is_replaced(worker: Worker) -> None:
    call = worker.open("garbage", b"*** stack smashing detected ***\n")
    with pytest.raises(AdapterError, match=r"worker_lost.*invalid data"):
        await call.result()
    assert await worker.open("echo", 1).result() == 1


async def test_a_child_that_ends_is_replaced_at_once_and_later_with_a_delay(worker: Worker) -> None:
    first = worker.open("exit", 3)
    with pytest.raises(AdapterError, match="worker_lost"):
        await first.result()
    assert await worker.open("echo", 1).result() == 1
    with pytest.raises(AdapterError, match="worker_lost"):
        await worker.open("exit", 3).result()
    with pytest.raises(AdapterError, match=r"worker_lost.*not running"):
        await worker.open("echo", 2).result()
    assert await echoed(worker, 3) == 3
    assert worker.restarts == 2


async def test_a_child_that_does_not_read_is_replaced(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module, "MAX_UNSENT_BYTES", 100_000)
    call = worker.open("stream", None)
    psutil.Process(pid_of(worker)).suspend()
    for _ in range(100):
        call.send(b"\0" * 10_000)
    with pytest.raises(AdapterError, match=r"worker_lost.*does not read"):
        await call.result()
    assert await worker.open("echo", 1).result() == 1


async def test_too_much_unread_output_ends_the_call(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_module, "MAX_UNREAD_BYTES", 500_000)
    with pytest.raises(AdapterError, match=r"worker_failed.*unread output"):
        await worker.open("flood", 20).result()
    assert await worker.open("echo", 1).result() == 1


async def test_a_receiver_that_raises_ends_its_own_call_only(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(item: Any) -> None:
        raise KeyError(item)

    with pytest.raises(AdapterError, match="receiver of its items failed"):
        await worker.open("count", 3, broken).result()
    assert await worker.open("echo", 1).result() == 1
    assert "receiver of an item failed" in caplog.text


async def test_input_that_cannot_be_sent_ends_the_call(worker: Worker) -> None:
    call = worker.open("stream", None)
    call.send(object())
    with pytest.raises(AdapterError, match=r"worker_failed.*cannot be sent"):
        await call.result()
    with pytest.raises(AdapterError, match="worker_failed"):
        await worker.open("echo", object()).result()


async def test_close_ends_the_process_and_fails_its_calls() -> None:
    worker = make()
    await worker.start()
    child = psutil.Process(pid_of(worker))
    call = worker.open("stream", None)
    await worker.close()
    await worker.close()
    assert not child.is_running()
    with pytest.raises(AdapterError, match="worker_closed"):
        await call.result()
    with pytest.raises(AdapterError, match="worker_lost"):
        await worker.open("echo", 1).result()


async def test_a_stopped_child_can_be_closed() -> None:
    worker = make()
    await worker.start()
    child = psutil.Process(pid_of(worker))
    child.suspend()
    await worker.close()
    assert not child.is_running()


async def test_a_busy_child_can_be_closed() -> None:
    worker = make()
    await worker.start()
    child = psutil.Process(pid_of(worker))
    call = worker.open("spin", None)
    assert [item async for item in first(call)] == ["spinning"]
    await worker.close()
    assert not child.is_running()


async def first(items: Any) -> AsyncIterator[Any]:
    async for item in items:
        yield item
        return


async def test_a_target_that_is_never_ready_times_out() -> None:
    worker = Worker("workers.targets:NeverReady", {}, name="slow", ready_timeout_ms=300)
    with pytest.raises(AdapterError, match="worker_not_ready"):
        await worker.start()
    assert worker.pid is None
    await worker.close()


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("Refuses", "the model is missing"),
        ("DiesAtStart", "before it was ready"),
        ("Missing", "Missing"),
    ],
)
async def test_a_target_that_cannot_start_is_an_error(target: str, text: str) -> None:
    worker = make(target)
    with pytest.raises(AdapterError, match=f"worker_failed.*{text}"):
        await worker.start()
    assert worker.pid is None
    await worker.close()


async def test_a_failed_restart_is_tried_again(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_BACKOFF_S", 0.01)
    monkeypatch.setattr(process_module.sys, "executable", "/nonexistent/python")
    os.kill(pid_of(worker), signal.SIGKILL)
    with caplog.at_level(logging.ERROR):
        await restarted(worker, 3)
    monkeypatch.undo()
    assert "cannot start" in caplog.text
    assert await echoed(worker, 3) == 3


async def test_ctrl_c_in_the_terminal_does_not_end_the_child(worker: Worker) -> None:
    os.kill(pid_of(worker), signal.SIGINT)
    assert await worker.open("echo", "alive").result() == "alive"
    assert os.getpgid(pid_of(worker)) != os.getpgid(0)
    assert worker.restarts == 0


ORPHAN = """
import asyncio, os, sys
from frametalk.workers.supervisor import Worker

async def main():
    worker = Worker("workers.targets:Echo", {}, name="echo")
    await worker.start()
    print(worker.pid, flush=True)
    OP
    os._exit(1)

asyncio.run(main())
"""


@pytest.mark.parametrize("op", ["pass", "worker.open('spin', None); await asyncio.sleep(0.1)"])
def test_the_child_dies_with_its_parent(op: str) -> None:
    path = os.pathsep.join(sys.path)
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN.replace("OP", op)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        try:
            child = psutil.Process(pid)
        except psutil.NoSuchProcess:
            return  # it has ended already
        child.wait(TIMEOUT_S)
        assert not child.is_running()


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGSTOP])
async def test_every_call_ends_when_children_die_again_and_again(signal_number: int) -> None:
    worker = make()
    await worker.start()
    for _ in range(3):
        assert await echoed(worker, "up") == "up"
        calls = [worker.open("stream", number) for number in range(25)]
        os.kill(pid_of(worker), signal_number)
        calls += [worker.open("stream", number) for number in range(25)]
        async with asyncio.timeout(LOST_WITHIN_S):
            for call in calls:
                with pytest.raises(AdapterError, match="worker_lost"):
                    await call.result()
    await worker.close()
    assert worker.restarts >= 2
