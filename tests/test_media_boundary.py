"""Sessions with a peer connection that loses packets and dies, recorded; run again, they need none.

In real time, on loopback.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conftest import ROOT
from frametalk import media_loader
from frametalk.app import serve
from frametalk.boundary import PEER
from frametalk.config import FrametalkSettings, PrivacySettings
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.resuming import Resumed
from frametalk.headless.scene import GameWorld
from frametalk.headless.upgraded import PeerOptions, UpgradedLink
from frametalk.headless.worldfile import load_world
from frametalk.netlab.cuts import Cut
from frametalk.records import Records
from frametalk.replay.entries import Kind
from frametalk.replay.files import Recording, read
from frametalk.replay.parts import is_restored, outbound, route_of
from frametalk.replay.run import replay, settings_of
from frametalk.replay.show import timeline
from frametalk.replay.what_if import on_virtual_time
from frametalk.replay.writer import Recordings
from frametalk.session_state import Books
from frametalk.transports.websocket import WebSocketLink
from frametalk.transports.websocket_client import connect
from frametalk.wire import messages as m
from lossy import welcome
from peers import LOOPBACK, Visit, until, visit
from replaying import Recorders, loaded
from serving import settings

pytestmark = pytest.mark.real

log = logging.getLogger(__name__)

SESSIONS, ALL_SESSIONS = 3, 20  # the latter with `pytest --whole-fuzz`
WAYS: tuple[tuple[m.MicRoute, m.SpeechRoute, m.Codec], ...] = (
    ("channel", "channel", "pcm16"),
    ("track", "websocket", "pcm16"),
    ("channel", "websocket", "opus"),
    ("track", "track", "pcm16"),
    ("track", "channel", "opus"),
)
AGREES = m.Consent(store=True, record=True)
CHANNEL = PeerOptions(via="channel", addresses=LOOPBACK)
FAULTS = ("loss", "cut", "one way", "other connection", "none")
WITHOUT_AIORTC = """
import sys
sys.modules["aiortc"] = sys.modules["aioice"] = None
from frametalk.cli import main
sys.exit(main(["replay", sys.argv[1]]))
"""


@asynccontextmanager
async def recorded(
    options: PeerOptions, codec: m.Codec = "pcm16"
) -> AsyncIterator[tuple[Visit, Recorders]]:
    """A player whose microphone has moved to the peer connection; the session is recorded."""
    recorders = Recorders()
    async with visit(options, recorders.settings, codec=codec, books=recorders.books) as guest:
        await until(lambda: guest.link.moved and guest.upgrade.routes.via)
        yield guest, recorders


async def frames(guest: Visit, count: int) -> None:
    """So many more frames are sent."""
    target = len(guest.sent) + count
    await until(lambda: len(guest.sent) >= target)


async def speak(guest: Visit) -> None:
    """Half a second of sound, and silence."""
    guest.loud = True
    await frames(guest, 25)
    guest.loud = False
    await frames(guest, 10)


async def suffer(guest: Visit, fault: str, seed: int) -> None:
    """Something happens to the connections while the player speaks, and ends."""
    match fault:
        case "loss":
            guest.lose(0.2, seed)
        case "cut":
            guest.cut()
        case "one way":
            guest.cut(up=seed % 2 == 0, down=seed % 2 == 1)
        case "other connection":
            guest.relay.cuts = Cut
            for task in list(guest.relay._carrying):
                task.cancel()
    await speak(guest)
    guest.mend()
    await frames(guest, 25)


async def any_session(seed: int) -> Recording:
    """Turns by voice and typed, with a fault in each."""
    chance = random.Random(seed)
    via, speech, codec = WAYS[seed % len(WAYS)]
    options = PeerOptions(via=via, speech=speech, addresses=LOOPBACK)
    async with recorded(options, codec) as (guest, recorders):
        for fault in chance.sample(FAULTS, 3):
            if chance.random() < 0.5:
                guest.player.say_typed("open the door")
            await suffer(guest, fault, seed)
            if chance.random() < 0.3:
                guest.player.interrupt()
    return recorders.recordings[0]


def sent(recording: Recording) -> Iterator[dict[str, Any]]:
    """All control messages that were sent."""
    return (message for _at_s, message in outbound(recording) if message is not None)


async def test_sessions_with_faults_replay_byte_for_byte(pytestconfig: pytest.Config) -> None:
    count = ALL_SESSIONS if pytestconfig.getoption("whole_fuzz") else SESSIONS
    seen: Counter[str] = Counter()
    length_s = took_s = 0.0
    for seed in range(count):
        recording = await any_session(seed)
        outcome = await asyncio.to_thread(replay, recording)
        assert (outcome.diverged, recording.end) == ("", "ended"), f"seed {seed}"
        length_s, took_s = length_s + outcome.length_s, took_s + outcome.took_s
        routes = [route for entry in recording.entries if (route := route_of(entry))]
        seen.update(set(routes))
        seen["moved back"] += sum(
            before != after == "websocket" for before, after in pairwise(routes)
        )
        seen.update(message["type"] for message in sent(recording))
        seen["on the peer connection"] += any(
            isinstance(entry, list) and entry[:2] == [Kind.SENT, PEER]
            for entry in recording.entries
        )
    log.info("%d sessions, %.0f s, %.0f times real time", count, length_s, length_s / took_s)
    log.info("%s", seen)
    ways = ("channel", "track", "websocket", "moved back", "on the peer connection")
    for what in (*ways, "transcript", "reply.begin"):
        assert seen[what], f"no session has {what}"


async def test_a_server_without_what_peer_connections_need_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(media_loader, "is_installed", lambda: False)
    async with visit(CHANNEL) as guest:
        welcome = guest.house.session.state.welcome
        assert welcome is not None
        assert welcome.features == ("resume",)


# ---- one session ---------------------------------------------------------------------------------


async def moves_and_falls_back(folder: Path, *, consent: m.Consent | None = AGREES) -> None:
    """A spoken turn by the channel, one by the WebSocket after that has died; recorded to files."""
    privacy = PrivacySettings(folder=str(folder), store=True, record=True, replay=True)
    settings = loaded(FrametalkSettings(privacy=privacy))
    recordings = Recordings(settings, Records(folder))
    books = Books(records=Records(folder), boundary=recordings.of)
    async with visit(CHANNEL, settings, books=books, consent=consent) as guest:
        await until(lambda: guest.link.moved and guest.upgrade.routes.via)
        await speak(guest)
        await until(lambda: any(reply.done for reply in guest.player.replies.values()))
        guest.cut()
        await until(lambda: not guest.link.moved)
        await speak(guest)
        await until(lambda: len(guest.player.replies) > 1)
    await asyncio.to_thread(recordings.flush)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recording of such a session."""
    folder = tmp_path_factory.mktemp("records")
    asyncio.run(moves_and_falls_back(folder))
    (found,) = folder.rglob("*.recording")
    return found


