"""The child's loop, run in this process on two pipes."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from frametalk.workers import child as child_module
from frametalk.workers import framing
from frametalk.workers.child import Child
from workers import targets

WAIT_S = 10


class Parent:
    """Talks to a `Child` that runs in a thread of this process."""

    def __init__(self) -> None:
        child_read, self._write_fd = os.pipe()
        self._read_fd, child_write = os.pipe()
        self.child = Child(child_read, child_write)
        self.status: int | None = None
        self.input_closed = False
        self._frames = framing.Frames(framing.ToParent)
        self._received: list[framing.ToParent] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self._fds = [child_read, child_write, self._read_fd]

    def _run(self) -> None:
        self.status = self.child.run()

    def send(self, *frames: framing.ToChild) -> None:
        os.write(self._write_fd, b"".join(framing.encode(frame) for frame in frames))

    def write(self, data: bytes) -> None:
        os.write(self._write_fd, data)

    def start(self, name: str = "Echo", **options: Any) -> framing.ToParent:
        self.send(framing.Start(f"workers.targets:{name}", options, list(sys.path)))
        return self.receive()

    def receive(self) -> framing.ToParent:
        while not self._received:
            self._received += [f for f, _ in self._frames.feed(os.read(self._read_fd, 65_536))]
        return self._received.pop(0)

    def close_input(self) -> int | None:
        """End the child's input; returns its status."""
        self.input_closed = True
        os.close(self._write_fd)
        self._thread.join(WAIT_S)
        # The reader too: the numbers of closed descriptors are reused.
        self.child._reader.join(WAIT_S)
        assert not self._thread.is_alive()
        assert not self.child._reader.is_alive()
        for fd in self._fds:
            os.close(fd)
        return self.status


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parent]:
    exits: list[int] = []
    monkeypatch.setattr(os, "_exit", exits.append)  # it would end the tests
    parent = Parent()
    yield parent
    if not parent.input_closed:
        parent.close_input()
    assert exits == []


def test_a_call_from_open_to_done(parent: Parent) -> None:
    assert parent.start(greeting="hail") == framing.Ready()
    parent.send(framing.Open(1, "greet", None))
    assert parent.receive() == framing.Done(1, "hail")
    assert parent.close_input() == 0


def test_the_end_of_input_before_the_start_is_not_an_error(parent: Parent) -> None:
    assert parent.close_input() == 0


def test_the_first_frame_must_be_start(parent: Parent) -> None:
    parent.send(framing.Open(1, "greet", None))
    assert parent.close_input() == 2


def test_a_target_that_cannot_be_built_is_reported(
    parent: Parent, capsys: pytest.CaptureFixture[str]
) -> None:
    assert parent.start("Refuses") == framing.Broken("RuntimeError: the model is missing")
    assert parent.close_input() == 1
    assert "the model is missing" in capsys.readouterr().err


@pytest.mark.parametrize("target", ["workers.targets:Missing", "no_such_module:X", "nonsense"])
def test_a_target_that_does_not_exist_is_reported(parent: Parent, target: str) -> None:
    parent.send(framing.Start(target, {}, list(sys.path)))
    assert isinstance(parent.receive(), framing.Broken)


def test_pings_are_answered_while_the_main_thread_is_busy(parent: Parent) -> None:
    parent.start()
    parent.send(framing.Open(1, "spin", None))
    assert parent.receive() == framing.Item(1, "spinning")
    parent.send(framing.Ping())
    assert parent.receive() == framing.Pong()
    parent.send(framing.Cancel(1))


def test_a_cancelled_call_stops_and_sends_nothing_more(parent: Parent) -> None:
    parent.start()
    parent.send(framing.Open(1, "spin", None))
    parent.receive()
    parent.send(framing.Cancel(1), framing.Open(2, "cancelled_calls", None))
    assert parent.receive() == framing.Done(2, [1])


def test_a_call_cancelled_before_it_is_opened_does_not_reach_the_target(parent: Parent) -> None:
    parent.start()
    parent.send(framing.Open(1, "spin", None))
    parent.receive()
    # The main thread is busy with call 1, so all of this waits for it.
    parent.send(framing.Open(2, "stream", None), framing.Cancel(2), framing.Cancel(1))
    parent.send(framing.Open(3, "cancelled_calls", None))
    assert parent.receive() == framing.Done(3, [1])


def test_input_reaches_its_call_until_it_ends(parent: Parent) -> None:
    parent.start()
    parent.send(framing.Open(1, "stream", None), framing.Input(1, "a"), framing.Input(1, "end"))
    answers = [parent.receive() for _ in range(3)]
    assert answers == [framing.Item(1, "open"), framing.Item(1, "a"), framing.Done(1, "ended")]
    parent.send(framing.Input(1, "late"), framing.Input(99, "unknown"), framing.Cancel(1))
    parent.send(framing.Open(2, "cancelled_calls", None))
    assert parent.receive() == framing.Done(2, [])


def test_a_target_knows_how_much_of_its_input_waits(parent: Parent) -> None:
    parent.start()
    parent.send(framing.Open(1, "spin", None))
    parent.receive()
    more = [framing.Input(2, item) for item in ("waiting", "x", "waiting")]
    parent.send(framing.Open(2, "stream", None), *more, framing.Cancel(1))
    assert parent.receive() == framing.Item(2, "open")
    assert [parent.receive() for _ in more] == [framing.Item(2, item) for item in (2, "x", 0)]


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        ([framing.Open(1, "raise", None)], "RuntimeError: on purpose"),
        ([framing.Open(1, "stream", None), framing.Input(1, "raise")], "ValueError: bad item"),
        ([framing.Open(1, "unsendable", None)], "FramingError: cannot be sent"),
        ([framing.Open(1, "no_such_op", None)], "AttributeError"),
    ],
)
def test_a_handler_that_raises_ends_that_call_only(
    parent: Parent, frames: list[framing.ToChild], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parent.start()
    parent.send(*frames, framing.Open(9, "echo", "still here"))
    answers = [a for _ in frames if not isinstance(a := parent.receive(), framing.Item)]
    failed = answers[0] if answers else parent.receive()
    assert isinstance(failed, framing.Failed)
    assert failed.code == "worker_failed"
    assert failed.text.startswith(text)
    assert parent.receive() == framing.Done(9, "still here")
    parent.close_input()
    assert text.partition(":")[0] in capsys.readouterr().err


def test_invalid_data_from_the_parent_ends_the_child(
    parent: Parent, capsys: pytest.CaptureFixture[str]
) -> None:
    parent.start()
    parent.write(b"garbage from a broken parent")
    assert parent.close_input() == 0
    assert "a frame does not begin" in capsys.readouterr().err


def test_input_that_is_not_handled_in_time_ends_the_child(
    parent: Parent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(child_module, "MAX_WAITING_BYTES", 1_000)
    parent.start()
    parent.send(framing.Open(1, "spin", None))
    parent.receive()
    parent.send(framing.Input(1, b"\0" * 2_000))
    parent._thread.join(WAIT_S)  # ends by itself: the call was marked as cancelled
    assert parent.status == 0
    assert "too slow" in capsys.readouterr().err


def test_a_hung_main_thread_does_not_keep_the_process_alive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(child_module, "GRACE_S", 0.01)
    exited = threading.Event()
    monkeypatch.setattr(os, "_exit", lambda status: exited.set())
    parent = Parent()
    parent.start()
    parent.send(framing.Open(1, "hang", None))
    parent.receive()
    os.close(parent._write_fd)
    assert exited.wait(WAIT_S)
    targets.RELEASE.set()
