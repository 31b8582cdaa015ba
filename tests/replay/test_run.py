"""Recorded sessions run again: byte for byte, many times faster than they were."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import looptime
import msgspec
import pytest

from conftest import ROOT
from frametalk.config import FrametalkSettings, ServerSettings
from frametalk.errors import ConfigError
from frametalk.replay.entries import Kind
from frametalk.replay.files import MARK, Recording, framed
from frametalk.replay.run import replay
from frametalk.transports import opus
from frametalk.wire import messages as m
from home import at_home
from player import OPEN, Player, engines, playing
from replaying import LOOK, SEES_ALL, Recorders, any_operations, faulty_engines
from test_session_resume_fuzz import Wanderer

log = logging.getLogger(__name__)

SESSIONS, ALL_SESSIONS = 10, 100  # the latter with `pytest --whole-fuzz`
TIMES_REAL_TIME = 20


async def typed(recorders: Recorders) -> Player:
    """A typed turn that opens the door."""
    async with playing(engines(), recorders.settings, books=recorders.books) as player:
        await player.enter(features=("floor",))
        player.link.send(m.Say(text="open the door"))
        await player.until(m.ReplyEnd)
        await player.until(m.TurnStateChanged, lambda item: item.state == "idle")
    return player


async def spoken(recorders: Recorders) -> None:
    """A spoken turn whose reply is heard and measured."""
    async with playing(engines(), recorders.settings, books=recorders.books) as player:
        await player.enter()
        await player.sound(400, loud=True)
        await player.sound(1_500, loud=False)
        await player.until(m.Trace)


async def anything(recorders: Recorders, seed: int) -> None:
    """A player who does anything, with engines that fail; every other one's connections break too."""
    chance = random.Random(seed)
    breaks = seed % 2 == 1
    async with at_home(faulty_engines(chance), recorders.settings) as home:
        home.books = recorders.books
        player = home.connect()
        features = ("floor", "turn_hint", "resume") if breaks else ("floor", "turn_hint")
        await player.enter(SEES_ALL, tools=(OPEN, LOOK), features=features)
        wanderer = Wanderer(home, player)
        for name, amount in any_operations(chance, breaks=breaks):
            await wanderer.do(name, amount)
        for _ in range(3):
            await wanderer.do("play", 3_000)
        await asyncio.sleep(7)


def on_virtual_time(work: object) -> None:
    loop = looptime.new_event_loop()
    try:
        loop.run_until_complete(work)
    finally:
        loop.close()


def a_recording() -> Recording:
    """Of `typed`."""
    recorders = Recorders()
    on_virtual_time(typed(recorders))
    return recorders.recordings[0]


def test_a_goaway_replays_with_an_address_and_as_it_was_recorded_before_there_was_one() -> None:
    async def sent_away(recorders: Recorders) -> None:
        async with playing(engines(), recorders.settings, books=recorders.books) as player:
            await player.enter()
            session = player.session
            assert session is not None
            session.go_away(5_000, "stop", "wss://b.example")
            await player.until(m.GoAway, lambda item: item.url == "wss://b.example")
            before = m.GoAway(in_ms=5_000, reason="stop")
            send = session.state.context.send
            session._boundary.call("go_away", lambda: send(before), 5_000, "stop")
            await player.until(m.GoAway, lambda item: item.url == "")

    recorders = Recorders()
    on_virtual_time(sent_away(recorders))
    assert not replay(recorders.recordings[0]).diverged


def test_sessions_with_faults_replay_byte_for_byte(pytestconfig: pytest.Config) -> None:
    count = ALL_SESSIONS if pytestconfig.getoption("whole_fuzz") else SESSIONS
    seen: Counter[str] = Counter()
    length_s = took_s = 0.0
    for seed in range(count):
        recorders = Recorders()
        on_virtual_time(anything(recorders, seed))
        for recording in recorders.recordings:
            outcome = replay(recording)
            assert not outcome.diverged, f"seed {seed}: {outcome.diverged}"
            length_s, took_s = length_s + outcome.length_s, took_s + outcome.took_s
            for entry in recording.entries:
                if isinstance(entry, list) and entry[0] == Kind.SENT and entry[3][0] >= 0x80:
                    message = msgspec.msgpack.decode(entry[3])
                    seen[message["type"]] += 1
                    seen[message.get("code", "")] += 1
                elif isinstance(entry, list) and entry[0] == Kind.SERVER:
                    seen[entry[1]] += 1
    assert length_s > TIMES_REAL_TIME * took_s
    log.info("%d sessions, %.0f s, %.0f times real time", count, length_s, length_s / took_s)
    failures = {"mind_server", "mind_stream", "voice_failed", "asr_failed"}
    assert sum(seen[code] for code in failures) >= count / 4
    for what in ("transcript", "reply.cut", "tool.call", "resume", "close"):
        assert seen[what] >= count / 4, f"too few sessions have {what}"


