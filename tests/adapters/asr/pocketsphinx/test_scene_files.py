"""A scene's files are written once and as a whole, and kept while they are used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from frametalk.adapters.asr.pocketsphinx import scene_files
from frametalk.adapters.asr.pocketsphinx.scene_files import DICTIONARY, MODEL, Lookup, SceneFiles

DOOR = {"things": ["door"], "verbs": ["open"], "phrases": []}


class Dictionary:
    """Has two words, and counts how often it is loaded."""

    def __init__(self) -> None:
        self.loaded = 0
        self.words = {"door": "D AO R", "open": "OW P AH N", "open(2)": "OW P EH N"}

    def load(self) -> Lookup:
        self.loaded += 1
        return self.words.get


@pytest.fixture
def dictionary() -> Dictionary:
    return Dictionary()


def test_files_are_found_by_the_next_worker(tmp_path: Path, dictionary: Dictionary) -> None:
    first = SceneFiles(str(tmp_path)).scene(DOOR, dictionary.load).place
    assert "\\data\\" in (first / MODEL).read_text()
    lines = (first / DICTIONARY).read_text().splitlines()
    assert {"door D AO R", "open OW P AH N", "open(2) OW P EH N"} <= set(lines)
    assert SceneFiles(str(tmp_path)).scene(DOOR, dictionary.load).place == first
    assert dictionary.loaded == 1


def test_a_name_that_is_not_in_the_dictionary_is_spelt(
    tmp_path: Path, dictionary: Dictionary
) -> None:
    named = {**DOOR, "things": ["Glimdor"]}
    place = SceneFiles(str(tmp_path)).scene(named, dictionary.load).place
    lines = (place / DICTIONARY).read_text().splitlines()
    assert [line for line in lines if line.startswith("glimdor ")] == ["glimdor G L IH M D AO R"]


def test_a_writer_that_dies_leaves_no_partial_scene(
    tmp_path: Path, dictionary: Dictionary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_word: str, _lookup: Lookup) -> str:
        raise MemoryError

    files = SceneFiles(str(tmp_path))
    with monkeypatch.context() as broken:
        broken.setattr(scene_files, "pronounce", fail)
        with pytest.raises(MemoryError):
            files.scene({**DOOR, "things": ["Glimdor"]}, dictionary.load)
    place = files.scene({**DOOR, "things": ["Glimdor"]}, dictionary.load).place
    assert "glimdor" in (place / DICTIONARY).read_text()


def test_where_nothing_can_be_written_a_scene_is_kept_in_memory(
    tmp_path: Path, dictionary: Dictionary, capsys: pytest.CaptureFixture[str]
) -> None:
    if not hasattr(os, "memfd_create"):
        pytest.skip("no files in memory here")
    files = SceneFiles(str(tmp_path / "absent"))
    scene = files.scene(DOOR, dictionary.load)
    assert "\\data\\" in Path(scene.model).read_text(encoding="utf-8")
    assert "door D AO R" in Path(scene.dictionary).read_text(encoding="utf-8")
    assert files.scene(DOOR, dictionary.load) is scene
    files.scene({**DOOR, "verbs": ["shut"]}, dictionary.load)
    assert capsys.readouterr().err.count("\n") == 1  # said once


def test_the_most_recently_used_scenes_are_kept(
    tmp_path: Path, dictionary: Dictionary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene_files, "MAX_SCENES", 2)
    files = SceneFiles(str(tmp_path))
    first = files.scene(DOOR, dictionary.load).place
    os.utime(first, (2, 2))
    second = files.scene({**DOOR, "verbs": ["shut"]}, dictionary.load).place
    os.utime(second, (1, 1))
    third = files.scene({**DOOR, "verbs": ["kick"]}, dictionary.load).place
    assert set(tmp_path.iterdir()) == {first, third}


def test_a_scene_that_another_process_has_written_meanwhile_is_used(
    tmp_path: Path, dictionary: Dictionary
) -> None:
    files, other = (SceneFiles(str(tmp_path)) for _ in range(2))

    def load() -> Lookup:
        other.scene(DOOR, dictionary.load)
        return dictionary.load()

    place = files.scene(DOOR, load).place
    assert list(tmp_path.iterdir()) == [place]
