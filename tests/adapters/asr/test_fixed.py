"""The fixed recogniser gives its texts in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from adapters.conformance.recognisers import RecogniserConformance
from frametalk.adapters.asr.fixed import FixedRecogniser
from frametalk.adapters.base import Bias


class TestFixedRecogniser(RecogniserConformance):
    said = "open the door"

    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], FixedRecogniser]:
        return lambda: FixedRecogniser(["open the door"])


async def test_texts_come_in_turn_word_by_word() -> None:
    recogniser, partials = FixedRecogniser(["open the door", "stop"]), []
    stream = recogniser.open(Bias(), partials.append)
    for _ in range(50):
        stream.feed(bytes(640))
    final = await stream.finalize()
    assert [(partial.text, partial.stable) for partial in partials] == [
        ("open", 0), ("open the", 4), ("open the door", 8),
    ]  # fmt: skip
    assert (final.text, final.stable) == ("open the door", 13)
    for text in ("stop", "open the door"):
        following = recogniser.open(Bias(), partials.append)
        following.feed(bytes(640))
        assert (await following.finalize()).text == text


@pytest.mark.looptime
async def test_finalizing_takes_its_time() -> None:
    loop = asyncio.get_running_loop()
    stream = FixedRecogniser(["stop"], finalize_ms=100).open(Bias(), lambda _partial: None)
    stream.feed(bytes(640))
    began = loop.time()
    assert (await stream.finalize()).text == "stop"
    assert round((loop.time() - began) * 1000) == 100
