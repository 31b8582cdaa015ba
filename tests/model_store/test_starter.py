"""Which models `frametalk models pull starter` pulls."""

from __future__ import annotations

import pytest

from frametalk.model_store import catalogue, starter

GIB = 1 << 30


@pytest.mark.parametrize(
    ("cores", "memory_gib", "model"),
    [
        (1, 16, starter.SMALL),
        (2, 2, starter.SMALL),
        (2, 4, starter.MEDIUM),
        (16, 64, starter.MEDIUM),
        (4, 0, starter.MEDIUM),
    ],
)
def test_the_whisper_model_fits_the_machine(cores: int, memory_gib: int, model: str) -> None:
    assert starter.whisper(cores, memory_gib * GIB) == model


def test_all_models_are_in_the_package_index_too() -> None:
    names = starter.names()
    assert [catalogue.find(name).kind for name in names] == ["whisper", "piper", "turn"]
    assert all(catalogue.find(name).pins for name in (*names, starter.SMALL, starter.MEDIUM))
