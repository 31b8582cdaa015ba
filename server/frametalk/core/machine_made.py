"""WAV files that say that a machine made their sound. Source: RIFF 1.0 of 1991, chapter 2, INFO list."""

from __future__ import annotations

import struct

SOURCE = "trainedAlgorithmicMedia"  # IPTC's word for what a model has generated
COMMENT = "This speech is machine-made: an artificial intelligence speaks."


def wav(pcm: bytes, rate_hz: int, *, software: str, channels: int = 1, title: str = "") -> bytes:
    """A file of int16 sound with its metadata: INFO's `ISFT`, `ICMT`, `ISRC` and `INAM`."""
    size = 2 * channels
    sound = _chunk(b"fmt ", struct.pack("<HHIIHH", 1, channels, rate_hz, size * rate_hz, size, 16))
    sound += _chunk(b"data", pcm)
    entries = {b"ISFT": software, b"ICMT": COMMENT, b"ISRC": SOURCE, b"INAM": title}
    info = b"".join(_chunk(k, text.encode() + b"\0") for k, text in entries.items() if text)
    return _chunk(b"RIFF", b"WAVE" + sound + _chunk(b"LIST", b"INFO" + info))


def _chunk(name: bytes, content: bytes) -> bytes:
    """One chunk, filled up to an even length."""
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
