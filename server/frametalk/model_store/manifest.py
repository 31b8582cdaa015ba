"""The manifest in each pulled model's folder, and checks of files against it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from frametalk import models

FILE = "manifest.json"
BLOCK_BYTES = 1 << 20

Algorithm = Literal["sha256", "git-sha1"]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Size and digest of one file when it was pulled."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Where a model came from, and all its files by path."""

    name: str
    kind: str
    origin: str
    revision: str = ""
    licence: str = ""
    files: dict[str, Entry]

    @property
    def size(self) -> int:
        """The size of all files, in bytes."""
        return sum(entry.size for entry in self.files.values())


def digest_of(file: Path, algorithm: Algorithm = "sha256") -> str:
    """Hexadecimal digest of a file. `git-sha1` is git's name for the file's content.

    Source: git's object format, "blob SIZE\\0" before the content.
    """
    if algorithm == "sha256":
        digest: Any = hashlib.sha256()
    else:
        digest = hashlib.sha1(usedforsecurity=False)
        digest.update(b"blob %d\0" % file.stat().st_size)
    with file.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            digest.update(block)
    return str(digest.hexdigest())


def decode(data: bytes) -> Manifest:
    """Decode a manifest. Raises ValueError if it is not one."""
    return msgspec.json.decode(data, type=Manifest)


def encode(manifest: Manifest) -> bytes:
    """The manifest as indented JSON, as its file contains it."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def read(name: str) -> Manifest | None:
    """The manifest of a model in the models folder; None if it was not pulled."""
    try:
        return decode((models.folder() / name / FILE).read_bytes())
    except (OSError, ValueError):
        return None


def here() -> dict[str, Manifest | None]:
    """The manifest of each model in the models folder by name; None if it was added by hand."""
    folder = models.folder()
    if not folder.is_dir():
        return {}
    found = sorted(path.name for path in folder.iterdir() if path.is_dir())
    return {name: read(name) for name in found if not name.startswith(".")}


def damage(name: str, manifest: Manifest) -> Iterator[str]:
    """What is wrong with the files of a pulled model, one text per file."""
    for path, entry in manifest.files.items():
        file = models.folder() / name / path
        if not file.is_file():
            yield f"{path} is missing"
        elif file.stat().st_size != entry.size:
            yield f"{path} has {file.stat().st_size} bytes instead of {entry.size}"
        elif digest_of(file) != entry.sha256:
            yield f"{path} has changed since it was pulled: its sha256 differs"
