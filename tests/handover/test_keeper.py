"""What a server writes of its sessions, and when."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from frametalk.errors import FrametalkError
from frametalk.handover import store as store_module
from frametalk.handover.keeper import EVERY_S, Keeper
from frametalk.handover.session import Kept
from frametalk.wire import messages as m
from home import Home, at_home
from player import Player


@dataclass
class Sessions:
    """The sessions of a server without sockets."""

    home: Home
    kept: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    open: list[Player] = field(default_factory=list)

    def __call__(self) -> list[Sessions.One]:
        return [Sessions.One(self, player) for player in self.open]

    @dataclass
    class One:
        """Counts how often it is asked."""

        sessions: Sessions
        player: Player

        @property
        def id(self) -> str:
            assert self.player.session is not None
            return self.player.session.id

        @property
        def version(self) -> tuple[int, int]:
            assert self.player.session is not None
            return self.player.session.version

        @property
        def window_ms(self) -> float:
            assert self.player.session is not None
            return self.player.session.window_ms

        def keep(self) -> Kept | None:
            self.sessions.kept += 1
            self.sessions.asked.set()
            assert self.player.session is not None
            return self.player.session.keep()


async def enter(home: Home) -> Player:
    player = home.connect()
    await player.enter(features=("resume",))
    return player


def token(player: Player) -> str:
    return player.of(m.Welcome)[-1].resume


async def test_only_what_has_changed_is_written_and_what_has_ended_is_removed(
    tmp_path: Path,
) -> None:
    async with at_home() as home:
        player, silent = await enter(home), await enter(home)
        sessions = Sessions(home, open=[player, silent])
        keeper = Keeper(tmp_path / "sessions.db", sessions)
        await keeper.write()
        assert sessions.kept == 2
        await keeper.write()
        assert sessions.kept == 2
        player.link.send(m.SceneSnapshot(rev=2, entities=()))
        await player.until(m.SceneAck, lambda item: item.rev == 2)
        await keeper.write()
        assert sessions.kept == 3
        kept = await keeper.find(token(player))
        assert kept is not None
        assert kept.world.rev == 2
        sessions.open.remove(player)
        await keeper.write()
        assert await keeper.find(token(player)) is None
        assert await keeper.find(token(silent)) is not None
        await keeper.close()


async def test_an_idle_session_does_not_end_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 1_000.0
    monkeypatch.setattr("time.time", lambda: now_s)
    async with at_home() as home:
        player = await enter(home)
        keeper = Keeper(tmp_path / "sessions.db", Sessions(home, open=[player]))
        for _ in range(5):
            await keeper.write()
            now_s += 50
        assert await keeper.find(token(player)) is not None
        now_s += 61
        assert await keeper.find(token(player)) is None
        await keeper.close()


async def test_it_writes_at_once_when_a_client_has_got_another_token(tmp_path: Path) -> None:
    async with at_home() as home:
        player = await enter(home)
        sessions = Sessions(home, open=[player])
        keeper = Keeper(tmp_path / "sessions.db", sessions)
        running = home.group.create_task(keeper.run())
        began_s = asyncio.get_running_loop().time()
        await sessions.asked.wait()
        sessions.asked.clear()
        player.link.send(m.SceneSnapshot(rev=2, entities=()))
        await player.until(m.SceneAck, lambda item: item.rev == 2)
        keeper.soon()
        await sessions.asked.wait()
        assert asyncio.get_running_loop().time() - began_s < EVERY_S
        running.cancel()
        await keeper.close()


async def test_a_failure_is_logged_once_and_what_was_not_written_is_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_home() as home:
        player = await enter(home)
        keeper = Keeper(tmp_path / "sessions.db", Sessions(home, open=[player]))
        await keeper.write()
        store = keeper._store
        assert store is not None
        fill = store.write
        failing = True

        def write(*args: object) -> None:
            if failing:
                raise store._error("the disk is full")
            fill(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(store, "write", write)
        player.link.send(m.SceneSnapshot(rev=2, entities=()))
        await player.until(m.SceneAck, lambda item: item.rev == 2)
        with caplog.at_level(logging.ERROR):
            await keeper.write()
            await keeper.write()
        assert len([r for r in caplog.records if "disk is full" in r.getMessage()]) == 1
        failing = False
        await keeper.write()
        kept = await keeper.find(token(player))
        assert kept is not None
        assert kept.world.rev == 2
        await keeper.close()


async def test_what_a_cancelled_write_had_not_written_is_handed_over(tmp_path: Path) -> None:
    """A server that stops cancels the write that is under way."""
    async with at_home() as home:
        player = await enter(home)
        sessions = Sessions(home, open=[player])
        keeper = Keeper(tmp_path / "sessions.db", sessions)
        writing = home.group.create_task(keeper.write())
        await sessions.asked.wait()  # it has read the session, and written nothing
        writing.cancel()
        kept = sessions()[0].keep()
        assert kept is not None
        await keeper.hand_over([kept], 60_000)
        assert await keeper.find(token(player)) == kept
        await keeper.close()


async def test_a_session_that_was_too_large_is_kept_once_it_is_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_home() as home:
        player = await enter(home)
        keeper = Keeper(tmp_path / "sessions.db", Sessions(home, open=[player]))
        with monkeypatch.context() as patch:
            patch.setattr(store_module, "MAX_SESSION_BYTES", 100)
            await keeper.write()
        assert await keeper.find(token(player)) is None
        player.link.send(m.Say(text="hello"))  # the session changes, its scene does not
        await player.until(m.ReplyEnd)
        await keeper.write()
        assert await keeper.find(token(player)) is not None
        await keeper.close()


async def test_a_file_that_the_server_before_still_has_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "BUSY_MS", 10)
    file = tmp_path / "sessions.db"
    async with at_home() as home:
        player = await enter(home)
        before = Keeper(file, Sessions(home, open=[player]))
        await before.write()
        keeper = Keeper(file, Sessions(home))
        await keeper._take_over()
        assert not keeper.has_file
        with pytest.raises(FrametalkError) as refused:
            await keeper.find(token(player))
        assert (refused.value.code, refused.value.fatal) == ("server_busy", True)
        assert refused.value.retry_after_ms > 0
        await before.close()
        await before.close()  # safe twice
        assert await before.find(token(player)) is None
        await keeper._take_over()
        assert keeper.has_file
        assert await keeper.find(token(player)) is not None
        await keeper.close()


async def test_a_file_that_is_damaged_meanwhile_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(store_module, "BUSY_MS", 10)
    file = tmp_path / "sessions.db"
    async with at_home() as home:
        before = Keeper(file, Sessions(home))
        keeper = Keeper(file, Sessions(home))
        await before.close()
        file.write_text("my shopping list\n" * 100)
        await keeper._take_over()
        assert "sessions will not outlive this server" in caplog.text
        assert not keeper.has_file
        assert await keeper.find("any") is None
        await keeper.close()
