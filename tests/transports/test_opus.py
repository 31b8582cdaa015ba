"""Opus: sound to packets and back."""

import numpy as np
import pytest

from frametalk.errors import WireError
from frametalk.transports.opus import BIT_RATE, OpusDecoder
from frametalk.wire.opus import FRAME, PRE_SKIP, RATE_HZ, packet_samples
from opus_sounds import a_voice, packets


def test_each_frame_gives_one_packet_of_20_ms_within_the_bit_rate() -> None:
    made = packets(a_voice(5))
    assert {packet_samples(packet) for packet in made} == {FRAME}
    assert sum(map(len, made)) * 8 / 5 < 1.1 * BIT_RATE


def test_the_delay_is_the_one_that_the_wire_names() -> None:
    sound = a_voice(3)
    decoder = OpusDecoder()
    decoded = np.frombuffer(b"".join(map(decoder.decode, packets(sound))), "<i2").astype(float)
    piece = sound[RATE_HZ : 2 * RATE_HZ].astype(float)
    likeness = [piece @ decoded[RATE_HZ + d : 2 * RATE_HZ + d] for d in range(2 * FRAME)]
    assert int(np.argmax(likeness)) == pytest.approx(PRE_SKIP, abs=4)  # 0.08 ms


@pytest.mark.parametrize("garbage", [b"", b"\xff", b"\xff\x00", b"\x0b", b"\xbf" + bytes(99)])
def test_garbage_is_refused_and_the_stream_goes_on(garbage: bytes) -> None:
    good = packets(a_voice(0.2))
    decoder = OpusDecoder()
    with pytest.raises(WireError) as refused:
        decoder.decode(garbage)
    assert refused.value.code == "media_undecodable"
    assert [len(decoder.decode(packet)) for packet in good] == [2 * FRAME] * len(good)


def test_stereo_is_mixed() -> None:
    assert len(OpusDecoder().decode(b"\xfc\xff\xfe")) == 2 * FRAME
