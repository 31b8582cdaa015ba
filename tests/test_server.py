"""A server without sockets: the sessions that it restores, and what is on the disk when it has stopped."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from frametalk.config import AuditSettings, FrametalkSettings, PrivacySettings
from frametalk.handover.session import Kept, decode
from frametalk.metrics import Metrics
from frametalk.records import Records
from frametalk.resumption import digest
from frametalk.server import Server
from frametalk.session import Session
from frametalk.session_state import Books
from frametalk.wire import messages as m
from handover.restarting import Shelf, kill
from home import at_home
from player import engines

pytestmark = pytest.mark.looptime


@asynccontextmanager
async def restoring(
    settings: FrametalkSettings, books: Books, consent: m.Consent
) -> AsyncIterator[tuple[Server, Callable[[], Awaitable[Session]]]]:
    """A server, and what restores the session of a player there whose own server was killed."""
    shelf = Shelf()
    async with at_home(settings=settings) as home:
        home.books = books
        player = home.connect()
        await player.enter(features=("resume",), consent=consent)
        token = player.of(m.Welcome)[0].resume
        kill(player, shelf)

        async def find(token: str) -> Kept:
            return decode(*shelf.kept[digest(token)])

        server = Server(settings, engines(), Metrics())
        server._keeper = SimpleNamespace(find=find, soon=lambda: None)  # type: ignore[assignment]

        async def restore() -> Session:
            session = await server._restore(token)
            assert session is not None
            return session

        yield server, restore
        for session in server.open_sessions:
            await session.close(1001, "the test is over")
        await server._tasks.finish(1)


async def test_a_restored_session_writes_into_the_books_of_its_server() -> None:
    async with restoring(FrametalkSettings(), Books(), m.Consent()) as (server, restore):
        session = await restore()
        assert session.state.books is server._books


@pytest.mark.parametrize("deleted", [False, True])
async def test_a_restored_session_is_stored_unless_its_records_were_deleted(
    tmp_path: Path, deleted: bool
) -> None:
    privacy = PrivacySettings(folder=str(tmp_path), store=True, record=True, replay=True)
    books = Books(records=Records(tmp_path))
    async with restoring(
        FrametalkSettings(privacy=privacy), books, m.Consent(store=True, record=True)
    ) as (server, restore):
        books.records.flush()
        if deleted:
            books.records.delete("s0")
        session = await restore()
        session.state.context.record.words("player", "Hello again.")
        assert session.state.welcome is not None
        assert session.state.welcome.consent.store is not deleted
    for each in (books.records, server.records, server._recordings):
        each.flush()
    kinds = [file.suffix for file in tmp_path.rglob("*.*")]
    assert sorted(kinds) == ([] if deleted else [".jsonl", ".jsonl", ".recording", ".wav", ".wav"])


def stored(folder: Path) -> tuple[Server, threading.Event]:
    """A server with a disk that takes nothing until the event is set."""
    privacy = PrivacySettings(folder=str(folder / "records"), store=True)
    audit = AuditSettings(file=str(folder / "audit.jsonl"))
    server = Server(FrametalkSettings(privacy=privacy, audit=audit), engines(), Metrics())
    disk = threading.Event()
    for books in (server.records, server._books.audit):
        books._writer.do(lambda: disk.wait() and None)
    server.records.of("anna", "s-1", store=True, record=False).words("player", "Hello.")
    server._books.audit.of("s-1").write("tool")
    return server, disk


async def test_when_a_server_has_stopped_everything_is_written(tmp_path: Path) -> None:
    server, disk = stored(tmp_path)
    asyncio.get_running_loop().call_later(1, disk.set)
    await server.drain()
    assert all(file.stat().st_size for file in tmp_path.rglob("*.jsonl"))
    assert len(list(tmp_path.rglob("*.jsonl"))) == 2


async def test_a_disk_that_hangs_does_not_keep_a_server_from_stopping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("frametalk.server.WRITE_OUT_S", 0.01)
    server, disk = stored(tmp_path)
    await server.drain()
    late = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert sorted(late) == [
        "audit log: the disk is late; pieces that still wait: 2",
        "records: the disk is late; pieces that still wait: 3",
    ]
    disk.set()


async def test_what_the_disk_did_not_take_is_counted(tmp_path: Path) -> None:
    (tmp_path / "records").touch()
    (tmp_path / "audit.jsonl").mkdir()
    server, disk = stored(tmp_path)
    disk.set()
    await server.drain()
    page = server.metrics.exposition().decode()
    assert 'frametalk_unwritten_total{what="record"} 1.0' in page
    assert 'frametalk_unwritten_total{what="audit"} 1.0' in page
