"""PocketSphinx: English, offline, biased by the scene's words, in a worker process."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cachetools import FIFOCache

from frametalk.adapters.asr.pocketsphinx.utterance import SHIFTS_SAMPLES
from frametalk.adapters.base import Bias, HeardWord, Hypothesis
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.errors import AdapterError, Stage
from frametalk.places import temporary_folder
from frametalk.workers.call import WorkerCall
from frametalk.workers.supervisor import Worker

log = logging.getLogger(__name__)

TARGET = "frametalk.adapters.asr.pocketsphinx.worker:PocketSphinxHandler"
WRITER = "frametalk.adapters.asr.pocketsphinx.scene_writer:SceneWriterHandler"
DICTIONARY = Path("model", "en-us", "cmudict-en-us.dict")  # in the package pocketsphinx
WRITER_MB = 512
UNCERTAIN = 0.5  # certainty of a text that is more likely wrong than right
MAX_PREPARED = 4_096  # scenes whose models are known to be built; an older one is prepared again


class PocketSphinxRecogniser:
    """Decodes with the scene's model and a general one, and uses the reading with the better score.

    A worker that takes more than `memory_mb` is replaced; its streams are decoded again, by the scene's
    model alone. A second process writes the models of new scenes.
    """

    rate_hz = RECOGNITION_RATE_HZ
    languages = ("en",)

    def __init__(self, memory_mb: float = 1_024) -> None:
        self._memory_mb = memory_mb
        self._worker: Worker | None = None
        self._writer: Worker | None = None
        self._scenes: tempfile.TemporaryDirectory[str] | None = None
        self._prepared: FIFOCache[int, None] = FIFOCache(
            MAX_PREPARED
        )  # hashes: a bias may be large
        self._newest = Bias()

    async def start(self) -> None:
        """Load the models; safe twice. Raises AdapterError `hear_failed` without the package."""
        if self._worker is not None:
            return
        package = find_spec("pocketsphinx")
        if package is None:
            raise AdapterError(
                "hear_failed",
                "the package pocketsphinx is not installed",
                stage=Stage.HEAR,
                remedy='pip install "frametalk[embedded]"',
                fatal=True,
            )
        self._scenes = temporary_folder("asr")
        worker = self._worker = Worker(
            TARGET,
            {"folder": self._scenes.name},
            name="pocketsphinx",
            stage=Stage.HEAR,
            memory_mb=self._memory_mb,
        )
        await worker.start()
        loading = worker.open("load", None, rerun=True)
        files = (Path(folder, DICTIONARY) for folder in package.submodule_search_locations or ())
        self._writer = Worker(
            WRITER,
            {"folder": self._scenes.name, "dictionary": str(next(files))},
            name="pocketsphinx-scenes",
            stage=Stage.HEAR,
            memory_mb=WRITER_MB,
        )
        await self._writer.start()
        await self._write(_parts(self._newest))  # what is used until a scene is prepared
        await loading.result()

    async def close(self) -> None:
        """End the workers."""
        for worker in (self._writer, self._worker):
            if worker is not None:
                await worker.close()
        if self._scenes is not None:
            self._scenes.cleanup()

    def _started(self) -> Worker:
        if self._worker is None:
            raise AdapterError("hear_failed", "pocketsphinx is not started", stage=Stage.HEAR)
        return self._worker

    async def prepare(self, bias: Bias) -> None:
        """Build the scene's model and its decoders, which takes a tenth of a second or two.

        The worker makes one decoder after the other: the speech of others waits for one at most.
        """
        known = hash(bias)
        if known not in self._prepared:
            parts = _parts(bias)
            await self._write(parts)
            for count in range(1, len(SHIFTS_SAMPLES) + 1):
                arguments = {"bias": parts, "decoders": count}
                await self._started().open("prepare", arguments, rerun=True).result()
            self._prepared[known] = None
        self._newest = bias

    async def _write(self, parts: dict[str, list[str]]) -> None:
        if self._writer is None:
            return
        try:
            await self._writer.open("write", {"bias": parts}, rerun=True).result()
        except AdapterError as error:
            log.warning("the worker writes a scene's model itself: %s", error)

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> PocketSphinxStream:
        """Open a stream. Raises AdapterError `hear_failed` before `start`."""
        known = bias if hash(bias) in self._prepared else self._newest
        return PocketSphinxStream(self._started(), known, on_partial)


class PocketSphinxStream:
    """One stream of speech through the worker."""

    def __init__(
        self, worker: Worker, bias: Bias, on_partial: Callable[[Hypothesis], None]
    ) -> None:
        self._worker = worker
        self._on_partial = on_partial
        self._fed = 0  # bytes
        self._newest_at = 0  # samples fed at the newest partial
        # The whole bias is sent: a restarted worker builds the scene's model again.
        arguments = {"bias": _parts(bias), "began_s": time.monotonic()}
        self._call = worker.open("recognise", arguments, self._partial, rerun=lambda: True)
        self._finalizing: WorkerCall | None = None
        self._open = True

    def _partial(self, item: dict[str, Any]) -> None:
        """Pass a partial on, unless it repeats one from before the sound was sent to another worker."""
        if item["fed"] > self._newest_at:
            self._newest_at = item["fed"]
            self._on_partial(_hypothesis(item))

    def feed(self, pcm: bytes) -> None:
        """Take sound."""
        if self._open:
            self._fed += len(pcm)
            self._call.send(pcm)

    async def finalize(self) -> Hypothesis:
        """The text so far. Raises AdapterError `hear_failed` or `worker_lost`.

        The decoders need about 40 ms of silence to be sure of the last word. A text that is uncertain, of a
        worker so late that more sound came meanwhile, is read once more with that sound.
        """
        fed = self._fed
        heard = await self._final()
        if self._open and self._fed > fed and heard.confidence <= UNCERTAIN:
            heard = await self._final()
        return heard

    async def _final(self) -> Hypothesis:
        finalizing = self._finalizing = self._worker.open(
            "finalize", {"recognise": self._call.id}, rerun=True
        )
        return _hypothesis(await finalizing.result())

    def cancel(self) -> None:
        """End the stream."""
        self._open = False
        self._call.cancel()
        if self._finalizing is not None:
            self._finalizing.cancel()


def _parts(bias: Bias) -> dict[str, list[str]]:
    return {
        "things": list(bias.things),
        "verbs": list(bias.verbs),
        "phrases": list(bias.phrases),
    }


def _hypothesis(item: dict[str, Any]) -> Hypothesis:
    """A hypothesis from the worker. Not stable: the better of the two models may change."""
    words = tuple(HeardWord(text, at, end) for text, at, end in item["words"])
    return Hypothesis(item["text"], 0, words, item["confidence"], tuple(item["alternatives"]))
