"""Recordings of a server's sessions: whose, what is in them, how large they get, how they are deleted."""

from __future__ import annotations

import asyncio
import random
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from frametalk.config import FrametalkSettings, PrivacySettings, WebRtcSettings
from frametalk.disk_writer import DiskWriter
from frametalk.records import Records
from frametalk.replay.files import read
from frametalk.replay.run import replay
from frametalk.replay.writer import MAX_WAITING, FileSink, Recordings
from frametalk.transports.link import LinkClosed
from frametalk.wire import messages as m
from player import Player
from replaying import loaded
from serving import serving, settings

AGREES = m.Consent(store=True, record=True)
TOKEN = "kanarietoken"  # noqa: S105  (a sample)
PRIVACY = {"store": True, "record": True, "replay": True}


def recorded_at(folder: Path, token: str = "", **privacy: Any) -> FrametalkSettings:
    """A server that records."""
    chosen = PrivacySettings(folder=str(folder), **{**PRIVACY, **privacy})
    server = settings(drain_ms=0, token=token)
    return loaded(
        msgspec.structs.replace(server, privacy=chosen, webrtc=WebRtcSettings(enabled=False))
    )


def files_in(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


async def converse(url_settings: FrametalkSettings, *hellos: dict[str, Any]) -> list[m.Welcome]:
    """Typed turns over sockets, of as many players at once; their welcomes."""
    async with serving(url_settings) as running:

        async def play(hello: dict[str, Any]) -> m.Welcome:
            player = Player(await running.connect())
            async with asyncio.TaskGroup() as group:
                group.create_task(player.run())
                await player.enter(token=url_settings.server.token, **hello)
                player.link.send(m.Say(text="open the door"))
                await player.until(m.ReplyEnd)
                await player.sound(100, loud=True)
                await player.link.close()
            return player.of(m.Welcome)[0]

        return await asyncio.gather(*map(play, hellos))


async def test_sessions_over_sockets_are_recorded_and_replay(tmp_path: Path) -> None:
    await converse(recorded_at(tmp_path), *[{"consent": AGREES}] * 5)
    recordings = [read(file) for file in files_in(tmp_path) if file.suffix == ".recording"]
    assert [each.end for each in recordings] == ["ended"] * 5
    for recording in recordings:
        assert not await asyncio.to_thread(lambda it=recording: replay(it).diverged)


async def test_a_session_that_was_resumed_over_another_socket_replays(tmp_path: Path) -> None:
    async with serving(recorded_at(tmp_path)) as running, asyncio.TaskGroup() as group:
        before = Player(await running.connect())
        group.create_task(before.run())
        await before.enter(consent=AGREES, features=("resume",))
        before.link.send(m.Say(text="open the door"))
        begun = await before.until(m.ReplyBegin)
        before.link._connection.transport.abort()  # type: ignore[attr-defined]  (as networks do)
        await before.until(LinkClosed)
        after = Player(await running.connect())
        after._streams, after.heard = before._streams, before.heard
        group.create_task(after.run())
        at = m.ResumeFrom(
            received=max(item.seq for item in before.of(m.ServerMessage)),
            reply=begun.reply,
            played=before.heard[begun.reply],
        )
        token = before.of(m.Welcome)[0].resume
        welcome = await after.hello(features=("resume",), resume=token, resume_from=at)
        assert welcome.resumed
        after.link.send(m.Say(text="close the door"))
        await after.until(m.ReplyEnd, lambda item: item.reply > begun.reply)
        after.link.send(m.Bye())
        await after.until(LinkClosed)
    (file,) = [file for file in files_in(tmp_path) if file.suffix == ".recording"]
    recording = read(file)
    names = [entry[1] for entry in recording.entries if isinstance(entry, list) and entry[0] == 6]
    assert "resume" in names
    outcome = await asyncio.to_thread(replay, recording)
    assert (outcome.diverged, recording.end) == ("", "ended")


@pytest.mark.parametrize(
    ("consent", "privacy"),
    [
        (None, {}),
        (m.Consent(store=True), {}),
        (m.Consent(record=True), {}),
        (AGREES, {"replay": False}),
        (AGREES, {"store": False}),
        (AGREES, {"children": True}),
    ],
)
async def test_without_both_consents_and_the_setting_there_is_no_recording(
    tmp_path: Path, consent: m.Consent | None, privacy: dict[str, Any]
) -> None:
    await converse(recorded_at(tmp_path, **privacy), {"consent": consent})
    assert not [file for file in files_in(tmp_path) if file.suffix == ".recording"]


async def test_no_token_is_in_a_recording(tmp_path: Path) -> None:
    welcome, *_ = await converse(
        recorded_at(tmp_path, TOKEN), {"consent": AGREES, "features": ("resume",)}
    )
    (file,) = [file for file in files_in(tmp_path) if file.suffix == ".recording"]
    recording = read(file)
    content = msgspec.msgpack.encode(recording)
    assert welcome.resume
    assert b"open the door" in content
    for secret in (TOKEN, welcome.resume, str(tmp_path)):
        assert secret.encode() not in content


async def test_deleting_a_session_or_a_player_leaves_nothing(tmp_path: Path) -> None:
    chosen = recorded_at(tmp_path)
    welcome, other = await converse(chosen, {"consent": AGREES}, {"consent": AGREES})
    records = Records(tmp_path)
    assert records.delete(welcome.session) > 0
    assert {file.name.split("-")[1].split(".")[0] for file in files_in(tmp_path)} == {other.session}
    recordings = Recordings(chosen, records)
    recorder = recordings.of("abc", lambda: 0.0)
    recorder.agreed(True, "anna")
    recorder.stop("ended")
    recordings.flush()
    assert records.delete("abc") > 0
    assert records.delete(other.session) > 0
    assert files_in(tmp_path) == []


def sink_at(folder: Path, **privacy: Any) -> tuple[FileSink, DiskWriter]:
    chosen = FrametalkSettings(privacy=PrivacySettings(**privacy))
    writer = DiskWriter("recordings", MAX_WAITING)
    return FileSink(chosen, Records(folder), writer, "abc"), writer


def test_a_recording_ends_at_its_largest_size_and_keeps_its_beginning(tmp_path: Path) -> None:
    sink, writer = sink_at(tmp_path, recording_mb=0.01)
    sink.begin("", 0, {})
    for _ in range(20):
        sink.add([random.randbytes(1_000)])
    writer.flush()
    assert not sink.add([1])
    recording = read(files_in(tmp_path)[0])
    assert recording.end == "privacy.recording_mb was reached"
    assert 5 < len(recording.entries) < 10


def test_a_disk_that_is_late_ends_the_recording_and_nothing_waits(tmp_path: Path) -> None:
    sink, writer = sink_at(tmp_path)
    disk = threading.Event()
    writer.do(lambda: disk.wait(10) and None)
    sink.begin("", 0, {})
    taken = [sink.add([1]) for _ in range(MAX_WAITING + 5)]
    assert taken[0]
    assert not taken[-1]
    disk.set()
    writer.flush()
    assert read(files_in(tmp_path)[0]).end == "the disk was late"


def test_a_session_whose_records_are_deleted_is_not_recorded_any_more(tmp_path: Path) -> None:
    sink, writer = sink_at(tmp_path)
    sink.begin("", 0, {})
    writer.flush()
    Records(tmp_path).delete("abc")
    sink.add([1])
    writer.flush()
    assert not sink.add([1])
    assert files_in(tmp_path) == []
