"""The plan of chunks: all frames, small chunks first, then bounded ones."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.tts.piper.vits_run import FIRST_FRAMES, MAX_FRAMES, chunks


@given(st.integers(0, 5_000))
def test_chunks_contain_all_frames_once_and_in_order(count: int) -> None:
    plan = list(chunks(count))
    edges = [0, *(edge for chunk in plan for edge in chunk), count]
    assert all(a == b for a, b in list(pairwise(edges))[::2])
    assert all(0 < end - at <= MAX_FRAMES for at, end in plan)
    sizes = [end - at for at, end in plan]
    assert sizes[:1] == [FIRST_FRAMES][: len(sizes)] or count < FIRST_FRAMES
    assert sizes[:-1] == sorted(sizes[:-1])
