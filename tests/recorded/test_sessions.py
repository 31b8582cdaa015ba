"""Every recording in this folder replays byte for byte; see docs/replay.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from frametalk.replay.files import read
from frametalk.replay.run import replay

RECORDINGS = sorted(Path(__file__).parent.glob("*.recording"))


@pytest.mark.parametrize("file", RECORDINGS, ids=lambda file: file.stem)
def test_a_recorded_session_does_the_same(file: Path) -> None:
    outcome = replay(read(file))
    assert not outcome.diverged, f"entry {outcome.entry}: {outcome.diverged}"
