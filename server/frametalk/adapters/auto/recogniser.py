"""The recogniser that is best here: PocketSphinx joined with a pulled Whisper model, else PocketSphinx."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from frametalk import models
from frametalk.adapters import registry
from frametalk.adapters.abilities import Checked, Choice, HearsLanguages
from frametalk.adapters.auto import trials
from frametalk.adapters.base import Bias, Hypothesis, RecogniserStream
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.errors import AdapterError, Stage

log = logging.getLogger(__name__)

JOINED, EMBEDDED, FREE = "pocketsphinx+faster_whisper", "pocketsphinx", "faster_whisper"
MODEL_FILES = ("model.bin", "config.json", "tokenizer.json")
PACKAGES = ("faster-whisper", "ctranslate2")
HOPELESS = 2  # a larger model is not tried if it promises to be so many times too slow
FINAL_ONLY = {"partial_ms": 60_000}  # a trial reads its sound once, for the final text
FACTOR_LIMIT = 0.5  # a sentence of 3 s is read within 1.5 s


class _Whisper(NamedTuple):
    """Options of faster_whisper with a model that is fast enough, or `why` no model is."""

    options: dict[str, Any] | None
    why: str
    remedy: str = ""


class AutoRecogniser:
    """Chooses when it starts; `choice` says what and why. The options are those of the two adapters.

    Of the pulled Whisper models it takes the largest that is fast enough. A model that does not work is
    logged and left out.
    """

    rate_hz = RECOGNITION_RATE_HZ

    def __init__(
        self,
        pocketsphinx: dict[str, Any] | None = None,
        faster_whisper: dict[str, Any] | None = None,
    ) -> None:
        self.choice = Choice("")
        self.languages: tuple[str, ...] = ()
        self._pocketsphinx = pocketsphinx or {}
        self._whisper = faster_whisper or {}
        self._engine: Any = None

    async def start(self) -> None:
        """Choose and start; safe twice. Raises AdapterError if no recogniser can start."""
        if self._engine is not None:
            return
        whisper = await self._best_whisper()
        self._engine = await self._joined(whisper) or await self._alone(whisper)
        self.rate_hz = self._engine.rate_hz
        if isinstance(self._engine, HearsLanguages):
            self.languages = self._engine.languages

    async def close(self) -> None:
        """Close the chosen recogniser."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()

    async def prepare(self, bias: Bias) -> None:
        """Prepare the chosen recogniser."""
        await self._started().prepare(bias)

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> RecogniserStream:
        """Open a stream of the chosen recogniser."""
        stream: RecogniserStream = self._started().open(bias, on_partial)
        return stream

    def _started(self) -> Any:
        if self._engine is None:
            raise AdapterError("hear_failed", "no recogniser is started", stage=Stage.HEAR)
        return self._engine

    async def _joined(self, whisper: _Whisper) -> Any:
        """Both together; None if there is no model, or one of them does not work."""
        if whisper.options is None or not (
            _installed(EMBEDDED) and JOINED in registry.names("asr")
        ):
            return None
        options = {EMBEDDED: self._pocketsphinx, FREE: whisper.options}
        try:
            engine = await trials.started("asr", JOINED, options)
        except AdapterError as error:
            log.warning("%s is not used: %s", JOINED, error)
            return None
        try:
            if isinstance(engine, Checked):
                await engine.check()
        except AdapterError as error:
            log.warning("%s is not used: %s", JOINED, error)
            await engine.close()
            return None
        self.choice = Choice(JOINED, whisper.why)
        return engine

    async def _alone(self, whisper: _Whisper) -> Any:
        """One recogniser: PocketSphinx, or Whisper where only that is installed."""
        if whisper.options is not None and not _installed(EMBEDDED):
            self.choice = Choice(FREE, whisper.why)
            return await trials.started("asr", FREE, whisper.options)
        self.choice = Choice(EMBEDDED, whisper.why, whisper.remedy)
        if whisper.options is not None:
            self.choice = Choice(EMBEDDED, f"{JOINED} does not work here")
        return await trials.started("asr", EMBEDDED, self._pocketsphinx)

    async def _best_whisper(self) -> _Whisper:
        """The largest model that is fast enough; a larger one is tried while it promises to be."""
        if not _installed(FREE):
            remedy = 'pip install "frametalk[whisper]"'
            return _Whisper(None, "faster-whisper is not installed", remedy)
        if not (found := self._models()):
            return _Whisper(None, "no Whisper model is pulled", models.STARTER_COMMAND)
        best: tuple[float, int, _Whisper] | None = None
        why = "no pulled Whisper model works"
        for folder in found:
            size = (folder / "model.bin").stat().st_size
            if best is not None and best[0] * size / best[1] > HOPELESS * FACTOR_LIMIT:
                break
            options = {**self._whisper, "model": self._whisper.get("model", folder.name)}
            factor = await trials.factor(
                "asr", FREE, {**options, **FINAL_ONLY}, model=folder / "model.bin", packages=PACKAGES,
                measure=trials.hear, limit=FACTOR_LIMIT,
            )  # fmt: skip
            if factor is None:
                continue
            why = f"{folder.name}, real-time factor {factor:.2f}"
            if factor > FACTOR_LIMIT:
                why = f"{why}: too slow"
                break
            best = (factor, size, _Whisper(options, why))
        return best[2] if best is not None else _Whisper(None, why)

    def _models(self) -> list[Path]:
        """Folders of Whisper models, the smallest first; only the one that the options name, if any."""
        if name := self._whisper.get("model"):
            try:
                folders = [models.locate(name)]
            except AdapterError as error:
                log.warning("faster_whisper is not used: %s", error)
                return []
        else:
            folders = models.pulled()
        whole = (f for f in folders if all((f / file).is_file() for file in MODEL_FILES))
        return sorted(whole, key=lambda folder: (folder / "model.bin").stat().st_size)


def _installed(package: str) -> bool:
    return find_spec(package) is not None
