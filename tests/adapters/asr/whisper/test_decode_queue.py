"""Which streams share the next batch."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.asr.whisper.decode_queue import MAX_FINALS, MAX_PARTIALS, DecodeQueue


def anything(_stream: str) -> int:
    """All sound has one shape."""
    return 0


def test_finals_go_before_partials_and_never_share_their_batch() -> None:
    queue: DecodeQueue[str] = DecodeQueue()
    queue.request_partial("anna")
    queue.request_partial("ben")
    queue.request_final("cleo")
    assert queue.take(anything, 4, 4) == (["cleo"], True)
    assert queue.take(anything, 4, 4) == (["anna", "ben"], False)
    assert queue.take(anything, 4, 4) == ([], False)


def test_a_batch_has_one_shape_and_a_bounded_size() -> None:
    queue: DecodeQueue[str] = DecodeQueue()
    for stream in ("a1", "b1", "a2", "a3"):
        queue.request_final(stream)
    assert queue.take(lambda stream: stream[0], 2, 1) == (["a1", "a2"], True)
    assert queue.take(lambda stream: stream[0], 2, 1) == (["b1"], True)
    assert queue.take(lambda stream: stream[0], 2, 1) == (["a3"], True)


def test_a_stream_waits_once_and_its_final_replaces_its_partial() -> None:
    queue: DecodeQueue[str] = DecodeQueue()
    queue.request_partial("anna")
    queue.request_partial("anna")
    assert len(queue) == 1
    queue.request_final("anna")
    queue.request_partial("anna")
    queue.request_final("anna")
    assert len(queue) == 1
    assert queue.take(anything, 4, 4) == (["anna"], True)


def test_a_final_that_is_decoded_again_goes_first() -> None:
    queue: DecodeQueue[str] = DecodeQueue()
    queue.request_final("anna")
    queue.request_final("ben", first=True)
    assert queue.take(anything, 1, 1) == (["ben"], True)


def test_a_full_queue_refuses_finals_and_drops_partials() -> None:
    queue: DecodeQueue[int] = DecodeQueue()
    assert all(queue.request_final(stream) for stream in range(MAX_FINALS))
    assert not queue.request_final(-1)
    assert queue.request_final(0), "it is in the queue already"
    assert queue.request_final(-2, first=True), "it had a place in the queue before"
    for stream in range(1_000, 1_000 + 2 * MAX_PARTIALS):
        queue.request_partial(stream)
    assert len(queue) == MAX_FINALS + 1 + MAX_PARTIALS


def test_a_removed_stream_is_not_served() -> None:
    queue: DecodeQueue[str] = DecodeQueue()
    queue.request_final("anna")
    queue.request_partial("ben")
    queue.remove("anna")
    queue.remove("ben")
    queue.remove("nobody")
    assert len(queue) == 0


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=60),
    st.integers(1, 4),
)
def test_no_stream_is_served_twice_while_another_waits(asks: list[int], most: int) -> None:
    queue: DecodeQueue[int] = DecodeQueue()
    waiting: list[int] = []
    for stream in asks:
        queue.request_final(stream)
        if stream not in waiting:
            waiting.append(stream)
        if len(waiting) > 3:
            batch, final = queue.take(lambda stream: stream % 2, most, most)
            assert final
            assert batch[0] == waiting[0], "the one that waits longest is in the next batch"
            assert len({stream % 2 for stream in batch}) == 1
            waiting = [stream for stream in waiting if stream not in batch]
