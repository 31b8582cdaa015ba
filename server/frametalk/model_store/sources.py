"""Sources of models: a hub with the API of huggingface.co, or a copy of a models folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Protocol
from urllib.parse import quote

import msgspec

from frametalk.model_store import manifest
from frametalk.model_store.catalogue import Model
from frametalk.model_store.errors import NotThereError, PullError
from frametalk.model_store.http import get_json, open_url

HUB = "https://huggingface.co"
ENDPOINT = "HF_ENDPOINT"  # where all tools for the hub look for a mirror's address
BRANCH = "main"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a source; `digest` is empty if the source has none."""

    path: str
    size: int
    digest: str = ""
    algorithm: manifest.Algorithm = "sha256"


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a model, all of one `revision`."""

    origin: str
    files: tuple[RemoteFile, ...]
    revision: str = ""
    kind: str = ""
    licence: str = ""


class Source(Protocol):
    """A source of one model."""

    def listing(self) -> Listing:
        """The files of the model. Raises PullError."""
        ...

    def open(self, path: str, offset: int) -> tuple[IO[bytes], int]:
        """A file's content, and the byte at which it begins: at most `offset`. Raises PullError."""
        ...


def copy_at(origin: str, name: str, model: Model | None) -> Source:
    """The copy at `origin`: a folder or a web address."""
    if "://" in origin:
        return WebCopy(origin.rstrip("/"), name)
    return FolderCopy(Path(origin).expanduser(), name, model)


class _Commit(msgspec.Struct):
    sha: str


class _Large(msgspec.Struct):
    oid: str
    size: int


class _Item(msgspec.Struct):
    """One entry of the hub's listing of a folder."""

    type: str
    path: str
    oid: str = ""
    size: int = 0
    lfs: _Large | None = None


class Hub:
    """One commit of the hub, with its digests: SHA-256 of large files, git's SHA-1 of small ones."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._endpoint = (os.environ.get(ENDPOINT) or HUB).rstrip("/")
        self._revision = BRANCH

    def listing(self) -> Listing:
        """The files of the newest commit."""
        model, api = self._model, f"{self._endpoint}/api/models/{self._model.hub}"
        self._revision = get_json(f"{api}/revision/{BRANCH}", _Commit).sha
        address = "/".join(filter(None, (api, "tree", self._revision, model.folder)))
        files = tuple(self._files(get_json(address, list[_Item])))
        origin = f"{self._endpoint}/{model.hub}"
        return Listing(origin, files, self._revision, model.kind, model.licence)

    def _files(self, tree: list[_Item]) -> Iterator[RemoteFile]:
        for item in tree:
            name = PurePosixPath(item.path).name
            if item.type != "file" or not self._model.wants(name):
                continue
            if item.lfs is not None:
                yield RemoteFile(name, item.lfs.size, item.lfs.oid)
            else:
                yield RemoteFile(name, item.size, item.oid, "git-sha1")

    def open(self, path: str, offset: int) -> tuple[IO[bytes], int]:
        """A file of the commit that was listed."""
        where = "/".join(filter(None, (self._model.folder, path)))
        repository = f"{self._endpoint}/{self._model.hub}"
        return open_url(f"{repository}/resolve/{self._revision}/{quote(where)}", offset)


class WebCopy:
    """A models folder on a web server; each model has its manifest."""

    def __init__(self, base: str, name: str) -> None:
        self._folder = f"{base}/{quote(name)}"

    def listing(self) -> Listing:
        """The files in the manifest."""
        address = f"{self._folder}/{manifest.FILE}"
        try:
            return _listed(self._folder, get_json(address, manifest.Manifest))
        except NotThereError:
            raise PullError(
                f"{address} does not exist",
                remedy=f"--from takes the address of a copied models folder, {ENDPOINT} that of a hub",
            ) from None

    def open(self, path: str, offset: int) -> tuple[IO[bytes], int]:
        """One file of the folder."""
        return open_url(f"{self._folder}/{quote(path)}", offset)


class FolderCopy:
    """A models folder or the folder of one model, with or without a manifest."""

    def __init__(self, base: Path, name: str, model: Model | None) -> None:
        self._folder = (base / name if (base / name).is_dir() else base).absolute()
        self._model = model

    def listing(self) -> Listing:
        """The files in the manifest; without one, the files in the folder, without digests."""
        if not self._folder.is_dir():
            raise PullError(f"the folder {self._folder} does not exist", remedy="check --from")
        file = self._folder / manifest.FILE
        try:
            return _listed(str(self._folder), manifest.decode(file.read_bytes()))
        except FileNotFoundError:
            pass
        except ValueError as error:
            raise PullError(f"{file} is not a manifest: {error}", remedy="copy it again") from None
        files = tuple(
            RemoteFile(path.name, path.stat().st_size)
            for path in sorted(self._folder.iterdir())
            if path.is_file() and (self._model is None or self._model.wants(path.name))
        )
        kind, licence = (
            ("own", "") if self._model is None else (self._model.kind, self._model.licence)
        )
        return Listing(str(self._folder), files, kind=kind, licence=licence)

    def open(self, path: str, offset: int) -> tuple[IO[bytes], int]:
        """One file of the folder."""
        stream = (self._folder / path).open("rb")
        stream.seek(offset)
        return stream, offset


def _listed(origin: str, found: manifest.Manifest) -> Listing:
    files = tuple(RemoteFile(path, entry.size, entry.sha256) for path, entry in found.files.items())
    return Listing(origin, files, found.revision, found.kind, found.licence)
