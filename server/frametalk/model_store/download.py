"""One file: fetched, continued where it broke off, and checked before it counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from frametalk.model_store import manifest
from frametalk.model_store.errors import PullError
from frametalk.model_store.http import BROKEN
from frametalk.model_store.sources import RemoteFile, Source

BLOCK_BYTES = 1 << 18
TRIES = 20  # of one file; a connection that brings nothing at all ends it sooner


def download(source: Source, file: RemoteFile, part: Path, on_bytes: Callable[[int], None]) -> None:
    """Bring `file` to `part`, which may hold its beginning already.

    `on_bytes` hears how many bytes more (or, begun anew, fewer) are here. Raises PullError; after a
    broken connection `part` stays, and the next call goes on with it; with a wrong checksum it is gone.
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
            f"{file.path} broke off after {have} of {file.size} bytes: {why or 'it ended there'}",
            remedy="pull again: it goes on from there",
        )
    if file.digest and manifest.digest_of(part, file.algorithm) != file.digest:
        part.unlink()
        raise PullError(
            f"{file.path} is not what its source says it is: the checksum is wrong",
            remedy="pull again; if it stays so, the source or something between is at fault",
        )


def _more(
    source: Source, file: RemoteFile, part: Path, have: int, on_bytes: Callable[[int], None]
) -> tuple[int, BaseException | None]:
    """Read on until the end or until the connection breaks: bytes that are here then, and why."""
    body, begin = source.open(file.path, have)
    with body, part.open("ab") as out:
        if begin != have:  # a server that knows no ranges begins anew
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
    """There is no room."""
    by = f": {-(-missing_bytes // 1_000_000)} MB more are needed" if missing_bytes else ""
    return PullError(
        f"the disk is full{by}",
        remedy="make room, or put the models elsewhere with FRAMETALK_MODELS, and pull again",
    )
