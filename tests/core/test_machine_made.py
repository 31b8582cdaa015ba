"""WAV files that say that a machine made their sound: read back by a library and byte by byte."""

from __future__ import annotations

import io
import struct
import wave

from hypothesis import given
from hypothesis import strategies as st

from frametalk.core.machine_made import COMMENT, SOURCE, wav


def info(data: bytes, after: int) -> dict[str, str]:
    """The entries of the INFO list."""
    at = data.index(b"LIST", after) + 12
    end = at - 4 + struct.unpack_from("<I", data, at - 8)[0]
    found = {}
    while at < end:
        name, size = struct.unpack_from("<4sI", data, at)
        found[name.decode()] = data[at + 8 : at + 8 + size].rstrip(b"\0").decode()
        at += 8 + size + size % 2
    return found


@given(st.binary(max_size=64).filter(lambda pcm: len(pcm) % 2 == 0), st.text(max_size=9))
def test_sound_and_marks_are_read_back(pcm: bytes, title: str) -> None:
    data = wav(pcm, 22_050, software="frametalk 1", title=title.replace("\0", ""))
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8
    with wave.open(io.BytesIO(data)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (22_050, 1, 2)
        assert sound.readframes(sound.getnframes()) == pcm
    entries = info(data, 44 + len(pcm))
    assert (entries["ISFT"], entries["ICMT"], entries["ISRC"]) == ("frametalk 1", COMMENT, SOURCE)


def test_the_mark_says_in_words_that_a_machine_speaks() -> None:
    assert "machine-made" in COMMENT
    assert SOURCE == "trainedAlgorithmicMedia"