def test_it_replays_where_peer_connections_are_not_installed(file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_AIORTC, str(file)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "server")},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "the same" in done.stdout
    assert "not run again, taken from the recording: the peer connection" in done.stdout


def test_it_shows_when_the_microphone_moves_and_falls_back(file: Path) -> None:
    shown = list(timeline(read(file)))
    moved, back = (
        next(at for at, line in enumerate(shown) if f"comes by the {route}" in line)
        for route in ("channel", "websocket")
    )
    assert moved < back
    assert not [line for line in shown if "sdp=v=" in line]


def test_what_if_hears_by_whatever_way_it_came(file: Path) -> None:
    recording = read(file)
    compared = on_virtual_time(recording, settings_of(recording), {})
    texts = [turn.transcript for turn in compared.before]
    assert len(texts) >= 2
    assert [turn.transcript for turn in compared.after] == texts


def test_no_password_or_address_of_the_peer_connection_is_in_it(file: Path) -> None:
    content = msgspec.msgpack.encode(read(file))
    assert b"rtc.offer" in content
    assert b"rtc.answer" in content
    for secret in (b"ice-pwd", b"ice-ufrag", b"fingerprint", b"candidate:", b"127.0.0.1"):
        assert secret not in content


@pytest.mark.parametrize("consent", [None, m.Consent(store=True), m.Consent(record=True)])
async def test_without_consent_to_words_and_sound_there_is_none(
    tmp_path: Path, consent: m.Consent | None
) -> None:
    await moves_and_falls_back(tmp_path, consent=consent)
    assert not list(tmp_path.rglob("*.recording"))


