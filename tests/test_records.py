"""What is stored of players: only with their consent, deleted by player and by age."""

from __future__ import annotations

import asyncio
import json
import time
import wave
from pathlib import Path

import jwt
import msgspec
import pytest

from frametalk.app import sweep
from frametalk.config import FrametalkSettings, PrivacySettings, ServerSettings
from frametalk.records import DAY_S, Records
from frametalk.session_state import Books
from frametalk.wire import messages as m
from player import playing

NOON = 1_800_000_000.0
STORING = FrametalkSettings(privacy=PrivacySettings(store=True, record=True))
START = "import sys; from frametalk.cli import main; sys.exit(main())"
EVERYTHING = m.Consent(store=True, record=True)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_deleting_a_player_leaves_not_a_byte_of_them_and_all_of_others(tmp_path: Path) -> None:
    records = Records(tmp_path, lambda: NOON)
    for subject in ("anna", "ben"):
        for session in ("s-1", "s-2"):
            record = records.of(subject, f"{session}-{subject}", store=True, record=True)
            record.words("player", f"I am {subject}.")
            record.sound(b"\1\0" * 160)
            record.close()
    records.flush()
    assert records.total()[:2] == (2, 8)
    assert records.delete("anna") > 0
    assert records.delete("anna") == 0
    left = files(tmp_path)
    assert len(left) == 4
    assert all(b"anna" not in file.read_bytes() and "anna" not in file.name for file in left)


def test_what_is_older_than_the_retention_is_swept(tmp_path: Path) -> None:
    now_s = NOON
    records = Records(tmp_path, lambda: now_s)
    for day in range(5):
        now_s = NOON + day * DAY_S
        record = records.of("anna" if day < 2 else "ben", f"s-{day}", store=True, record=False)
        record.words("player", "Hello.")
    records.flush()
    assert records.sweep(30) == 0
    assert records.sweep(2.5) == 2
    assert records.total()[:2] == (1, 3)
    now_s += 10 * DAY_S
    assert records.sweep(0.5) == 3
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_ours_stays(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "readme.txt").touch()
    assert Records(tmp_path, lambda: NOON).sweep(0) == 0
    assert (tmp_path / "notes" / "readme.txt").exists()


# ---- through the wire ----------------------------------------------------------------------------


@pytest.mark.looptime
@pytest.mark.parametrize(
    ("settings", "hello"),
    [
        (FrametalkSettings(), {"consent": EVERYTHING}),
        (STORING, {}),
        (STORING, {"consent": m.Consent()}),
        (STORING, {"consent": EVERYTHING, "child": True}),
    ],
)
async def test_nothing_is_stored_by_default(
    tmp_path: Path, settings: FrametalkSettings, hello: dict[str, object]
) -> None:
    records = Records(tmp_path)
    async with playing(settings=settings, books=Books(records=records)) as player:
        await player.enter(**hello)
        await player.speak()
        await player.until(m.ReplyEnd)
        player.link.send(m.Report(reply=1, text="He was rude."))
        await player.until(m.TurnStateChanged, lambda s: s.state == "idle")
    records.flush()
    assert files(tmp_path) == []


@pytest.mark.looptime
@pytest.mark.parametrize("subject", ["test", "anna"])
async def test_a_session_whose_player_is_deleted_stores_nothing_more(
    tmp_path: Path, subject: str
) -> None:
    records, secret = Records(tmp_path), "0123456789abcdef0123456789abcdef"
    claims = {"exp": time.time() + 30, "aud": "frametalk", "jti": "j-1", "sub": "anna"}
    settings = msgspec.structs.replace(STORING, server=ServerSettings(token_secret=secret))
    async with playing(settings=settings, books=Books(records=records)) as player:
        await player.enter(token=jwt.encode(claims, secret, "HS256"), consent=EVERYTHING)
        records.delete(subject)
        await player.speak()
        await player.until(m.ReplyEnd)
        player.link.send(m.Report(reply=1, text="He was rude."))
        await player.until(m.TurnStateChanged, lambda s: s.state == "idle")
    records.flush()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.looptime
async def test_with_consent_words_reports_and_sound_are_stored_until_they_are_deleted(
    tmp_path: Path,
) -> None:
    records = Records(tmp_path)
    async with playing(settings=STORING, books=Books(records=records)) as player:
        await player.enter(consent=EVERYTHING)
        await player.speak()
        await player.until(m.ReplyEnd)
        player.link.send(m.Report(reply=1, reason="hateful", text="He was rude."))
        await player.until(m.TurnStateChanged, lambda s: s.state == "idle")
    records.flush()
    words, sound = files(tmp_path)
    said = [json.loads(line) for line in words.read_text(encoding="utf-8").splitlines()]
    assert {(entry["who"], entry["text"]) for entry in said} == {
        ("player", "open the door"),
        ("character", "Very well, friend. The door is open."),
        ("report", "He was rude."),
    }
    with wave.open(str(sound)) as recorded:
        assert recorded.getnframes() == player.mic_sample
    size = words.stat().st_size + sound.stat().st_size
    assert records.delete("test") == size  # a player without a name is known by the session's id
    assert files(tmp_path) == []


@pytest.mark.looptime
async def test_a_player_with_a_name_is_deleted_by_it(tmp_path: Path) -> None:
    records, secret = Records(tmp_path), "0123456789abcdef0123456789abcdef"
    claims = {"exp": time.time() + 30, "aud": "frametalk", "jti": "j-1", "sub": "anna"}
    settings = FrametalkSettings(
        server=ServerSettings(token_secret=secret), privacy=PrivacySettings(store=True)
    )
    async with playing(settings=settings, books=Books(records=records)) as player:
        token = jwt.encode(claims, secret, "HS256")
        await player.enter(token=token, consent=m.Consent(store=True))
        player.link.send(m.Say(text="open the door"))
        await player.until(m.ReplyEnd)
        await player.until(m.TurnStateChanged, lambda s: s.state == "idle")
    records.flush()
    assert len(files(tmp_path)) == 1
    assert records.delete("anna") > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.looptime
async def test_what_a_session_stored_is_gone_after_the_days_of_the_setting(tmp_path: Path) -> None:
    clock = asyncio.get_running_loop()
    records = Records(tmp_path, lambda: NOON + clock.time())
    async with playing(settings=STORING, books=Books(records=records)) as player:
        await player.enter(consent=EVERYTHING)
        await player.speak()
        await player.until(m.ReplyEnd)
    records.flush()
    assert len(files(tmp_path)) == 2
    async with asyncio.TaskGroup() as group:
        sweeping = group.create_task(sweep(records, retention_days=30))
        await asyncio.sleep(29.9 * DAY_S)
        assert len(files(tmp_path)) == 2
        await asyncio.sleep(0.2 * DAY_S)
        assert list(tmp_path.iterdir()) == []
        sweeping.cancel()
