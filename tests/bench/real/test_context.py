"""What the parts share: fewer cases when it must be quick, and what is absent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from frametalk.bench.real.context import Context
from frametalk.bench.real.folder import Absent, Models
from heard_texts import FakeRecognisers, context, speech


def test_quick_takes_a_few_of_many_evenly() -> None:
    assert context(FakeRecognisers()).some([*range(12)]) == [*range(12)]
    quick = context(FakeRecognisers(), quick=True)
    assert quick.some([*range(12)]) == [0, 6]
    assert quick.some([1, 2]) == [1, 2]


def test_recordings_come_from_the_folder_and_from_elsewhere(tmp_path: Path) -> None:
    import soundfile

    for folder, seconds in (("speech", 1), ("more", 20)):
        (tmp_path / folder).mkdir()
        soundfile.write(tmp_path / folder / f"{folder}.wav", np.zeros(16_000 * seconds), 16_000)
    found = Context(Models(tmp_path), FakeRecognisers(), speech=(tmp_path / "more",))
    assert [one.name for one in found.readings] == ["more", "speech"] or [
        one.name for one in found.readings
    ] == ["speech", "more"]
    quick = Context(Models(tmp_path), FakeRecognisers(), quick=True, speech=(tmp_path / "more",))
    assert [one.name for one in quick.readings] == ["speech"]  # the short one


def test_without_recordings_there_are_no_pieces(tmp_path: Path) -> None:
    with pytest.raises(Absent):
        _ = Context(Models(tmp_path), FakeRecognisers()).all_pieces


def test_pieces_are_kept_by_recording() -> None:
    found = context(FakeRecognisers(), readings=[speech("a"), speech("b")])
    assert [piece.name for piece in found.all_pieces] == ["a 1", "b 1"]