def test_deleting_the_session_leaves_nothing(file: Path, tmp_path: Path) -> None:
    shutil.copytree(file.parent, tmp_path / file.parent.name)
    assert Records(tmp_path).delete(read(file).header.session) > 0
    assert not list(tmp_path.rglob("*.recording"))


def test_a_frame_that_is_changed_is_found(file: Path) -> None:
    recording = read(file)
    heard = [entry for entry in recording.entries if route_of(entry) == "channel"]
    del heard[len(heard) // 2][4][1:]
    assert replay(recording).diverged


class Servers:
    """One server after another, with one hand-over file."""

    def __init__(self, group: asyncio.TaskGroup, with_settings: FrametalkSettings) -> None:
        self._group = group
        self._settings = with_settings
        self._port = 0
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the next one."""
        ready = asyncio.get_running_loop().create_future()
        self._stop = asyncio.Event()
        server = serve(self._settings, ready=ready.set_result, stop=self._stop)
        self._task = self._group.create_task(server)
        self._port = await ready

    async def stop(self) -> None:
        """Stop it; its sessions wait for the next one."""
        assert self._task is not None
        self._port = 0
        self._stop.set()
        await self._task

    async def connect(self) -> WebSocketLink:
        """A client's link, once there is a server."""
        await until(lambda: self._port)
        return await connect(f"ws://127.0.0.1:{self._port}")


async def leave_peer(link: UpgradedLink) -> None:
    """End a peer connection, and let the client make another one."""
    assert link.peer is not None
    assert link._pulse is not None
    link._move_back()
    link._pulse.stop()
    peer, link.peer = link.peer, None
    await peer.close()


async def test_a_restored_session_is_recorded_with_its_peer_connection_too(tmp_path: Path) -> None:
    privacy = PrivacySettings(folder=str(tmp_path), store=True, record=True, replay=True)
    server = settings(drain_ms=1_000, handover_file=str(tmp_path / "sessions.db"))
    async with asyncio.TaskGroup() as group:
        servers = Servers(group, loaded(msgspec.structs.replace(server, privacy=privacy)))
        await servers.start()
        player = Player(
            await servers.connect(),
            GameWorld(load_world("tavern")),
            Clock(),
            PlayerOptions(name="visitor", peer=CHANNEL, consent=AGREES),
            reopen=servers.connect,
        )
        group.create_task(player.run())
        await player.joined.wait()
        link = player.upgraded
        assert link is not None
        await until(lambda: link.moved)
        player.say_typed("open the door")
        await until(lambda: any(reply.done for reply in player.replies.values()))
        await servers.stop()
        await leave_peer(link)
        await servers.start()
        await until(lambda: any(isinstance(each.item, Resumed) for each in player.log.entries))
        await link._offer(welcome())
        await until(lambda: link.moved)
        player.say_typed("open the door")
        await until(lambda: len(player.replies) == 2)
        await player.leave()
        await servers.stop()
    first, second = (read(file) for file in sorted(tmp_path.rglob("*.recording")))
    assert (is_restored(first), is_restored(second)) == (False, True)
    for recording in (first, second):
        assert "channel" in map(route_of, recording.entries)
        outcome = await asyncio.to_thread(replay, recording)
        assert not outcome.diverged
