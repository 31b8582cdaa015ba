"""Whisper through faster-whisper, streaming: many languages, free speech, in a worker process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from frametalk import models
from frametalk.adapters.base import Bias, HeardWord, Hypothesis
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.errors import AdapterError, Stage
from frametalk.workers.call import WorkerCall
from frametalk.workers.cores import usable_cores
from frametalk.workers.supervisor import Worker

TARGET = "frametalk.adapters.asr.whisper.worker:WhisperHandler"
# Enough to read a large model from a slow disk.
READY_TIMEOUT_MS = 180_000
AUTO = "auto"
MODEL_FILES = ("model.bin", "config.json", "tokenizer.json")


class FasterWhisperRecogniser:
    """One model for all sessions. Emits partials while the player speaks; stable text never changes.

    `model` is a folder or the name of a pulled model. `language` is a code such as "en", or "auto", which
    detects it once a stream. `context` "fit" encodes the sound and some silence, "full" always 30 s: many
    times slower, not better. `compute_type` (empty: int8 on a CPU, float16 on a GPU), `beam` and `threads`
    are faster-whisper's; `threads` 0 is one less than the cores that this process may use, at least one.
    At least `partial_ms` of sound lie between partials. With `spare` a second worker is kept ready, so
    that no session waits for a model to load when one dies.
    """

    rate_hz = RECOGNITION_RATE_HZ
    target = TARGET

    def __init__(  # noqa: PLR0913  (each is a setting)
        self,
        model: str = "base.en",
        *,
        language: str = AUTO,
        context: Literal["fit", "full"] = "fit",
        device: Literal["cpu", "cuda", "auto"] = "auto",
        compute_type: str = "",
        threads: int = 0,
        beam: int = 1,
        partial_ms: float = 300,
        spare: bool = False,
    ) -> None:
        self._model = model
        self._options: dict[str, Any] = {
            "language": language,
            "full": context == "full",
            "partial_ms": partial_ms,
            "device": device,
            "compute_type": compute_type,
            "threads": threads or max(1, usable_cores() - 1),
            "beam": beam,
        }
        self.languages: tuple[str, ...] = () if language == AUTO else (language,)
        self._spare = spare
        self._worker: Worker | None = None

    async def start(self) -> None:
        """Load the model in the worker; safe twice.

        Raises AdapterError `engine_missing` without the package, `model_missing` without the model and
        `worker_failed` when it cannot be loaded.
        """
        if self._worker is not None:
            return
        if find_spec("faster_whisper") is None:
            raise AdapterError(
                "engine_missing",
                "the package faster-whisper is not installed",
                stage=Stage.HEAR,
                remedy='pip install "frametalk[whisper]"',
                fatal=True,
            )
        options = {"folder": str(whole_model(self._model)), **self._options}
        worker = Worker(
            self.target,
            options,
            name="faster_whisper",
            ready_timeout_ms=READY_TIMEOUT_MS,
            stage=Stage.HEAR,
            spare=self._spare,
        )
        await worker.start()
        if not self.languages:
            self.languages = tuple(await worker.open("languages", None).result())
        self._worker = worker

    async def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            await self._worker.close()

    @property
    def pid(self) -> int | None:
        """Process id of the worker; None when there is none."""
        return self._worker.pid if self._worker is not None else None

    async def prepare(self, bias: Bias) -> None:
        """Nothing to build: each stream sends its names."""

    def open(
        self, bias: Bias, on_partial: Callable[[Hypothesis], None], *, partials: bool = True
    ) -> WhisperStream:
        """Open a stream. Without `partials` its text is read when it is finalized.

        Until then it takes little time: a reading every 4 s of a turn that is longer. Raises AdapterError
        `hear_failed` before `start`.
        """
        if self._worker is None:
            raise AdapterError("hear_failed", "faster_whisper is not started", stage=Stage.HEAR)
        return WhisperStream(self._worker, list(bias.things), on_partial, partials=partials)


class WhisperStream:
    """One stream of speech through the worker.

    When the worker dies, the next one gets the sound again; text that was stable stays.
    """

    def __init__(
        self,
        worker: Worker,
        names: list[str],
        on_partial: Callable[[Hypothesis], None],
        *,
        partials: bool,
    ) -> None:
        self._worker = worker
        self._on_partial = on_partial
        self._newest = Hypothesis("")
        self._finalizing: list[WorkerCall] = []
        self._open = True
        arguments = {"names": names, "partials": partials}
        self._call = worker.open("recognise", arguments, self._partial, rerun=lambda: True)

    def feed(self, pcm: bytes) -> None:
        """Take sound."""
        if self._open and pcm:
            self._call.send(pcm)

    def set_partials(self, on: bool) -> None:
        """Switch partials on or off. Sound that was fed before counts for the next."""
        if self._open:
            self._call.send(on)

    async def finalize(self) -> Hypothesis:
        """The text so far. Raises AdapterError `hear_failed` or `worker_lost`."""
        finalizing = self._worker.open("finalize", {"recognise": self._call.id}, rerun=True)
        self._finalizing = [call for call in self._finalizing if not call.ended] + [finalizing]
        if not self._open:
            finalizing.cancel()
        return self._with_stable(_hypothesis(await finalizing.result()))

    def cancel(self) -> None:
        """End the stream."""
        self._open = False
        self._call.cancel()
        for finalizing in self._finalizing:
            finalizing.cancel()

    def _partial(self, item: dict[str, Any]) -> None:
        before, partial = self._newest.text, self._with_stable(_hypothesis(item))
        if partial.text != before:
            self._on_partial(partial)

    def _with_stable(self, hypothesis: Hypothesis) -> Hypothesis:
        """The hypothesis, made to begin with the stable text; another worker's may begin otherwise."""
        stable = self._newest.text[: self._newest.stable]
        if not hypothesis.text.startswith(stable):
            hypothesis = continued(self._newest, hypothesis)
        self._newest = replace(hypothesis, stable=max(hypothesis.stable, len(stable)))
        return self._newest


def continued(known: Hypothesis, newer: Hypothesis) -> Hypothesis:
    """The stable words of `known`, then the words of `newer` that come after them."""
    text = known.text[: known.stable]
    kept: list[HeardWord] = []
    written = 0
    for word in known.words:
        written = text.find(word.text, written)
        if written < 0:
            break
        kept.append(word)
        written += len(word.text)
    ends = kept[-1].end if kept else 0
    more = [word for word in newer.words if word.at >= ends]
    whole = " ".join((*([text] if text else []), *(word.text for word in more)))
    return Hypothesis(whole, len(text), (*kept, *more), newer.confidence)


def whole_model(name: str) -> Path:
    """The folder of a complete model; the library would download missing files.

    Raises AdapterError `model_missing`.
    """
    folder = models.locate(name)
    absent = [file for file in MODEL_FILES if not (folder / file).is_file()]
    if absent:
        raise AdapterError(
            "model_missing",
            f"{folder} is not a Whisper model for CTranslate2: {absent[0]} is missing",
            stage=Stage.HEAR,
            remedy="name a folder written by ct2-transformers-converter, with tokenizer.json",
            fatal=True,
        )
    return folder


def _hypothesis(item: dict[str, Any]) -> Hypothesis:
    """A hypothesis from the worker."""
    words = tuple(HeardWord(*word) for word in item["words"])
    return Hypothesis(item["text"], item["stable"], words, item["confidence"])
