"""PocketSphinx in the worker process.

Some decoders have a model of the scene's words only, one has a model of general English. They decode the
same sound, so their scores can be compared.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cachetools import LRUCache
from pocketsphinx import Config, Decoder, get_model_path

from frametalk.adapters.asr.pocketsphinx.decoder_pool import DecoderPool
from frametalk.adapters.asr.pocketsphinx.scene_files import (
    MAX_SCENES,
    Lookup,
    Parts,
    Scene,
    SceneFiles,
)
from frametalk.adapters.asr.pocketsphinx.utterance import Utterance
from frametalk.workers.child import ChildCall

MAX_GENERAL = 2  # general decoders in use at once: each takes a quarter of a core
# A second pass over the sound would take 30 ms after the end and changes almost nothing.
PASSES = {"fwdflat": False, "loglevel": "FATAL"}
SCENE_LANGUAGE_WEIGHT = 9.5


class PocketSphinxHandler:
    """Serves `load` (general English), `prepare` (so many decoders of a scene), `recognise` (one stream of
    speech) and `finalize`.

    `recognise` takes sound as bytes, emits partials and lasts until it is cancelled. `finalize` returns
    the text of the stream whose `recognise` call its arguments name. Scenes' models are files in `folder`.

    General English takes half a second of a core to load and a quarter of the sound's length to decode. A
    worker that replaces a lost one has no time for either: it decodes open streams with the scene's model
    alone, and loads general English when there are none.
    """

    def __init__(self, folder: str) -> None:
        self._hmm = get_model_path("en-us/en-us")
        self._files = SceneFiles(folder)
        self._general: DecoderPool | None = None
        self._scenes: LRUCache[Path, DecoderPool] = LRUCache(MAX_SCENES)
        self._utterances: dict[int, Utterance] = {}

    def open(self, call: ChildCall, op: str, args: Any) -> None:
        """Begin a call."""
        if op == "finalize":
            self._finalize(call, args["recognise"])
        elif op == "load":
            self._load()
            call.done()
        elif op == "prepare":
            self._scene(args["bias"]).warm(args["decoders"])
            call.done()
        else:
            scene = self._scene(args["bias"])
            self._utterances[call.id] = Utterance(scene, self._general, args["began_s"])

    def _finalize(self, call: ChildCall, recognise_id: int) -> None:
        utterance = self._utterances.get(recognise_id)
        if utterance is None:  # it belonged to a worker that died
            call.fail("hear_failed", "the worker that received this speech is gone")
        else:
            call.done(utterance.finalize())

    def input(self, call: ChildCall, item: Any) -> None:
        """Take sound."""
        if (partial := self._utterances[call.id].feed(item, call.waiting)) is not None:
            call.emit(partial)

    def cancelled(self, call: ChildCall) -> None:
        """Discard the stream."""
        utterance = self._utterances.pop(call.id, None)
        if utterance is not None:
            utterance.close()
        if not self._utterances:
            self._load()

    def _load(self) -> Lookup:
        """Load general English if it is not loaded; return its dictionary."""
        if self._general is None:
            dictionary = get_model_path("en-us/cmudict-en-us.dict")
            lm = get_model_path("en-us/en-us.lm.bin")
            config = {"hmm": self._hmm, "dict": dictionary, "lm": lm, **PASSES}
            self._general = DecoderPool(lambda: Decoder(Config(**config)), MAX_GENERAL)
        lookup: Lookup = self._general.warm().lookup_word
        return lookup

    def _scene(self, parts: Parts) -> DecoderPool:
        """The decoders of a scene, made on first use; the most recently used scenes are kept."""
        scene = self._files.scene(parts, self._load)
        pool = self._scenes.get(scene.place)
        if pool is None:
            pool = self._scenes[scene.place] = DecoderPool(lambda: self._decoder(scene))
        return pool

    def _decoder(self, scene: Scene) -> Any:
        config = {
            "hmm": self._hmm,
            "dict": scene.dictionary,
            "lm": scene.model,
            "lw": SCENE_LANGUAGE_WEIGHT,
            **PASSES,
        }
        return Decoder(Config(**config))
