"""A scene's language model and dictionary as files, which outlive the worker that wrote them.

To build them a worker needs a second of preparation; to read them it needs a hundredth of that.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from frametalk.adapters.asr.pocketsphinx.pronounce import pronounce

MAX_SCENES = 8
MAX_PRONUNCIATIONS = 8
MODEL, DICTIONARY = "scene.arpa", "scene.dict"

Parts = dict[str, list[str]]
"""A bias as sent through the pipe."""
Lookup = Callable[[str], str | None]
"""A word's phonemes; None if the dictionary lacks it."""


class MemoryFile:
    """A file that no disk has; it exists as long as this object."""

    def __init__(self, text: str) -> None:
        self._fd = os.memfd_create("frametalk-scene")
        with open(self._fd, "w", encoding="utf-8", closefd=False) as out:
            out.write(text)

    @property
    def path(self) -> str:
        """The path by which this process reads it."""
        return f"/proc/self/fd/{self._fd}"

    def __del__(self) -> None:
        os.close(self._fd)


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene's files, by their paths. Files in memory exist as long as they are `held`."""

    place: Path
    model: str
    dictionary: str
    held: tuple[MemoryFile, ...] = ()


class SceneFiles:
    """Folders of a model and a dictionary each, in `folder`; the most recently used ones are kept.

    Where they cannot be written (a full disk), each worker keeps them in memory.
    """

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._in_memory: dict[Path, Scene] = {}

    def scene(self, parts: Parts, load_dictionary: Callable[[], Lookup]) -> Scene:
        """The files of a scene; writes them, with the dictionary, if they do not exist.

        Raises OSError where they can be written neither to the folder nor to memory.
        """
        key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        place = self._folder / key
        if (scene := self._in_memory.get(place)) is not None:
            return scene
        try:
            if not place.is_dir():
                self._write(place, *_texts(parts, load_dictionary()))
            os.utime(place)
        except OSError as error:
            if not hasattr(os, "memfd_create"):
                raise
            if not self._in_memory:
                sys.stderr.write(f"pocketsphinx: scenes are kept in memory: {error.strerror}\n")
            return self._keep(place, *_texts(parts, load_dictionary()))
        return Scene(place, str(place / MODEL), str(place / DICTIONARY))

    def _keep(self, place: Path, model: str, dictionary: str) -> Scene:
        files = (MemoryFile(model), MemoryFile(dictionary))
        scene = self._in_memory[place] = Scene(place, files[0].path, files[1].path, files)
        while len(self._in_memory) > MAX_SCENES:
            del self._in_memory[next(iter(self._in_memory))]
        return scene

    def _write(self, place: Path, model: str, dictionary: str) -> None:
        unfinished = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            (unfinished / MODEL).write_text(model, encoding="utf-8")
            (unfinished / DICTIONARY).write_text(dictionary, encoding="utf-8")
            unfinished.rename(place)  # atomic: a worker may be killed at any moment
        except OSError:
            shutil.rmtree(unfinished, ignore_errors=True)
            if not place.is_dir():  # another process has written them meanwhile
                raise
        newest_first = sorted(self._folder.iterdir(), key=os.path.getmtime, reverse=True)
        for old in newest_first[MAX_SCENES:]:
            shutil.rmtree(old)


def _texts(parts: Parts, lookup: Lookup) -> tuple[str, str]:
    """A scene's language model and dictionary."""
    # Imported here: a worker that finds the files does without.
    from frametalk.adapters.asr.pocketsphinx.scene_language import scene_trigrams

    trigrams = scene_trigrams(**parts)
    lines = [line for word in trigrams.words for line in pronunciations(word, lookup)]
    return trigrams.arpa(), "\n".join(lines) + "\n"


def preload() -> None:
    """Import what writing needs, which would delay the first scene."""
    from frametalk.adapters.asr.pocketsphinx.scene_language import spoken_numbers

    spoken_numbers()


def pronunciations(word: str, lookup: Lookup) -> list[str]:
    """Dictionary lines of a word: all pronunciations it has there, else one from its spelling."""
    found = lookup(word)
    if found is None:
        return [f"{word} {pronounce(word, lookup)}"]
    lines = [f"{word} {found}"]
    for number in range(2, MAX_PRONUNCIATIONS):
        other = lookup(f"{word}({number})")
        if other is None:
            break
        lines.append(f"{word}({number}) {other}")
    return lines
