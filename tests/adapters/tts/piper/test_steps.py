"""The order of steps when several clauses share few threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from frametalk.adapters.tts.piper.steps import MAX_JOBS, Steps

LONG_S = 5.0


def job(name: str, chunks: int, log: list[str], done: threading.Event) -> Iterator[float]:
    """A clause with chunks of five seconds."""
    for index in range(chunks):
        log.append(name)
        yield (index + 1) * LONG_S
    done.set()


def test_a_new_clause_goes_before_the_rest_of_a_long_one() -> None:
    log: list[str] = []
    started, gate = threading.Event(), threading.Event()
    ended = [threading.Event(), threading.Event()]

    def long() -> Iterator[float]:
        started.set()
        assert gate.wait(5)
        yield from job("long", 4, log, ended[0])

    steps = Steps(threads=1)
    assert steps.add(long())
    assert started.wait(5)
    assert steps.add(job("short", 2, log, ended[1]))
    gate.set()
    assert all(each.wait(5) for each in ended)
    assert log == ["long", "short", "long", "short", "long", "long"]


def test_two_threads_run_two_clauses_at_once() -> None:
    both = threading.Barrier(2, timeout=5)
    ended = [threading.Event(), threading.Event()]

    def meet(done: threading.Event) -> Iterator[float]:
        both.wait()
        yield 1.0
        done.set()

    steps = Steps(threads=2)
    for done in ended:
        assert steps.add(meet(done))
    assert all(done.wait(5) for done in ended)


def test_a_job_is_refused_when_there_are_too_many() -> None:
    started, gate = threading.Event(), threading.Event()

    def first() -> Iterator[float]:
        started.set()
        gate.wait(5)
        yield 0.0

    steps = Steps(threads=1)
    steps.add(first())
    assert started.wait(5)
    ended = [threading.Event() for _ in range(MAX_JOBS)]
    taken = [steps.add(job("one", 1, [], done)) for done in ended]
    assert taken == [True] * (MAX_JOBS - 1) + [False]
    gate.set()
    assert all(done.wait(5) for done in ended[:-1])
    last = threading.Event()
    assert steps.add(job("one", 1, [], last))
    assert last.wait(5)
