"""The fixed recogniser hears its texts in turn."""

from __future__ import annotations

import asyncio

import pytest

from frametalk.adapters.asr.fixed import FixedRecogniser
from frametalk.adapters.base import Bias, Hypothesis


async def test_texts_come_in_turn_word_by_word() -> None:
    recogniser, partials = FixedRecogniser(["open the door", "stop"]), []
    stream = recogniser.open(Bias(), partials.append)
    for _ in range(50):
        stream.feed(bytes(640))
    final = await stream.settle()
    assert [(heard.text, heard.stable) for heard in partials] == [
        ("open", 0), ("open the", 4), ("open the door", 8),
    ]  # fmt: skip
    assert (final.text, final.stable) == ("open the door", 13)
    assert (await recogniser.open(Bias(), partials.append).settle()).text == "stop"
    assert (await recogniser.open(Bias(), partials.append).settle()).text == "open the door"


@pytest.mark.looptime
async def test_a_cancelled_stream_tells_nothing_more() -> None:
    partials: list[Hypothesis] = []
    stream = FixedRecogniser(["open the door"], settle_ms=100).open(Bias(), partials.append)
    settling = asyncio.ensure_future(stream.settle())  # noqa: TID251  (the test is the owner)
    await asyncio.sleep(0.05)
    stream.cancel()
    stream.cancel()
    with pytest.raises(asyncio.CancelledError):
        await settling
    stream.feed(bytes(64_000))
    assert partials == []
