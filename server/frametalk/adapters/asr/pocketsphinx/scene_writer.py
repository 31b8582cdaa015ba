"""Writes the files of scenes in a process of its own, while the decoders of others go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from frametalk.adapters.asr.pocketsphinx.scene_files import Lookup, SceneFiles, preload
from frametalk.workers.child import ChildCall


class SceneWriterHandler:
    """Serves `write`: the model and dictionary of a scene, as files in `folder`.

    `dictionary` is the path of the pronunciations of English.
    """

    def __init__(self, folder: str, dictionary: str) -> None:
        self._files = SceneFiles(folder)
        self._lookup = dictionary_of(Path(dictionary))
        preload()

    def open(self, call: ChildCall, op: str, args: Any) -> None:
        """Begin a call."""
        self._files.scene(args["bias"], lambda: self._lookup)
        call.done()

    def input(self, call: ChildCall, item: Any) -> None:
        """Nothing is taken."""

    def cancelled(self, call: ChildCall) -> None:
        """Nothing is left of a call."""


def dictionary_of(file: Path) -> Lookup:
    """The pronunciations in a file of lines "word phonemes"; further ones of a word are "word(2)"."""
    lines = (line.split(None, 1) for line in file.read_text(encoding="utf-8").splitlines())
    return {line[0]: line[1].strip() for line in lines if len(line) > 1}.get
