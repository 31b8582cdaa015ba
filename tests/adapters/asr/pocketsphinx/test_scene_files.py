"""A scene's files are written once, kept while they are used, and never found half written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from frametalk.adapters.asr.pocketsphinx import scene_files
from frametalk.adapters.asr.pocketsphinx.scene_files import DICTIONARY, MODEL, Lookup, SceneFiles

DOOR = {"things": ["door"], "verbs": ["open"], "phrases": []}


class Dictionary:
    """Knows two words, and how often it was opened."""

    def __init__(self) -> None:
        self.opened = 0
        self.words = {"door": "D AO R", "open": "OW P AH N", "open(2)": "OW P EH N"}

    def open(self) -> Lookup:
        self.opened += 1
        return self.words.get


@pytest.fixture
def dictionary() -> Dictionary:
    return Dictionary()


def test_the_next_worker_finds_what_the_last_one_wrote(
    tmp_path: Path, dictionary: Dictionary
) -> None:
    first = SceneFiles(str(tmp_path)).written(DOOR, dictionary.open)
    assert "\\data\\" in (first / MODEL).read_text()
    lines = (first / DICTIONARY).read_text().splitlines()
    assert {"door D AO R", "open OW P AH N", "open(2) OW P EH N"} <= set(lines)
    assert SceneFiles(str(tmp_path)).written(DOOR, dictionary.open) == first
    assert dictionary.opened == 1


def test_a_name_that_the_dictionary_lacks_is_spelt(tmp_path: Path, dictionary: Dictionary) -> None:
    named = {**DOOR, "things": ["Glimdor"]}
    place = SceneFiles(str(tmp_path)).written(named, dictionary.open)
    lines = (place / DICTIONARY).read_text().splitlines()
    assert [line for line in lines if line.startswith("glimdor ")] == ["glimdor G L IH M D AO R"]


def test_a_writer_that_dies_leaves_no_scene(
    tmp_path: Path, dictionary: Dictionary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(_word: str, _lookup: Lookup) -> str:
        raise MemoryError

    files = SceneFiles(str(tmp_path))
    with monkeypatch.context() as broken:
        broken.setattr(scene_files, "pronounce", dies)
        with pytest.raises(MemoryError):
            files.written({**DOOR, "things": ["Glimdor"]}, dictionary.open)
    place = files.written({**DOOR, "things": ["Glimdor"]}, dictionary.open)
    assert "glimdor" in (place / DICTIONARY).read_text()


def test_the_scenes_that_were_used_last_are_kept(
    tmp_path: Path, dictionary: Dictionary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene_files, "KEPT_SCENES", 2)
    files = SceneFiles(str(tmp_path))
    first = files.written(DOOR, dictionary.open)
    os.utime(first, (2, 2))
    second = files.written({**DOOR, "verbs": ["shut"]}, dictionary.open)
    os.utime(second, (1, 1))
    third = files.written({**DOOR, "verbs": ["kick"]}, dictionary.open)
    assert set(tmp_path.iterdir()) == {first, third}
