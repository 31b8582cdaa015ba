"""Opus packets on the wire: how long each is, and where its sound lies on the stream's clock."""

from __future__ import annotations

RATE_HZ = 48_000  # of every clock with Opus
PRE_SKIP = 312  # samples that the packet at sample 0 begins with and that are discarded
FRAME = 960  # samples of a packet that is made here: 20 ms
LONGEST = 5_760  # samples of a packet: 120 ms

# Samples of one frame at 48 kHz by a packet's first 5 bits (RFC 6716, table 2).
_SILK, _HYBRID, _CELT = (480, 960, 1920, 2880), (480, 960), (120, 240, 480, 960)
_FRAME = (*(_SILK * 3), *(_HYBRID * 2), *(_CELT * 4))
_FRAMES = (1, 2, 2)  # by the next 2 bits; for 3 the next byte says how many


def packet_samples(packet: bytes) -> int:
    """How many samples at 48 kHz a packet decodes to (RFC 6716, section 3.1); 0 if it is none."""
    if not packet:
        return 0
    code = packet[0] & 3
    frames = _FRAMES[code] if code < len(_FRAMES) else (packet[1] & 0x3F if len(packet) > 1 else 0)
    samples = frames * _FRAME[packet[0] >> 3]
    return samples if samples <= LONGEST else 0


def used_samples(sample: int, packet: bytes) -> int:
    """How far the clock moves on with the packet at `sample`: the first one's pre-skip does not count."""
    samples = packet_samples(packet)
    return samples if sample else max(0, samples - PRE_SKIP)
