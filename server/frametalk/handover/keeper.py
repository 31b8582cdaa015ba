"""Keeps a server's sessions in a file, for the server that is started after it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from frametalk.errors import FrametalkError, server_busy
from frametalk.handover.session import Kept, decode, encode
from frametalk.handover.store import FileInUseError, Row, Store
from frametalk.pipeline.world import KeptWorld
from frametalk.resumption import digest

log = logging.getLogger(__name__)

EVERY_S = 0.5  # a server that is killed loses what happened in this time
RETRY_AFTER_MS = 500.0  # the server before this one may still have the file
LAST = (-1, -1)  # the version of a session that has stopped
T = TypeVar("T")


class _Changed(NamedTuple):
    """What is written of a session, and what is in the file once that has succeeded."""

    row: Row
    version: tuple[int, int]
    world: KeptWorld


class Keepable(Protocol):
    """A session, as far as the keeper needs it."""

    @property
    def id(self) -> str: ...

    @property
    def version(self) -> tuple[int, int]: ...

    @property
    def window_ms(self) -> float: ...

    def keep(self) -> Kept | None: ...


class Keeper:
    """Writes the sessions that have changed, twice a second and when it is asked to.

    The file is used by one thread beside the event loop. A failure is logged, and the server goes on.
    While another server has the file, `run` waits for it. Raises FrametalkError `handover_file` for a file
    that cannot be used.
    """

    def __init__(self, file: Path, sessions: Callable[[], Iterable[Keepable]]) -> None:
        self._path = file
        self._store: Store | None = None
        self._waits = False  # for the server that has the file
        self._closed = False
        try:
            self._open()
        except FileInUseError:
            self._waits = True
            log.warning("sessions are kept in %s once the server that has it stops", file)
        self._thread = ThreadPoolExecutor(1, "handover")
        self._sessions = sessions
        self._versions: dict[str, tuple[int, int]] = {}  # of what is in the file
        self._worlds: dict[str, KeptWorld] = {}
        self._writing = asyncio.Lock()
        self._soon = asyncio.Event()
        self._failure = ""

    @property
    def has_file(self) -> bool:
        """Whether sessions can be written."""
        return self._store is not None

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            self._soon.clear()
            if self._waits:
                await self._take_over()
            await self.write()
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._soon.wait()
            except TimeoutError:
                pass

    def soon(self) -> None:
        """Write as soon as possible: a client has got another token."""
        self._soon.set()

    async def write(self) -> None:
        """Write what has changed, and remove the sessions that have ended."""
        async with self._writing:
            if self._store is None:
                return
            changed: list[_Changed] = []
            ends_s: dict[str, float] = {}
            now_s = time.time()
            for session in self._sessions():
                version = session.version
                if self._versions.get(session.id) != version:
                    if (kept := session.keep()) is None:
                        continue
                    changed.append(self._changed(kept, version))
                    await asyncio.sleep(0)  # many sessions must not hold the loop
                ends_s[session.id] = now_s + session.window_ms / 1000
            await self._write(changed, ends_s, now_s)

    async def hand_over(self, kept: Sequence[Kept], window_ms: float) -> None:
        """Write these for the next server, which has so much time, and remove all others of this one."""
        async with self._writing:
            now_s = time.time()
            ends_s = {
                each.session.id: now_s + max(window_ms, each.session.talk.pause_ms) / 1000
                for each in kept
            }
            await self._write([self._changed(each, LAST) for each in kept], ends_s, now_s)

    async def find(self, token: str) -> Kept | None:
        """The session of a token, as a server before this one has kept it.

        Raises FrametalkError `server_busy` while that server still has the file.
        """
        if self._waits:
            raise _not_yet()
        if self._store is None:
            return None
        found = await self._guarded(self._store.find, digest(token), time.time())
        if found is None:
            return None
        try:
            return decode(*found)
        except FrametalkError as error:
            log.warning("%s", error)
            return None

    async def close(self) -> None:
        """Close the file; what is in it stays. Safe twice."""
        if not self._closed:
            self._closed, self._waits = True, False
            await asyncio.get_running_loop().run_in_executor(self._thread, self._let_go)
            self._thread.shutdown()

    def _open(self) -> None:
        self._store = Store(self._path)

    def _let_go(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    async def _take_over(self) -> None:
        """Open the file if the server before this one has let go of it."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._open)
        except FileInUseError:
            return
        except FrametalkError as error:
            log.error("sessions will not outlive this server: %s", error)
        else:
            log.info("sessions are kept in %s from now on", self._path)
        self._waits = False

    async def _write(
        self, changed: Sequence[_Changed], ends_s: Mapping[str, float], now_s: float
    ) -> None:
        if self._store is None:
            return
        gone = self._versions.keys() - ends_s.keys()
        rows = [each.row for each in changed]
        await self._guarded(self._store.write, rows, ends_s, gone, now_s)
        if self._failure:  # nothing was written
            return
        for id_ in gone:
            del self._versions[id_]
            self._worlds.pop(id_, None)
        for row, version, world in changed:
            self._versions[row.id] = version
            if row.fits:
                self._worlds[row.id] = world

    def _changed(self, kept: Kept, version: tuple[int, int]) -> _Changed:
        session = kept.session
        unchanged = self._worlds.get(session.id) == kept.world
        world = None if unchanged else encode(kept.world)
        row = Row(session.id, session.digests, encode(session), world)
        return _Changed(row, version, kept.world)

    async def _guarded(self, work: Callable[..., T], *args: Any) -> T | None:
        try:
            result = await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)
        except FrametalkError as error:
            if error.text != self._failure:  # once, not twice a second
                self._failure = error.text
                log.error("sessions cannot be kept: %s", error)
            return None
        self._failure = ""
        return result


def _not_yet() -> FrametalkError:
    return server_busy(
        "the server before this one still has its sessions",
        "connect again after `retry_after_ms`",
        RETRY_AFTER_MS,
    )
