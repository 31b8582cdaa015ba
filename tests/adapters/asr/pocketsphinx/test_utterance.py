"""Which decoders an utterance uses, by how late they are."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from frametalk.adapters.asr.pocketsphinx import utterance as utterance_module
from frametalk.adapters.asr.pocketsphinx.decoder_pool import DecoderPool
from frametalk.adapters.asr.pocketsphinx.utterance import SHIFTS_SAMPLES, Utterance


class Decoder:
    """Counts the bytes of its utterance, and recognises a fixed text."""

    def __init__(self, text: str) -> None:
        self.text, self.bytes = text, 0

    def process_raw(self, pcm: bytes) -> None:
        self.bytes += len(pcm)

    def hyp(self) -> SimpleNamespace:
        return SimpleNamespace(score=1.0)

    def seg(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(word=self.text, start_frame=0, end_frame=9)]

    def get_cmn(self, _update: bool) -> str:
        return ""

    def set_cmn(self, _mean: str) -> None: ...
    def start_stream(self) -> None: ...
    def start_utt(self) -> None:
        self.bytes = 0

    def end_utt(self) -> None: ...


def test_a_late_worker_skips_the_expensive_decoders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = SimpleNamespace(monotonic=lambda: now_s)
    monkeypatch.setattr(utterance_module, "time", clock)
    now_s, made = 0.0, []

    def pool(text: str) -> DecoderPool:
        def make() -> Decoder:
            made.append(Decoder(text))
            return made[-1]

        return DecoderPool(make)

    scene = pool("scene")
    utterance = Utterance(scene, pool("general"), began_s=0.0)
    *_scene, general = made
    frame = bytes(640)
    for _ in range(50):
        now_s += 0.02
        utterance.feed(frame)
    assert (scene.busy, general.bytes) == (len(SHIFTS_SAMPLES), 32_000)
    now_s += 0.3  # a little late, with more waiting
    for _ in range(20):
        now_s += 0.02
        utterance.feed(frame, waiting=15)
    assert (scene.busy, general.bytes) == (len(SHIFTS_SAMPLES), 32_000)
    assert utterance.finalize()["alternatives"] == [], (
        "the general decoder has not processed all sound"
    )
    utterance.feed(frame, waiting=0)
    assert general.bytes == 32_000 + 1_280, "it catches up step by step"
    now_s += 0.3
    utterance.feed(frame, waiting=30)
    assert scene.busy == 1
    assert utterance.finalize()["text"] == "scene"
    utterance.close()
    assert scene.busy == 0


def test_a_recording_is_decoded_by_all_decoders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_s = 0.0
    monkeypatch.setattr(utterance_module, "time", SimpleNamespace(monotonic=lambda: now_s))
    general = Decoder("general")
    scene = DecoderPool(lambda: Decoder("scene"))
    utterance = Utterance(scene, DecoderPool(lambda: general), began_s=0.0)
    for waiting in range(99, -1, -1):
        now_s += 0.1
        utterance.feed(bytes(640), waiting)
    assert (scene.busy, general.bytes) == (len(SHIFTS_SAMPLES), 64_000)
    utterance.close()
