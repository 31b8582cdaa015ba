"""The pins of models in the package index."""

from __future__ import annotations

import re

import msgspec
import pytest

from frametalk.model_store import pins


def test_every_pin_is_complete_and_used() -> None:
    for found in pins.pinned().values():
        used = {part.wheel for file in found.files for part in file.parts}
        assert used == set(range(len(found.wheels)))
        assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", w.requirement) for w in found.wheels)
        assert all(wheel.size > 1_000_000 for wheel in found.wheels)
        assert all(re.fullmatch(r"[0-9a-f]{64}", file.sha256) for file in found.files)
        assert all("/" not in file.path for file in found.files)


def test_the_parts_of_a_file_stay_in_order() -> None:
    (weights,) = (file for file in pins.pinned()["whisper-base"].files if file.path == "model.bin")
    assert [part.path.rpartition(".")[2] for part in weights.parts] == ["part1", "part2"]


@pytest.mark.parametrize(
    "text",
    ['[a]\nwheels = [{ distribution = "b" }]\nfiles = []', "[a]\nwheels = []\nfile = []"],
)
def test_a_pin_with_something_missing_or_mistyped_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        pins.read(text)
