"""Downloads one file, resumes where a connection broke, and checks the result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from frametalk.model_store import manifest
from frametalk.model_store.errors import PullError
from frametalk.model_store.http import BROKEN
from frametalk.model_store.sources import RemoteFile, Source

BLOCK_BYTES = 1 << 18
TRIES = 20  # connections for one file; one that brings no bytes is the last


def download(source: Source, file: RemoteFile, part: Path, on_bytes: Callable[[int], None]) -> None:
    """Download `file` to `part`, which may already contain its beginning.

    `on_bytes` is called with the change of bytes on disk (negative after a restart). Raises PullError;
    after a broken connection `part` stays and the next call resumes, after a wrong checksum it is deleted.
    """
    have = part.stat().st_size if part.exists() else 0
    if have > file.size:
        part.unlink()
        have = 0
    on_bytes(have)
    why: BaseException | None = None
    for _try in range(TRIES):
        if have == file.size:
            break
        before = have
        have, why = _more(source, file, part, have, on_bytes)
        if have <= before:
            break
    if have != file.size:
        raise PullError(
            f"{file.path} broke off after {have} of {file.size} bytes: {why or 'the connection ended'}",
            remedy="pull again to resume",
        )
    if file.digest and manifest.digest_of(part, file.algorithm) != file.digest:
        part.unlink()
        raise PullError(
            f"the checksum of {file.path} does not match that of its source",
            remedy="pull again; if it still differs, the source or a proxy changes the file",
        )


def _more(
    source: Source, file: RemoteFile, part: Path, have: int, on_bytes: Callable[[int], None]
) -> tuple[int, BaseException | None]:
    """Read to the end or until the connection breaks: (bytes on disk, the reason if it broke)."""
    body, begin = source.open(file.path, have)
    with body, part.open("ab") as out:
        if begin != have:  # a server without ranges starts at 0
            out.truncate(begin)
            on_bytes(begin - have)
            have = begin
        while have < file.size:
            try:
                block = body.read(min(BLOCK_BYTES, file.size - have))
            except BROKEN as error:
                return have, error
            if not block:
                return have, None
            out.write(block)
            have += len(block)
            on_bytes(len(block))
    return have, None


def disk_full(missing_bytes: int = 0) -> PullError:
    """The error for a full disk."""
    more = f": {-(-missing_bytes // 1_000_000)} MB more are needed" if missing_bytes else ""
    return PullError(
        f"the disk is full{more}",
        remedy="free some space, or set FRAMETALK_MODELS to another folder, and pull again",
    )
