"""Opus packets on the wire: lengths and positions."""

import json

import pytest

from conftest import ROOT
from frametalk.wire.opus import LONGEST, PRE_SKIP, packet_samples, used_samples

GOLDEN = json.loads((ROOT / "protocols/golden/opus.json").read_text(encoding="utf-8"))
SILENCE = b"\xf8\xff\xfe"  # 20 ms


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["hex"][:4] or "empty")
def test_the_first_bytes_of_a_packet_say_how_long_it_is(case: dict[str, str | int]) -> None:
    assert packet_samples(bytes.fromhex(str(case["hex"]))) == case["samples"]


@pytest.mark.parametrize(
    ("packet", "ms"),
    [
        (bytes([31 << 3]), 20),  # CELT, full band
        (bytes([28 << 3]), 2.5),
        (bytes([13 << 3]), 20),  # hybrid
        (bytes([3 << 3]), 60),  # SILK, narrow band
        (bytes([3 << 3 | 1]), 120),  # two frames of equal size
        (bytes([31 << 3 | 3, 6]), 120),  # six frames
    ],
)
def test_lengths_are_those_of_the_standard(packet: bytes, ms: float) -> None:
    assert packet_samples(packet) == ms * 48


def test_no_packet_is_longer_than_120_ms() -> None:
    everything = (bytes([first, second]) for first in range(256) for second in range(256))
    assert max(map(packet_samples, everything)) == LONGEST


def test_the_pre_skip_counts_once_in_the_first_packet() -> None:
    at = [0]
    for _ in range(3):
        at.append(at[-1] + used_samples(at[-1], SILENCE))
    assert at == [0, 960 - PRE_SKIP, 2 * 960 - PRE_SKIP, 3 * 960 - PRE_SKIP]
