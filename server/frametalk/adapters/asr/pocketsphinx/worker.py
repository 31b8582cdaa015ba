"""The recogniser's side of the pipe: PocketSphinx decoders, in a process of their own.

Speech is heard by decoders that know only the scene's words, and by one that knows general English. They
judge the same sound, so their scores can be compared.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

from pocketsphinx import Config, Decoder, get_model_path

from frametalk.adapters.asr.pocketsphinx.listening import SHIFTS_SAMPLES, Listening, Pool
from frametalk.adapters.asr.pocketsphinx.scene_files import (
    DICTIONARY,
    KEPT_SCENES,
    MODEL,
    Lookup,
    Parts,
    SceneFiles,
)
from frametalk.workers.child import ChildCall

RATE_HZ = 16_000
MAX_GENERAL = 2  # general decoders at work at once: each takes a quarter of a core
# A second pass over the sound would cost 30 ms after the end and changes next to nothing.
PASSES = {"fwdflat": False, "loglevel": "FATAL"}
SCENE_LANGUAGE_WEIGHT = 9.5


class PocketSphinxHandler:
    """Serves `load` (general English), `prepare` (build a scene's model), `listen` (one stretch of speech)
    and `finalize`.

    `listen` takes sound as bytes, emits partials and lasts until it is cancelled; `finalize` gives what
    the call `listen` of its arguments has heard. Scenes' models are written to `folder` and found there.

    General English takes half a second of a core to load and a quarter of the sound's length to hear with.
    Who takes the place of a lost worker has no time for either: it hears what was being said with the
    scene's words alone, and loads the rest when nobody speaks.
    """

    def __init__(self, folder: str) -> None:
        self._hmm = get_model_path("en-us/en-us")
        self._files = SceneFiles(folder)
        self._general: Pool | None = None
        self._scenes: OrderedDict[Path, Pool] = OrderedDict()
        self._listening: dict[int, Listening] = {}

    def open(self, call: ChildCall, op: str, args: Any) -> None:
        """Begin a call."""
        if op == "finalize":
            self._finalize(call, args["listen"])
        elif op == "load":
            self._load()
            call.done()
        elif op == "prepare":
            self._scene(args["bias"]).warm(len(SHIFTS_SAMPLES))
            call.done()
        else:
            scene = self._scene(args["bias"])
            self._listening[call.id] = Listening(scene, self._general, args["began_s"])

    def _finalize(self, call: ChildCall, listen: int) -> None:
        listening = self._listening.get(listen)
        if listening is None:  # heard by a worker that is gone
            call.fail("hear_failed", "what was said so far is lost")
        else:
            call.done(listening.finalize())

    def input(self, call: ChildCall, item: Any) -> None:
        """More sound."""
        if (partial := self._listening[call.id].feed(item, call.waiting)) is not None:
            call.emit(partial)

    def cancelled(self, call: ChildCall) -> None:
        """Forget what was heard."""
        listening = self._listening.pop(call.id, None)
        if listening is not None:
            listening.close()
        if not self._listening:
            self._load()

    def _load(self) -> Lookup:
        """Have a decoder for general English; gives its dictionary."""
        if self._general is None:
            dictionary = get_model_path("en-us/cmudict-en-us.dict")
            lm = get_model_path("en-us/en-us.lm.bin")
            config = {"hmm": self._hmm, "dict": dictionary, "lm": lm, **PASSES}
            self._general = Pool(lambda: Decoder(Config(**config)), MAX_GENERAL)
        lookup: Lookup = self._general.warm().lookup_word
        return lookup

    def _scene(self, parts: Parts) -> Pool:
        """The decoders that know a scene; made on first use, kept while it is among the newest."""
        folder = self._files.written(parts, self._load)
        if folder not in self._scenes:
            config = {
                "hmm": self._hmm,
                "dict": str(folder / DICTIONARY),
                "lm": str(folder / MODEL),
                "lw": SCENE_LANGUAGE_WEIGHT,
                **PASSES,
            }
            self._scenes[folder] = Pool(lambda: Decoder(Config(**config)))
        self._scenes.move_to_end(folder)
        while len(self._scenes) > KEPT_SCENES:
            self._scenes.popitem(last=False)
        return self._scenes[folder]
