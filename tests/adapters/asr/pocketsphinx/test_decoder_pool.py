"""A decoder that was used before reads like one that was not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from frametalk.adapters.asr.pocketsphinx.decoder_pool import DecoderPool
from frametalk.adapters.asr.pocketsphinx.utterance import reading
from frametalk.headless.speech import read
from frametalk.headless.worldfile import data_folder

DOOR, CHEST = (
    read(data_folder("speech") / file).samples.tobytes()
    for file in ("open_red_door.flac", "open_chest.flac")
)
LOUD = np.random.default_rng(1).integers(-8_000, 8_000, 16_000).astype("<i2").tobytes()


def make() -> Any:
    pocketsphinx = pytest.importorskip("pocketsphinx")
    path = pocketsphinx.get_model_path
    return pocketsphinx.Decoder(
        hmm=path("en-us/en-us"),
        dict=path("en-us/cmudict-en-us.dict"),
        lm=path("en-us/en-us.lm.bin"),
        loglevel="FATAL",
    )


def decode(pool: DecoderPool, pcm: bytes) -> dict[str, Any]:
    decoder = pool.take()
    assert decoder is not None
    decoder.start_utt()
    decoder.process_raw(pcm)
    found = reading(decoder)
    decoder.end_utt()
    pool.release(decoder)
    return found


@pytest.mark.real
def test_what_a_decoder_reads_depends_on_no_earlier_sound() -> None:
    pool = DecoderPool(make)
    first = decode(pool, DOOR)
    assert first["words"]
    for earlier in (DOOR, LOUD, CHEST, bytes(32_000)):
        decode(pool, earlier)
        assert decode(pool, DOOR) == first


class Decoder:
    """One that reads nothing."""

    def get_cmn(self, _update: bool) -> str:
        return ""

    def set_cmn(self, _mean: str) -> None: ...
    def start_stream(self) -> None: ...
    def start_utt(self) -> None: ...
    def process_raw(self, pcm: bytes) -> None: ...
    def end_utt(self) -> None: ...


def test_no_more_decoders_than_allowed_work_at_once() -> None:
    pool = DecoderPool(Decoder, max_busy=1)
    decoder = pool.take()
    assert (decoder is not None, pool.take(), pool.busy) == (True, None, 1)
    pool.release(decoder)
    assert (pool.take() is decoder, pool.busy) == (True, 1)
