"""Files of recordings: whole, torn, foreign."""

from __future__ import annotations

from pathlib import Path

import pytest

from frametalk.errors import ConfigError
from frametalk.replay.files import MARK, Header, framed, read

HEADER = Header(frametalk="1", session="abc", began=1.0, base_us=5, settings={}, engines={})


def written(folder: Path, data: bytes) -> Path:
    file = folder / "1-abc.recording"
    file.write_bytes(data)
    return file


def test_a_recording_is_read_as_it_was_written(tmp_path: Path) -> None:
    data = MARK + framed(HEADER) + framed([1, [0, 1]]) + framed([2]) + framed("ended")
    recording = read(written(tmp_path, data))
    assert (recording.header, recording.entries, recording.end) == (HEADER, [1, [0, 1], 2], "ended")


def test_a_torn_file_is_read_up_to_its_last_whole_frame(tmp_path: Path) -> None:
    whole = MARK + framed(HEADER) + framed([1])
    torn = whole + framed([2, 3])
    for size in range(len(whole), len(torn)):
        recording = read(written(tmp_path, torn[:size]))
        assert (recording.entries, recording.end) == ([1], "")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is no recording"),
        (b"RIFF" + bytes(20), "is no recording"),
        (MARK[:-1] + b"\x63", "has format 99"),
        (MARK, "has no header"),
        (MARK + framed({"frametalk": 1}), "has no header"),
        (MARK + framed(HEADER)[:-1] + b"?", "has no header"),
    ],
)
def test_other_files_are_refused_with_what_they_are(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        read(written(tmp_path, data))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.recording"):
        read(tmp_path / "none.recording")
