"""What PocketSphinx reads of a scene, as files: the next worker hears with what the last one wrote.

Counting sentences and looking up words take a worker a second to be ready for, reading two small files a
hundredth of that.
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

KEPT_SCENES = 8
MAX_PRONUNCIATIONS = 8
MODEL, DICTIONARY = "scene.arpa", "scene.dict"

Parts = dict[str, list[str]]
"""A bias as it comes through the pipe."""
Lookup = Callable[[str], str | None]
"""A word's phonemes, if the dictionary has it."""


class SceneFiles:
    """Folders with a model and a dictionary each, the newest few, in `folder`, which outlives a worker."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def written(self, parts: Parts, dictionary: Callable[[], Lookup]) -> Path:
        """The folder of a scene's files. `dictionary` is asked for only to write them."""
        key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        place = self._folder / key
        if not place.is_dir():
            self._write(place, parts, dictionary())
        os.utime(place)
        return place

    def _write(self, place: Path, parts: Parts, lookup: Lookup) -> None:
        # Imported here: who finds the files need not wait for numpy.
        from frametalk.adapters.asr.pocketsphinx.scene_language import scene_trigrams
        from frametalk.adapters.base import Bias

        trigrams = scene_trigrams(Bias(**{name: tuple(texts) for name, texts in parts.items()}))
        lines = [line for word in trigrams.words for line in pronunciations(word, lookup)]
        unfinished = Path(tempfile.mkdtemp(dir=self._folder))
        (unfinished / MODEL).write_text(trigrams.arpa(), encoding="utf-8")
        (unfinished / DICTIONARY).write_text("\n".join(lines) + "\n", encoding="utf-8")
        unfinished.rename(place)  # at once: a worker may be killed at any moment
        newest_first = sorted(self._folder.iterdir(), key=os.path.getmtime, reverse=True)
        for old in newest_first[KEPT_SCENES:]:
            shutil.rmtree(old)


def pronunciations(word: str, lookup: Lookup) -> list[str]:
    """Dictionary lines of a word: all that the dictionary has, else one by its spelling."""
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
