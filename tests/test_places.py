from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from frametalk.errors import ConfigError
from frametalk.places import temporary_folder, user_data

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signal 0 there")


def test_the_users_data_lies_where_the_system_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")
    assert user_data() == Path("/somewhere/frametalk")


def test_a_folder_of_a_killed_process_is_removed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = tmp_path / f"frametalk-asr-{ended.pid}-abc"
    left.mkdir()
    (left / "scene").write_text("words")
    kept = [
        tmp_path / f"frametalk-asr-{os.getpid()}-abc",  # ours
        tmp_path / "frametalk-asr-1-abc",  # of a process that lives
        tmp_path / f"frametalk-other-{ended.pid}-abc",
        tmp_path / "frametalk-asr-abc",
    ]
    for folder in kept:
        folder.mkdir()
    with temporary_folder("asr") as made:
        assert Path(made).is_dir()
        assert not left.exists()
        assert all(folder.is_dir() for folder in kept)
    assert not Path(made).exists()


def test_without_a_place_for_temporary_files_the_remedy_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "absent"))
    with pytest.raises(ConfigError) as refused:
        temporary_folder("asr")
    assert "TMPDIR" in refused.value.remedy
