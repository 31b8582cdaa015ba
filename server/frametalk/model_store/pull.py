"""Pulls a model: lists its files, fetches and checks them in a work folder, moves it into place."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout

from frametalk import models
from frametalk.errors import ConfigError
from frametalk.model_store import catalogue, manifest
from frametalk.model_store.download import disk_full, download
from frametalk.model_store.errors import PullError
from frametalk.model_store.sources import Listing, RemoteFile, Source, source_of

WORK = ".partial"  # in the models folder, so that moving into place is a rename
SPARE_BYTES = 32 << 20  # disk space that stays free

OnProgress = Callable[[int, int], None]
"""Called with the bytes on disk and the bytes in all."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model that was pulled. `checked`: its source has digests; `fetched`: it was not here before."""

    manifest: manifest.Manifest
    path: Path
    checked: bool = True
    fetched: bool = True


def pull(name: str, origin: str | None, on_progress: OnProgress) -> Pulled:
    """Pull the model `name` from the hub, or from the copy at `origin`.

    A complete model on this machine stays as it is, without a request. Raises ConfigError for an unknown
    name, PullError otherwise; then the models folder is unchanged, and the next pull resumes with the
    files that were fetched.
    """
    if not models.is_name(name):
        raise ConfigError(
            f"{name!r} cannot be a model's name", remedy="use letters, digits, `.`, `-` and `_`"
        )
    model = catalogue.find(name) if origin is None else catalogue.known(name)
    here = manifest.read(name)
    if here is not None and not any(manifest.damage(name, here)):
        return Pulled(here, models.locate(name), fetched=False)
    work = models.folder() / WORK / name
    work.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(work.with_name(f"{name}.lock"), blocking=False):
            source = source_of(name, model, origin)
            listing = source.listing()
            _check(listing, model)
            found = _fetch(name, source, listing, work, on_progress)
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


def _check(listing: Listing, model: catalogue.Model | None) -> None:
    """Refuse incomplete listings, and paths that lead out of the model's folder."""
    paths = {file.path for file in listing.files}
    absent = [need for need in (model.needed if model else ()) if need not in paths]
    if absent or not paths:
        raise PullError(
            f"{listing.origin} lacks {', '.join(absent) or 'any file'}",
            remedy="check the model's name and --from",
        )
    for path in paths:
        parts = PurePosixPath(path).parts
        if path != "/".join(parts) or ".." in parts or parts[0] == "/" or set(path) & set("\\:"):
            raise PullError(
                f"{listing.origin} lists the unsafe path {path!r}",
                remedy="do not trust this source",
            )
    if manifest.FILE in paths:
        raise PullError(f"{listing.origin} has its own {manifest.FILE}", remedy="rename that file")


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
