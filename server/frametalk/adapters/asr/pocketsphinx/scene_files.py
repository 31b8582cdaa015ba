"""A scene's language model and dictionary as files, which outlive the worker that wrote them.

To build them a worker needs a second of preparation; to read them it needs a hundredth of that.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from frametalk.adapters.asr.pocketsphinx.pronounce import pronounce

MAX_SCENES = 8
MAX_PRONUNCIATIONS = 8
MODEL, DICTIONARY = "scene.arpa", "scene.dict"

Parts = dict[str, list[str]]
"""A bias as sent through the pipe."""
Lookup = Callable[[str], str | None]
"""A word's phonemes; None if the dictionary lacks it."""


class SceneFiles:
    """Folders of a model and a dictionary each, in `folder`; the most recently used ones are kept."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def folder_of(self, parts: Parts, load_dictionary: Callable[[], Lookup]) -> Path:
        """The folder of a scene's files; writes them, with the dictionary, if they do not exist."""
        key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        place = self._folder / key
        if not place.is_dir():
            self._write(place, parts, load_dictionary())
        os.utime(place)
        return place

    def _write(self, place: Path, parts: Parts, lookup: Lookup) -> None:
        # Imported here: a worker that finds the files does not wait for numpy.
        from frametalk.adapters.asr.pocketsphinx.scene_language import scene_trigrams
        from frametalk.adapters.base import Bias

        trigrams = scene_trigrams(Bias(**{name: tuple(texts) for name, texts in parts.items()}))
        lines = [line for word in trigrams.words for line in pronunciations(word, lookup)]
        unfinished = Path(tempfile.mkdtemp(dir=self._folder))
        (unfinished / MODEL).write_text(trigrams.arpa(), encoding="utf-8")
        (unfinished / DICTIONARY).write_text("\n".join(lines) + "\n", encoding="utf-8")
        try:
            unfinished.rename(place)  # atomic: a worker may be killed at any moment
        except OSError:
            if not place.is_dir():
                raise
            shutil.rmtree(unfinished)  # another process has written them meanwhile
        newest_first = sorted(self._folder.iterdir(), key=os.path.getmtime, reverse=True)
        for old in newest_first[MAX_SCENES:]:
            shutil.rmtree(old)


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
