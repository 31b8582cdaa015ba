"""What is here: the manifest that lies in each pulled model's folder, and files against it."""

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
    """One file as it was when it was pulled."""

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
        """Of all files, in bytes."""
        return sum(entry.size for entry in self.files.values())


def digest_of(file: Path, algorithm: Algorithm = "sha256") -> str:
    """Hexadecimal digest of a file. `git-sha1` is what git calls a file's content by.

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
    """Raises ValueError for what is no manifest."""
    return msgspec.json.decode(data, type=Manifest)


def encode(manifest: Manifest) -> bytes:
    """As it lies in the folder: indented JSON."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def read(name: str) -> Manifest | None:
    """The manifest of a model in the models folder; None where it was not pulled."""
    try:
        return decode((models.folder() / name / FILE).read_bytes())
    except (OSError, ValueError):
        return None


def here() -> dict[str, Manifest | None]:
    """Every model in the models folder by name; None stands for one that was put there by hand."""
    folder = models.folder()
    if not folder.is_dir():
        return {}
    found = sorted(one.name for one in folder.iterdir() if one.is_dir())
    return {name: read(name) for name in found if not name.startswith(".")}


def damage(name: str, manifest: Manifest) -> Iterator[str]:
    """What is wrong with the files of a pulled model, one text each."""
    for path, entry in manifest.files.items():
        file = models.folder() / name / path
        if not file.is_file():
            yield f"{path} is missing"
        elif file.stat().st_size != entry.size:
            yield f"{path} has {file.stat().st_size} bytes instead of {entry.size}"
        elif digest_of(file) != entry.sha256:
            yield f"{path} is not what was pulled: its sha256 differs"
