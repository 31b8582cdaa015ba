"""The recogniser's side of the pipe: PocketSphinx decoders, in a process of their own.

Speech is heard by decoders that know only the scene's words, and by one that knows general English. They
judge the same sound, so their scores can be compared.
"""

from __future__ import annotations

import json
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pocketsphinx import Config, Decoder, get_model_path

from frametalk.adapters.asr.pocketsphinx_listening import SHIFTS_SAMPLES, Listening, Pool
from frametalk.adapters.asr.pronounce import pronounce
from frametalk.adapters.asr.scene_language import scene_trigrams
from frametalk.adapters.base import Bias
from frametalk.workers.child import ChildCall

RATE_HZ = 16_000
KEPT_SCENES = 8
MAX_GENERAL = 2  # general decoders at work at once: each takes a quarter of a core
MAX_PRONUNCIATIONS = 8
# A second pass over the sound would cost 30 ms after the end and changes next to nothing.
PASSES = {"fwdflat": False}
SCENE_LANGUAGE_WEIGHT = 9.5


class PocketSphinxHandler:
    """Serves `prepare` (build a scene's model), `listen` (one stretch of speech) and `settle`.

    `listen` takes sound as bytes, emits partials and lasts until it is cancelled; `settle` gives what
    the call `listen` of its arguments has heard.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="frametalk-asr-")
        hmm = get_model_path("en-us/en-us")
        dictionary = get_model_path("en-us/cmudict-en-us.dict")
        lm = get_model_path("en-us/en-us.lm.bin")
        self._general = Pool(
            lambda: Decoder(Config(hmm=hmm, dict=dictionary, lm=lm, loglevel="FATAL", **PASSES)),
            MAX_GENERAL,
        )
        self._lookup: Callable[[str], str | None] = self._general.warm().lookup_word
        self._hmm = hmm
        self._scenes: OrderedDict[str, Pool] = OrderedDict()
        self._listening: dict[int, Listening] = {}

    def open(self, call: ChildCall, op: str, args: Any) -> None:
        """Begin a call."""
        if op == "settle":
            self._settle(call, args["listen"])
        elif op == "prepare":
            self._scene(args["bias"]).warm(len(SHIFTS_SAMPLES))
            call.done()
        else:
            self._listening[call.id] = Listening(self._scene(args["bias"]), self._general)

    def _settle(self, call: ChildCall, listen: int) -> None:
        listening = self._listening.get(listen)
        if listening is None:  # heard by a worker that is gone
            call.fail("hear_failed", "what was said so far is lost")
        else:
            call.done(listening.settle())

    def input(self, call: ChildCall, item: Any) -> None:
        """More sound."""
        if (partial := self._listening[call.id].feed(item)) is not None:
            call.emit(partial)

    def cancelled(self, call: ChildCall) -> None:
        """Forget what was heard."""
        listening = self._listening.pop(call.id, None)
        if listening is not None:
            listening.close()

    def _scene(self, parts: dict[str, list[str]]) -> Pool:
        """The decoders that know a scene; built on first use, kept while it is among the newest."""
        key = json.dumps(parts, sort_keys=True)
        if key not in self._scenes:
            bias = Bias(**{name: tuple(texts) for name, texts in parts.items()})
            self._scenes[key] = self._build(bias)
        self._scenes.move_to_end(key)
        while len(self._scenes) > KEPT_SCENES:
            self._scenes.popitem(last=False)
        return self._scenes[key]

    def _build(self, bias: Bias) -> Pool:
        trigrams = scene_trigrams(bias)
        folder = Path(tempfile.mkdtemp(dir=self._folder.name))
        (folder / "scene.arpa").write_text(trigrams.arpa(), encoding="utf-8")
        lines = [line for word in trigrams.words for line in self._pronunciations(word)]
        (folder / "scene.dict").write_text("\n".join(lines) + "\n", encoding="utf-8")
        config = {
            "hmm": self._hmm,
            "dict": str(folder / "scene.dict"),
            "lm": str(folder / "scene.arpa"),
            "lw": SCENE_LANGUAGE_WEIGHT,
            "loglevel": "FATAL",
            **PASSES,
        }
        return Pool(lambda: Decoder(Config(**config)))

    def _pronunciations(self, word: str) -> list[str]:
        """Dictionary lines of a word: all that the dictionary has, else one by its spelling."""
        found = self._lookup(word)
        if found is None:
            return [f"{word} {pronounce(word, self._lookup)}"]
        lines = [f"{word} {found}"]
        for number in range(2, MAX_PRONUNCIATIONS):
            other = self._lookup(f"{word}({number})")
            if other is None:
                break
            lines.append(f"{word}({number}) {other}")
        return lines
