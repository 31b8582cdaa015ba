"""Whose sound is read next."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.asr.whisper.queue import MOST_FINALS, MOST_PARTIALS, Queue


def anything(_turn: str) -> int:
    """Every turn's sound has one shape."""
    return 0


def test_finals_go_before_partials_and_never_share_their_batch() -> None:
    queue: Queue[str] = Queue()
    queue.ask_partial("anna")
    queue.ask_partial("ben")
    queue.ask_final("cleo")
    assert queue.take(anything, 4, 4) == (["cleo"], True)
    assert queue.take(anything, 4, 4) == (["anna", "ben"], False)
    assert queue.take(anything, 4, 4) == ([], False)


def test_a_batch_holds_one_shape_and_no_more_than_it_may() -> None:
    queue: Queue[str] = Queue()
    for turn in ("a1", "b1", "a2", "a3"):
        queue.ask_final(turn)
    assert queue.take(lambda turn: turn[0], 2, 1) == (["a1", "a2"], True)
    assert queue.take(lambda turn: turn[0], 2, 1) == (["b1"], True)
    assert queue.take(lambda turn: turn[0], 2, 1) == (["a3"], True)


def test_a_turn_waits_once_and_its_final_replaces_its_partial() -> None:
    queue: Queue[str] = Queue()
    queue.ask_partial("anna")
    queue.ask_partial("anna")
    assert len(queue) == 1
    queue.ask_final("anna")
    queue.ask_partial("anna")
    queue.ask_final("anna")
    assert len(queue) == 1
    assert queue.take(anything, 4, 4) == (["anna"], True)


def test_what_is_made_again_goes_first() -> None:
    queue: Queue[str] = Queue()
    queue.ask_final("anna")
    queue.ask_final("ben", first=True)
    assert queue.take(anything, 1, 1) == (["ben"], True)


def test_a_full_queue_refuses_finals_and_drops_partials() -> None:
    queue: Queue[int] = Queue()
    assert all(queue.ask_final(turn) for turn in range(MOST_FINALS))
    assert not queue.ask_final(-1)
    assert queue.ask_final(0), "it waits already"
    assert queue.ask_final(-2, first=True), "it had a place before"
    for turn in range(1_000, 1_000 + 2 * MOST_PARTIALS):
        queue.ask_partial(turn)
    assert len(queue) == MOST_FINALS + 1 + MOST_PARTIALS


def test_who_is_gone_is_not_served() -> None:
    queue: Queue[str] = Queue()
    queue.ask_final("anna")
    queue.ask_partial("ben")
    queue.forget("anna")
    queue.forget("ben")
    queue.forget("nobody")
    assert len(queue) == 0


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=60),
    st.integers(1, 4),
)
def test_nobody_is_served_twice_while_another_waits(asks: list[int], most: int) -> None:
    queue: Queue[int] = Queue()
    waiting: list[int] = []
    for turn in asks:
        queue.ask_final(turn)
        if turn not in waiting:
            waiting.append(turn)
        if len(waiting) > 3:
            batch, final = queue.take(lambda turn: turn % 2, most, most)
            assert final
            assert batch[0] == waiting[0], "who waits longest is always in the next batch"
            assert len({turn % 2 for turn in batch}) == 1
            waiting = [turn for turn in waiting if turn not in batch]
