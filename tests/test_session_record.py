"""What is stored of one session: in order, beside the event loop, until its files are deleted."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import wave
from pathlib import Path

import pytest

from frametalk.records import MAX_WAITING, Records
from frametalk.session_record import SessionRecord

NOON = 1_800_000_000.0
START = "import sys; from frametalk.cli import main; sys.exit(main())"


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_words_are_lines_of_json_for_the_owner_alone(tmp_path: Path) -> None:
    records = Records(tmp_path, lambda: NOON)
    record = records.of("anna", "s-1", store=True, record=False)
    record.words("player", "Gib mir den Schlüssel.", turn=1)
    record.words("character", "", turn=1)
    record.close()
    records.flush()
    (file,) = files(tmp_path)
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "time": NOON, "who": "player", "text": "Gib mir den Schlüssel.", "turn": 1,
    }  # fmt: skip
    assert (file.stat().st_mode & 0o077, file.parent.stat().st_mode & 0o077) == (0, 0)
    assert "anna" not in str(file)


def test_sound_is_a_wave_file(tmp_path: Path) -> None:
    records = Records(tmp_path)
    record = records.of("anna", "s-1", store=False, record=True)
    for number in range(100):
        record.sound(bytes((number, 0)) * 320)
    record.close()
    records.flush()
    (file,) = files(tmp_path)
    with wave.open(str(file)) as sound:
        assert sound.getframerate() == 16_000
        assert sound.readframes(100_000) == b"".join(bytes((n, 0)) * 320 for n in range(100))


# ---- deleted while the session is open -----------------------------------------------------------


def talk_on(records: Records, *sessions: SessionRecord) -> None:
    """Words and sound of these sessions, until they end."""
    for record in sessions:
        record.words("player", "Hello again.")
        record.sound(b"\1\0" * 16_000)
        record.close()
    records.flush()


def test_a_player_who_is_deleted_in_a_session_is_not_stored_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "frametalk")
    lost: list[str] = []
    records = Records(tmp_path, lost=lambda: lost.append("a record"))
    record = records.of("anna", "s-1", store=True, record=True)
    record.words("player", "Hello.")
    record.sound(b"\1\0" * 16_000)
    assert records.delete("anna") > 0
    talk_on(records, record)
    assert files(tmp_path) == []
    assert caplog.messages == ["this session is not stored any more: its records were deleted"]
    assert not record.takes_sound
    assert not lost


@pytest.mark.parametrize("kinds", [(True, True), (True, False), (False, True)])
def test_a_session_that_had_stored_nothing_yet_stores_nothing_after_a_deletion(
    tmp_path: Path, kinds: tuple[bool, bool]
) -> None:
    records = Records(tmp_path)
    record = records.of("anna", "s-1", store=kinds[0], record=kinds[1])
    records.delete("anna")
    talk_on(records, record)
    assert list(tmp_path.iterdir()) == []


def test_another_session_of_the_player_does_not_bring_a_deleted_one_back(tmp_path: Path) -> None:
    records = Records(tmp_path)
    before = [records.of("anna", f"s-{n}", store=True, record=True) for n in (1, 2)]
    before[0].words("player", "Hello.")
    records.delete("anna")
    after = records.of("anna", "s-3", store=True, record=True)
    talk_on(records, after, *before)
    assert {file.name.split("-", 1)[1] for file in files(tmp_path)} == {"s-3.jsonl", "s-3.wav"}


def test_a_session_that_is_deleted_by_its_id_stores_nothing_beside_others_of_the_player(
    tmp_path: Path,
) -> None:
    records = Records(tmp_path)
    first, second = (records.of("anna", f"s-{n}", store=True, record=True) for n in (1, 2))
    for record in (first, second):
        record.words("player", "Hello.")
    assert records.delete("s-1") > 0
    talk_on(records, first, second)
    assert {file.name.split("-", 1)[1] for file in files(tmp_path)} == {"s-2.jsonl", "s-2.wav"}


def test_another_process_deletes_them(tmp_path: Path) -> None:
    records = Records(tmp_path)
    record = records.of("anna", "s-1", store=True, record=True)
    record.words("player", "Hello.")
    records.flush()
    arguments = ["data", "delete", "anna", "--set", f"privacy.folder={tmp_path}"]
    subprocess.run([sys.executable, "-c", START, *arguments], check=True)
    talk_on(records, record)
    assert list(tmp_path.iterdir()) == []


def test_a_session_that_begins_while_its_player_is_deleted_has_all_its_files_or_none(
    tmp_path: Path,
) -> None:
    records, stop = Records(tmp_path), threading.Event()

    def delete() -> None:
        other = Records(tmp_path)
        while not stop.is_set():
            other.delete("anna")

    deleting = threading.Thread(target=delete)
    deleting.start()
    for number in range(50):
        talk_on(records, records.of("anna", f"s-{number}", store=True, record=True))
    stop.set()
    deleting.join()
    records.delete("anna")
    assert list(tmp_path.iterdir()) == []


# ---- the disk ------------------------------------------------------------------------------------


def late_disk(records: Records) -> threading.Event:
    """The disk takes nothing until the event is set."""
    disk, begun = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        disk.wait()

    records._writer.do(wait)
    begun.wait()
    return disk


def test_a_late_disk_keeps_nobody_waiting_and_everything_is_written_in_order(
    tmp_path: Path,
) -> None:
    records = Records(tmp_path, lambda: NOON)
    disk = late_disk(records)
    record = records.of("anna", "s-1", store=True, record=True)
    for turn in range(100):
        record.words("player", f"turn {turn}")
        record.sound(bytes((turn, 0)) * 16_000)
    record.close()
    assert files(tmp_path) == []
    disk.set()
    assert records.flush()
    words, sound = files(tmp_path)
    lines = map(json.loads, words.read_text(encoding="utf-8").splitlines())
    assert [line["text"] for line in lines] == [f"turn {turn}" for turn in range(100)]
    with wave.open(str(sound)) as recorded:
        assert recorded.readframes(10_000_000) == b"".join(
            bytes((turn, 0)) * 16_000 for turn in range(100)
        )


def test_a_disk_that_is_too_late_ends_the_record_which_is_said_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lost: list[str] = []
    records = Records(tmp_path, lost=lambda: lost.append("a record"))
    disk = late_disk(records)
    record = records.of("anna", "s-1", store=True, record=True)
    for _ in range(2 * MAX_WAITING):
        record.words("player", "Hello.")
        record.sound(b"\1\0" * 160)
    record.close()
    assert lost == ["a record"]
    assert caplog.messages == ["this session is not stored any more: the disk is late"]
    disk.set()
    assert records.flush()
    words, sound = files(tmp_path)
    assert MAX_WAITING / 2 < len(words.read_bytes().splitlines()) < MAX_WAITING
    with wave.open(str(sound)) as recorded:  # what had not come too late is whole
        assert recorded.getnframes() > 0


def test_a_folder_that_cannot_be_written_does_not_end_the_session(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lost: list[str] = []
    (tmp_path / "file").touch()
    records = Records(tmp_path / "file", lost=lambda: lost.append("a record"))
    record = records.of("anna", "s-1", store=True, record=True)
    talk_on(records, record)
    assert caplog.messages == ["this session is not stored any more: Not a directory"]
    assert lost == ["a record"]


def test_a_session_that_goes_on_within_a_second_has_files_of_its_own(tmp_path: Path) -> None:
    records = Records(tmp_path, lambda: NOON)
    for _ in range(2):
        talk_on(records, records.of("anna", "s-1", store=True, record=True))
    assert [file.name for file in files(tmp_path)] == [
        f"{int(NOON) + n}-s-1.{kind}" for n in (0, 1) for kind in ("jsonl", "wav")
    ]
