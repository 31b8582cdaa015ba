"""The recogniser's side of the pipe: PocketSphinx decoders, in a process of their own.

The whole model is heard by two decoders at once: one that knows only the scene's words, and one that
knows general English. Both judge the same sound, so their scores can be compared.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pocketsphinx import Config, Decoder, get_model_path

from frametalk.adapters.asr.pronounce import pronounce
from frametalk.adapters.asr.scene_language import scene_trigrams
from frametalk.adapters.base import Bias
from frametalk.workers.child import ChildCall

RATE_HZ = 16_000
FRAME_SAMPLES = 160
PARTIAL_EVERY_SAMPLES = 960  # a partial each 60 ms of sound
PIECE_BYTES = 3_200  # 100 ms
KEPT_SCENES = 8
KEPT_DECODERS = 4  # idle ones of a kind; a decoder is some 10 MB
MAX_GENERAL = 2  # general decoders at work at once: each takes a quarter of a core
MAX_PRONUNCIATIONS = 8
# A second pass over the sound would cost 30 ms after the end and changes next to nothing.
PASSES = {"fwdflat": False}
SCENE_LANGUAGE_WEIGHT = 9.5
LOG_BASE = math.log(1.0001)  # of PocketSphinx's scores
WORST = -1e12


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
            self._scene(args["bias"]).warm()
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


class Pool:
    """Decoders of one kind. `most` bounds how many are at work at once; 0 is no bound."""

    def __init__(self, make: Callable[[], Any], most: int = 0) -> None:
        self._make = make
        self._most = most
        self._idle: list[Any] = []
        self._busy = 0
        self._cepstral_mean = ""

    def warm(self) -> Any:
        """Have one decoder ready; returns it, without taking it."""
        if not self._idle:
            decoder = self._make()
            self._cepstral_mean = decoder.get_cmn(False)
            self._idle.append(decoder)
        return self._idle[-1]

    def take(self) -> Any | None:
        """A decoder that knows nothing of who spoke before; None when too many are at work."""
        if self._most and self._busy >= self._most:
            return None
        self.warm()
        decoder = self._idle.pop()
        decoder.set_cmn(self._cepstral_mean)
        self._busy += 1
        return decoder

    def give_back(self, decoder: Any) -> None:
        """The decoder is free again."""
        self._busy -= 1
        if len(self._idle) < KEPT_DECODERS:
            self._idle.append(decoder)


class Listening:
    """One stretch of speech, heard by the scene's decoder and, while there is one, a general one."""

    def __init__(self, scene: Pool, general: Pool) -> None:
        self._pools = (scene, general)
        self._decoders = [pool.take() for pool in self._pools]
        self._told = ""
        self._fed = 0
        self._next_partial = PARTIAL_EVERY_SAMPLES
        for decoder in filter(None, self._decoders):
            decoder.start_utt()

    def feed(self, pcm: bytes) -> dict[str, Any] | None:
        """Take sound; the reading so far, if it has changed."""
        if not pcm:
            return None
        # The library keeps the interpreter's lock: in one piece long sound would stop the heartbeat.
        for at in range(0, len(pcm), PIECE_BYTES):
            for decoder in filter(None, self._decoders):
                decoder.process_raw(pcm[at : at + PIECE_BYTES])
        self._fed += len(pcm) // 2
        if self._fed < self._next_partial:
            return None
        self._next_partial = self._fed + PARTIAL_EVERY_SAMPLES
        best = self._best()
        if best["text"] == self._told:
            return None
        self._told = best["text"]
        return {**best, "fed": self._fed}

    def settle(self) -> dict[str, Any]:
        """The reading so far, with the other decoder's beside it.

        Once 30 ms of silence have followed the speech, decoders that are still open agree with their
        own final text.
        """
        best = self._best()
        self._told = best["text"]
        return best

    def close(self) -> None:
        """No more is wanted."""
        for pool, decoder in zip(self._pools, self._decoders, strict=True):
            if decoder is not None:
                decoder.end_utt()
                pool.give_back(decoder)

    def _best(self) -> dict[str, Any]:
        """The two heard the same sound, so the better score is the better reading."""
        readings = [reading(decoder) for decoder in self._decoders if decoder is not None]
        readings.sort(key=lambda one: (one["text"] != "", one["score"]), reverse=True)
        best, *others = readings
        texts = [other["text"] for other in others if other["text"] not in {"", best["text"]}]
        return {**best, "alternatives": texts}


def reading(decoder: Any) -> dict[str, Any]:
    """What a decoder makes of its sound: text, words with samples, log score."""
    hypothesis = decoder.hyp()
    if hypothesis is None:
        return {"text": "", "words": [], "score": WORST}
    words = [
        [
            segment.word.split("(")[0],
            segment.start_frame * FRAME_SAMPLES,
            (segment.end_frame + 1) * FRAME_SAMPLES,
        ]
        for segment in decoder.seg() or ()
        if segment.word[0] not in "<[+"
    ]
    score = math.log(hypothesis.score) / LOG_BASE if hypothesis.score > 0 else WORST
    return {"text": " ".join(word for word, _at, _end in words), "words": words, "score": score}