@pytest.mark.parametrize("token", ["", "a debug token of the test"])
def test_a_session_does_the_same_with_a_diary_and_without(token: str) -> None:
    settings = FrametalkSettings(server=ServerSettings(debug_token=token))
    recorders = Recorders(settings)
    on_virtual_time(spoken(recorders))
    recording = recorders.recordings[0]
    recording.header.settings["server"]["debug_token"] = ""
    assert replay(recording).diverged == ""
    outcome = replay(recording, keep_diary=True)
    assert outcome.diverged == ""
    (turn,) = outcome.diary.turns
    assert turn.mouth_to_ear_ms is not None


def test_the_first_message_that_differs_is_named() -> None:
    recording = a_recording()
    index, entry = next(
        (index, entry)
        for index, entry in enumerate(recording.entries)
        if isinstance(entry, list) and entry[0] == Kind.SENT and b"reply.begin" in entry[3]
    )
    message = msgspec.msgpack.decode(entry[3])
    message["character"] = "smith"
    entry[3] = msgspec.msgpack.encode(message)
    outcome = replay(recording)
    assert outcome.entry == index
    assert "reply.begin with character 'fixed' instead of 'smith'" in outcome.diverged


def test_an_answer_that_differs_changes_what_the_session_does() -> None:
    recording = a_recording()
    for entry in recording.entries:
        if (
            isinstance(entry, list)
            and entry[0] == Kind.ANSWER
            and entry[3]
            and "TextDelta" in entry[3]
        ):
            entry[3] = ["TextDelta", "Never."]
    outcome = replay(recording)
    assert outcome.diverged
    assert outcome.entry < outcome.entries


def test_a_session_that_does_less_is_found() -> None:
    recording = a_recording()
    last = len(recording.entries)
    recording.entries.append([Kind.SENT, 0, 0, b"\x81\xa4type\xa4pong"])
    outcome = replay(recording)
    assert (outcome.entry, "pong" in outcome.diverged) == (last, True)


def test_a_beginning_of_a_recording_replays_too() -> None:
    recording = a_recording()
    for size in range(0, len(recording.entries), 7):
        part = msgspec.structs.replace(recording, entries=recording.entries[:size], end="")
        assert not replay(part).diverged


def test_another_process_does_the_same(tmp_path: Path) -> None:
    recording = a_recording()
    file = tmp_path / "1-a.recording"
    file.write_bytes(MARK + framed(recording.header) + framed(recording.entries) + framed("ended"))
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT / "server")}
    command = "import sys; from frametalk.cli import main; sys.exit(main(['replay', sys.argv[1]]))"
    done = subprocess.run(
        [sys.executable, "-c", command, str(file)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "the same" in done.stdout


def test_a_closed_link_is_recorded_as_it_came() -> None:
    recording = a_recording()
    ends = [e for e in recording.entries if isinstance(e, list) and e[0] == Kind.FAILED]
    assert ["e", "LinkClosed", 1000, ""] in [entry[3] for entry in ends]


def test_a_session_with_opus_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = a_recording()
    for entry in recording.entries:
        if isinstance(entry, list) and entry[0] == Kind.SENT and b"welcome" in entry[3]:
            message = msgspec.msgpack.decode(entry[3])
            entry[3] = msgspec.msgpack.encode({**message, "features": ["opus"]})
    monkeypatch.setattr(opus, "available", lambda: False)
    with pytest.raises(ConfigError, match="Opus, which is not installed") as error:
        replay(recording)
    assert "frametalk[opus]" in error.value.remedy
