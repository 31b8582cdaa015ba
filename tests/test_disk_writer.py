"""The thread that writes: in order, bounded, and waited for."""

from __future__ import annotations

import threading

import pytest

from frametalk import disk_writer, logs
from frametalk.disk_writer import DiskWriter


def test_pieces_are_done_one_after_the_other_beside_the_caller() -> None:
    writer, done = DiskWriter("test", 100), []
    for number in range(100):
        writer.do(lambda n=number: done.append((n, threading.current_thread().name)))
    assert writer.flush()
    assert done == [(number, "test") for number in range(100)]


def test_a_piece_that_is_too_many_is_refused_unless_it_has_to_be_done() -> None:
    writer, done = DiskWriter("test", 2), []
    disk, begun = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        disk.wait()

    writer.do(wait)
    begun.wait()  # it is under way, and waits no more
    taken = [writer.do(lambda n=number: done.append(n)) for number in range(3)]
    always = writer.do(lambda: done.append(9), always=True)
    assert (taken, always) == ([True, True, False], True)
    disk.set()
    assert writer.flush()
    assert done == [0, 1, 9]


def test_a_disk_that_hangs_is_waited_for_only_so_long(caplog: pytest.LogCaptureFixture) -> None:
    writer, disk = DiskWriter("test", 2), threading.Event()
    writer.do(lambda: disk.wait() and None)
    assert not writer.flush(0.01)
    assert caplog.messages == ["test: the disk is late; pieces that still wait: 1"]
    disk.set()
    assert writer.flush()


def test_a_piece_that_fails_does_not_end_the_others(caplog: pytest.LogCaptureFixture) -> None:
    writer, done = DiskWriter("test", 2), []
    writer.do(lambda: 1 / 0 and None)
    writer.do(lambda: done.append(1))
    assert writer.flush()
    assert done == [1]
    assert caplog.messages == ["test: a write failed"]


def test_the_thread_ends_when_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_writer, "IDLE_S", 0.0)
    writer, done = DiskWriter("test", 2), []
    for _ in range(3):
        found: list[threading.Thread] = []
        writer.do(lambda into=found: into.append(threading.current_thread()))
        assert writer.flush()
        found[0].join()
        done.append(found[0])
    assert len(set(done)) == 3


def test_what_is_logged_there_belongs_to_the_session(caplog: pytest.LogCaptureFixture) -> None:
    sessions: list[str] = []
    writer = DiskWriter("test", 2)
    with logs.session("s-1"):
        writer.do(lambda: sessions.append(logs._session.get()))
    writer.flush()
    assert sessions == ["s-1"]
