"""The process that writes scenes: the same files as the worker's own, and nobody waits for them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest

from frametalk.adapters.asr.pocketsphinx.recogniser import DICTIONARY
from frametalk.adapters.asr.pocketsphinx.scene_files import DICTIONARY as SCENE_DICTIONARY
from frametalk.adapters.asr.pocketsphinx.scene_files import MODEL
from frametalk.adapters.asr.pocketsphinx.scene_writer import SceneWriterHandler, dictionary_of
from frametalk.adapters.asr.pocketsphinx.worker import PocketSphinxHandler
from frametalk.workers.child import ChildCall

DOOR = {
    "things": ["red door", "Glimdor"],
    "verbs": ["open"],
    "phrases": ["give me {number} {thing}"],
}


class Call:
    """A call of the parent that keeps whether it is done."""

    id = 1
    is_done = False

    def done(self, _result: Any = None) -> None:
        self.is_done = True


def english() -> Path:
    package = find_spec("pocketsphinx")
    assert package is not None
    (folder,) = package.submodule_search_locations or ()
    return Path(folder, DICTIONARY)


def test_every_pronunciation_of_a_word_is_found(tmp_path: Path) -> None:
    file = tmp_path / "words.dict"
    file.write_text("open OW P AH N\nopen(2)  OW P EH N\n\nlone\ndoor\tD AO R\n", encoding="utf-8")
    lookup = dictionary_of(file)
    assert [lookup(word) for word in ("open", "open(2)", "door", "open(3)", "lone")] == [
        "OW P AH N", "OW P EH N", "D AO R", None, None,
    ]  # fmt: skip


@pytest.mark.real
def test_the_files_are_those_that_the_worker_would_write(tmp_path: Path) -> None:
    folders = tmp_path / "written", tmp_path / "own"
    for folder in folders:
        folder.mkdir()
    call = Call()
    writer = SceneWriterHandler(str(folders[0]), str(english()))
    writer.open(cast(ChildCall, call), "write", {"bias": DOOR})
    assert call.is_done
    worker = PocketSphinxHandler(str(folders[1]))
    worker.open(cast(ChildCall, Call()), "prepare", {"bias": DOOR, "decoders": 1})
    (written,), (own,) = (list(folder.iterdir()) for folder in folders)
    for name in (MODEL, SCENE_DICTIONARY):
        assert (written / name).read_text() == (own / name).read_text()
