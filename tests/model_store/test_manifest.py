"""Manifests: the models on this machine, and damage to their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from frametalk import models
from frametalk.model_store import manifest

HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(models.ENVIRONMENT, str(tmp_path))
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "model.bin").write_bytes(b"hello")
    found = manifest.Manifest(
        name="tiny", kind="whisper", origin="here", files={"model.bin": manifest.Entry(5, HELLO)}
    )
    (folder / manifest.FILE).write_bytes(manifest.encode(found))
    return folder


def damage(kept: Path) -> list[str]:
    found = manifest.read(kept.name)
    assert found is not None
    return list(manifest.damage(kept.name, found))


def test_digests_are_those_of_sha256sum_and_of_git(tmp_path: Path) -> None:
    file = tmp_path / "hello"
    file.write_bytes(b"hello")
    assert manifest.digest_of(file) == HELLO
    # printf hello | git hash-object --stdin
    assert manifest.digest_of(file, "git-sha1") == "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"


def test_a_complete_model_has_no_damage(kept: Path) -> None:
    assert damage(kept) == []


def test_each_kind_of_damage_is_reported(kept: Path) -> None:
    file = kept / "model.bin"
    file.write_bytes(b"hellO")
    assert damage(kept) == ["model.bin has changed since it was pulled: its sha256 differs"]
    file.write_bytes(b"hell")
    assert damage(kept) == ["model.bin has 4 bytes instead of 5"]
    file.unlink()
    assert damage(kept) == ["model.bin is missing"]


def test_models_added_by_hand_have_no_manifest(kept: Path) -> None:
    (kept.parent / "own").mkdir()
    (kept.parent / ".partial").mkdir()
    (kept.parent / "a-file").touch()
    here = manifest.here()
    assert list(here) == ["own", "tiny"]
    assert here["own"] is None
    assert here["tiny"] is not None
    assert here["tiny"].size == 5


def test_a_broken_manifest_is_ignored(kept: Path) -> None:
    (kept / manifest.FILE).write_text('{"name": 1}')
    assert manifest.read("tiny") is None


def test_without_a_folder_there_are_no_models(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(models.ENVIRONMENT, str(tmp_path / "none"))
    assert manifest.here() == {}
