"""Processor time by stage."""

from __future__ import annotations

import time

import pytest

from frametalk.bench.load.stages import LOOP, Sampler, stage_of
from frametalk.wire import codec
from frametalk.wire.codec import Media, MediaKind


@pytest.mark.parametrize(
    ("module", "stage"),
    [
        ("frametalk.adapters.vad.silero", "voice activity"),
        ("frametalk.adapters.llm.openai.client", "mind"),
        ("httpx2._client", "mind"),
        ("frametalk.wire.codec", "decoding and encoding"),
        ("websockets.protocol", "sockets"),
        ("frametalk.session", "session"),
        ("frametalk.bench.load.observed", LOOP),
        ("asyncio.tasks", LOOP),
    ],
)
def test_a_module_belongs_to_a_stage(module: str, stage: str) -> None:
    assert stage_of(module) == stage


def test_the_time_of_the_main_thread_is_split_among_stages() -> None:
    sampler = Sampler()
    frame = codec.encode_media(Media(MediaKind.PCM16, 1, 1, 320, bytes(640)))
    began_s = time.thread_time()
    sampler.begin()
    try:
        while time.thread_time() < began_s + 0.2:
            for _ in range(100):
                codec.decode_media(frame)
    finally:
        sampler.end()
    used_s = time.thread_time() - began_s
    assert sampler.samples > 0
    assert max(sampler.seconds, key=lambda stage: sampler.seconds[stage]) == "decoding and encoding"
    assert sum(sampler.seconds.values()) <= used_s
