"""Sessions that go on in another server: both parts are recorded, and each replays. On virtual time."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import looptime
import msgspec
import pytest

from frametalk.cli import main
from frametalk.config import FrametalkSettings, PrivacySettings
from frametalk.errors import ConfigError
from frametalk.records import DAY_S, Records
from frametalk.replay.files import read
from frametalk.replay.parts import is_restored, outbound
from frametalk.replay.run import replay, settings_of
from frametalk.replay.swaps import Swaps, compare
from frametalk.replay.writer import Recordings
from frametalk.resumption import digest
from frametalk.wire import messages as m
from handover.restarting import Shelf, kill, next_server, stop
from home import Home
from player import OPEN, Player
from replaying import LOOK, SEES_ALL, Recorders, any_operations, faulty_engines, loaded
from serving import serving, settings
from signing import SECRET, signed
from test_session_resume_fuzz import Wanderer, numbers_of

log = logging.getLogger(__name__)

SESSIONS, ALL_SESSIONS = 10, 100  # the latter with `pytest --whole-fuzz`
SERVERS = 3
AGREES = m.Consent(store=True, record=True)
RECORDS = {"store": True, "record": True, "replay": True}


async def anything(recorders: Recorders, seed: int) -> None:
    """A player who does anything while one server after another stops, or is killed."""
    chance = random.Random(seed)
    shelf = Shelf()
    wanderer: Wanderer | None = None
    killed = False
    for _ in range(SERVERS):
        server = next_server(shelf, faulty_engines(chance), recorders.settings, recorders.books)
        async with server as home:
            if wanderer is None:
                player = home.connect()
                await player.enter(
                    SEES_ALL, tools=(OPEN, LOOK), features=("floor", "turn_hint", "resume")
                )
                wanderer = Wanderer(home, player)
            else:
                wanderer = await resumed(home, wanderer, killed=killed)
            for name, amount in any_operations(chance, breaks=True)[:10]:
                await wanderer.do(name, amount)
            killed = chance.random() < 0.4
            if killed:
                kill(wanderer.player, shelf)
            else:
                await stop(wanderer.player, shelf, within_s=chance.choice((0, 5)))


async def resumed(home: Home, before: Wanderer, *, killed: bool) -> Wanderer:
    """The same player in the next server."""
    player = before.player
    reply = max(player.heard, default=0)
    counts = {"sent": 1_000, "mic_sample": player.mic_sample} if killed else {}
    again = await home.resume(
        player,
        received=max(numbers_of(player)),
        reply=reply,
        played=before.played.get(reply, 0),
        **counts,
    )
    assert again.of(m.Welcome)[0].resumed
    again.seen[:0] = player.seen
    again.session = home.resumption.find(again.of(m.Welcome)[-1].resume)
    after = Wanderer(home, again)
    after.played = before.played
    return after


def on_virtual_time(work: Coroutine[Any, Any, None]) -> None:
    loop = looptime.new_event_loop()
    try:
        loop.run_until_complete(work)
    finally:
        loop.close()


def test_sessions_that_go_on_in_another_server_replay_byte_for_byte(
    pytestconfig: pytest.Config,
) -> None:
    seen: Counter[str] = Counter()
    length_s = took_s = 0.0
    for seed in range(ALL_SESSIONS if pytestconfig.getoption("whole_fuzz") else SESSIONS):
        recorders = Recorders()
        on_virtual_time(anything(recorders, seed))
        for recording in recorders.recordings:
            outcome = replay(recording)
            assert not outcome.diverged, f"seed {seed}: {outcome.diverged}"
            if is_restored(recording):
                seen["restored"] += 1
                length_s, took_s = length_s + outcome.length_s, took_s + outcome.took_s
            seen[recording.end] += 1
            for _at_s, message in outbound(recording):
                if message is not None:
                    seen[message["type"]] += 1
                    seen[message.get("code", "")] += 1
    log.info("%.0f s, %.0f times real time, %s", length_s, length_s / took_s, seen)
    for what in ("restored", "handed over", "restart_lost", "transcript", "reply.cut"):
        assert seen[what] > SERVERS, f"too few sessions have {what}"


def test_a_session_without_its_beginning_is_no_ground_for_what_if() -> None:
    recorders = Recorders()
    on_virtual_time(anything(recorders, 0))
    recording = next(each for each in recorders.recordings if is_restored(each))
    with pytest.raises(ConfigError, match="goes on from what another server kept"):
        compare(recording, Swaps({}, ()), settings_of(recording))


# ---- files, over sockets -------------------------------------------------------------------------


async def in_two_servers(
    folder: Path, *, consent: m.Consent | None = AGREES, second: dict[str, bool] | None = None
) -> tuple[list[str], m.Welcome]:
    """A turn in each of two servers; all tokens, and the second welcome.

    `second`: what the settings of the second server do not allow.
    """
    server = settings(
        drain_ms=2_000, handover_file=str(folder / "sessions.db"), token_secret=SECRET
    )
    tokens: list[str] = []
    before: Player | None = None
    for changes in ({}, second or {}):
        privacy = PrivacySettings(folder=str(folder / "records"), **{**RECORDS, **changes})
        async with serving(loaded(msgspec.structs.replace(server, privacy=privacy))) as running:
            player = Player(await running.connect())
            async with asyncio.TaskGroup() as group:
                group.create_task(player.run())
                tokens.append(signed("anna"))
                if before is None:
                    await player.enter(features=("resume",), consent=consent, token=tokens[-1])
                    player.link.send(m.Ack(acked=1))
                else:
                    at = m.ResumeFrom(received=max(numbers_of(before)))
                    resume = before.of(m.Welcome)[0].resume
                    await player.hello(
                        features=("resume",), resume=resume, resume_from=at, token=tokens[-1]
                    )
                player.link.send(m.Say(text="open the door"))
                await player.until(m.TurnStateChanged, lambda item: item.state == "idle")
                running.stop.set()
        welcome = player.of(m.Welcome)[0]
        tokens.append(welcome.resume)
        assert welcome.resumed == (before is not None)
        before = player
    return tokens, welcome


def recordings_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.recording"))


async def test_both_parts_are_files_of_the_player_and_replay(tmp_path: Path) -> None:
    await in_two_servers(tmp_path)
    first, second = recordings_in(tmp_path)
    assert first.parent == second.parent
    assert (read(first).end, read(second).end) == ("handed over", "handed over")
    assert not is_restored(read(first))
    assert is_restored(read(second))
    assert await asyncio.to_thread(main, ["replay", str(first), str(second)]) == 0


async def test_no_token_and_no_name_is_in_either_part(tmp_path: Path) -> None:
    tokens, _welcome = await in_two_servers(tmp_path)
    for file in recordings_in(tmp_path):
        content = msgspec.msgpack.encode(read(file))
        assert b"open the door" in content
        secrets_in = [*tokens, *map(digest, tokens), "anna", SECRET, str(tmp_path)]
        for secret in secrets_in:
            assert (secret if isinstance(secret, bytes) else secret.encode()) not in content


@pytest.mark.parametrize("which", ["session", "player"])
async def test_deleting_leaves_neither_part(tmp_path: Path, which: str) -> None:
    _tokens, welcome = await in_two_servers(tmp_path)
    records = Records(tmp_path / "records")
    assert records.delete(welcome.session if which == "session" else "anna") > 0
    assert recordings_in(tmp_path) == []


async def test_the_sweep_removes_both_parts(tmp_path: Path) -> None:
    await in_two_servers(tmp_path)
    later_s = time.time() + 2 * DAY_S
    assert Records(tmp_path / "records", lambda: later_s).sweep(1) >= 2
    assert recordings_in(tmp_path) == []


@pytest.mark.parametrize("consent", [None, m.Consent(store=True), m.Consent(record=True)])
async def test_without_both_consents_there_is_neither_part(
    tmp_path: Path, consent: m.Consent | None
) -> None:
    await in_two_servers(tmp_path, consent=consent)
    assert recordings_in(tmp_path) == []


@pytest.mark.parametrize("setting", ["store", "record", "replay"])
async def test_the_second_server_records_only_what_its_own_settings_allow(
    tmp_path: Path, setting: str
) -> None:
    _tokens, welcome = await in_two_servers(tmp_path, second={setting: False})
    (file,) = recordings_in(tmp_path)
    assert not is_restored(read(file))
    consent = {"store": True, "record": True, setting: False}
    assert welcome.consent == m.Consent(store=consent["store"], record=consent["record"])


def test_two_recordings_of_a_session_within_a_second_are_two_files(tmp_path: Path) -> None:
    recordings = Recordings(FrametalkSettings(), Records(tmp_path, lambda: 100.0))
    for _ in range(2):
        recorder = recordings.of("abc", lambda: 0.0)
        recorder.agreed(True, "anna")
        recorder.stop("handed over")
        recordings.flush()
    names = [file.name for file in recordings_in(tmp_path)]
    assert names == ["100-abc.recording", "101-abc.recording"]
