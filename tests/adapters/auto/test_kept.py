"""Kept speeds: what they depend on, and when they are measured again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from frametalk.adapters.auto import kept

HOUR_S = 3_600


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "frametalk"


def test_a_factor_is_kept() -> None:
    assert kept.load("a", 0.5) is None
    kept.save("a", 0.2)
    kept.save("b", 0.3)
    assert (kept.load("a", 0.5), kept.load("b", 0.5)) == (0.2, 0.3)


def test_a_slow_factor_counts_for_an_hour_and_a_fast_one_for_good() -> None:
    kept.save("slow", 0.9, now=lambda: 0)
    kept.save("fast", 0.2, now=lambda: 0)
    assert kept.load("slow", 0.5, now=lambda: HOUR_S) == 0.9
    assert kept.load("slow", 0.5, now=lambda: HOUR_S + 1) is None
    assert kept.load("fast", 0.5, now=lambda: 1_000 * HOUR_S) == 0.2


@pytest.mark.parametrize("content", [b"", b"[]", b'{"a": 1}', b"\xff"])
def test_a_damaged_file_is_as_none(data: Path, content: bytes) -> None:
    data.mkdir()
    (data / kept.FILE).write_bytes(content)
    assert kept.load("a", 0.5) is None
    kept.save("a", 0.2)
    assert kept.load("a", 0.5) == 0.2


def test_a_folder_that_cannot_be_written_is_no_failure(data: Path) -> None:
    data.touch()
    kept.save("a", 0.2)
    assert kept.load("a", 0.5) is None


def key(model: Path, options: dict[str, Any] | None = None, adapter: str = "piper") -> str:
    return kept.key_of(adapter, ("numpy",), model, options or {})


def test_the_key_changes_with_engine_version_model_options_and_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "voice.onnx"
    model.write_bytes(b"1234")
    os.utime(model, ns=(1, 1))
    first = key(model)
    assert key(model) == first
    keys = {first, key(model, adapter="other"), key(model, {"threads": 2})}
    os.utime(model, ns=(2, 2))
    keys.add(key(model))
    model.write_bytes(b"12345")
    os.utime(model, ns=(1, 1))
    keys.add(key(model))
    model.write_bytes(b"1234")
    os.utime(model, ns=(1, 1))
    with monkeypatch.context() as patch:
        patch.setattr(kept, "version", lambda _package: "9")
        keys.add(key(model))
    with monkeypatch.context() as patch:
        patch.setattr(kept.platform, "node", lambda: "elsewhere")
        keys.add(key(model))
    assert key(model) == first
    assert len(keys) == 7
