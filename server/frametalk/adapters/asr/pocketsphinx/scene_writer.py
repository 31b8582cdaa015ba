"""Writes the files of scenes in a process of its own, while the decoders of others go on."""

from __future__ import annotations

from bisect import bisect_left
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
    # A dict of them takes two and a half times as much memory.
    lines = sorted(file.read_bytes().replace(b"\t", b" ").splitlines())

    def phonemes(word: str) -> str | None:
        start = f"{word} ".encode()
        at = bisect_left(lines, start)
        if at == len(lines) or not lines[at].startswith(start):
            return None
        return lines[at][len(start) :].decode().strip()

    return phonemes
