"""A recogniser's stream whose speech another stream can read again."""

from __future__ import annotations

import pytest

from frametalk.adapters.base import Hypothesis
from frametalk.pipeline import repeatable_stream
from frametalk.pipeline.repeatable_stream import RepeatableStream


class Stream:
    """Keeps what it was fed."""

    def __init__(self) -> None:
        self.fed = b""
        self.cancelled = 0

    def feed(self, pcm: bytes) -> None:
        self.fed += pcm

    async def finalize(self) -> Hypothesis:
        return Hypothesis(self.fed.decode())

    def cancel(self) -> None:
        self.cancelled += 1


async def test_another_stream_reads_all_of_it_and_goes_on() -> None:
    first, second = Stream(), Stream()
    one = RepeatableStream(first)
    one.feed(b"open ")
    one.repeat(second)
    one.feed(b"it")
    assert (first.fed, first.cancelled, second.fed) == (b"open ", 1, b"open it")
    assert await one.finalize() == Hypothesis("open it")
    one.cancel()
    assert second.cancelled == 1
    assert not one.can_repeat


async def test_it_cannot_be_repeated_once_a_text_is_asked_for() -> None:
    one = RepeatableStream(Stream())
    assert one.can_repeat
    await one.finalize()
    assert not one.can_repeat


async def test_a_long_turn_cannot_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeatable_stream, "MAX_BYTES", 4)
    first = Stream()
    one = RepeatableStream(first)
    one.feed(b"1234")
    assert one.can_repeat
    one.feed(b"5")
    one.feed(b"6")
    assert not one.can_repeat
    assert first.fed == b"123456"
