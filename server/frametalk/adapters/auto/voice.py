"""The voice that is best here: a pulled Piper voice for what it speaks, and espeak for everything else."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from frametalk import models
from frametalk.adapters.abilities import Choice
from frametalk.adapters.auto import trials
from frametalk.adapters.auto.rates import at_rate
from frametalk.adapters.base import SpeechChunk, SpeechRequest
from frametalk.errors import AdapterError, Stage

log = logging.getLogger(__name__)

PIPER, EMBEDDED = "piper", "espeak"
PACKAGES = ("piper-tts", "onnxruntime")
MODULES = ("piper", "onnx", "onnxruntime")
PREFERRED = "en_US-joe-medium"  # that of `frametalk models pull starter`
FACTOR_LIMIT = 0.5


class AutoVoice:
    """Chooses when it starts; `choice` says what and why. The options are those of the two adapters.

    With Piper, a clause goes to Piper if its voice is one of Piper's, or if it names none and the default
    voice speaks its language; else to espeak. All sound has Piper's rate then.
    """

    def __init__(
        self, espeak: dict[str, Any] | None = None, piper: dict[str, Any] | None = None
    ) -> None:
        self.choice = Choice("")
        self.rate_hz = 0  # known when it has started
        self._espeak_options = espeak or {}
        self._piper_options = piper or {}
        self._piper: Any = None
        self._espeak: Any = None
        self._default: Any = None  # the one of the two that speaks what names no voice
        self._families: frozenset[str] = frozenset()  # languages of Piper's default voice: "en"

    async def start(self) -> None:
        """Choose and start; safe twice. Raises AdapterError if no voice can start."""
        if self._default is not None:
            return
        self._piper = await self._chosen_piper()
        try:
            self._espeak = await trials.started("tts", EMBEDDED, self._espeak_options)
        except AdapterError:
            if self._piper is None:
                raise
        self._default = self._piper or self._espeak
        self.rate_hz = self._default.rate_hz
        if self._piper is not None:
            self._families = frozenset(map(_family, self._piper.languages("")))

    async def close(self) -> None:
        """Close what was started."""
        engines = [engine for engine in (self._piper, self._espeak) if engine is not None]
        self._piper = self._espeak = self._default = None
        for engine in engines:
            await engine.close()

    async def voices(self) -> tuple[str, ...]:
        """The names of all voices."""
        listed = [await engine.voices() for engine in (self._piper, self._espeak) if engine]
        return tuple(name for names in listed for name in names)

    def languages(self, voice: str) -> tuple[str, ...]:
        """What `voice` speaks; by default Piper's language, then those that only espeak has."""
        if voice:
            found: tuple[str, ...] = self._engine_of(voice, "").languages(voice)
            return found
        if self._piper is None:
            return tuple(self._espeak.languages("")) if self._espeak else ()
        spoken = tuple(self._piper.languages(""))
        if not spoken or self._espeak is None:
            return spoken
        others = self._espeak.languages("")
        return (*spoken, *(tag for tag in others if _family(tag) not in self._families))

    def licence(self, voice: str, language: str) -> str:
        """That of the voice which speaks."""
        return str(self._engine_of(voice, language).licence(voice, language))

    async def speak(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """The clause, spoken by the voice that has its name or its language."""
        engine = self._engine_of(request.voice, request.language)
        async with aclosing(engine.speak(request)) as chunks:
            async for chunk in chunks:
                yield at_rate(chunk, engine.rate_hz, self.rate_hz)

    def _engine_of(self, voice: str, language: str) -> Any:
        if self._default is None:
            raise AdapterError("voice_failed", "no voice is started", stage=Stage.SPEAK)
        if self._piper is None or self._espeak is None:
            return self._default
        if voice:
            return self._piper if self._is_pipers(voice) else self._espeak
        known = not self._families or _family(language) in self._families
        return self._piper if known else self._espeak

    def _is_pipers(self, voice: str) -> bool:
        """Whether a voice's name is one of the options, a speaker's, or that of a pulled voice or file."""
        name, number, _speaker = voice.partition("#")
        if number or name in self._piper_options.get("voices", {}):
            return True
        try:
            return _is_voice(models.locate(name))
        except (AdapterError, OSError, ValueError):
            return False

    async def _chosen_piper(self) -> Any:
        """Piper with a voice that is fast enough; None without one. Sets `choice`."""
        if not all(map(find_spec, MODULES)):
            remedy = 'pip install "frametalk[piper]"'
            self.choice = Choice(EMBEDDED, "Piper is not installed", remedy)
            return None
        if (file := self._voice_file()) is None:
            self.choice = Choice(EMBEDDED, "no Piper voice is pulled", models.STARTER_COMMAND)
            return None
        options = {**self._piper_options, "voice": self._piper_options.get("voice") or str(file)}
        factor = await trials.factor(
            "tts", PIPER, options, model=file, packages=PACKAGES,
            measure=trials.speak, limit=FACTOR_LIMIT,
        )  # fmt: skip
        name = file.parent.name if file.parent.parent == models.folder() else file.name
        if factor is None:
            self.choice = Choice(EMBEDDED, f"{name} does not work")
            return None
        why = f"{name}, real-time factor {factor:.2f}"
        if factor > FACTOR_LIMIT:
            self.choice = Choice(EMBEDDED, f"{why}: too slow")
            return None
        try:
            engine = await trials.started("tts", PIPER, options)
        except AdapterError as error:
            log.warning("%s with %s is not used: %s", PIPER, name, error)
            self.choice = Choice(EMBEDDED, f"{name} does not work")
            return None
        self.choice = Choice(PIPER, why)
        return engine

    def _voice_file(self) -> Path | None:
        """The default voice: that of the options, else the starter's, else an English one, else any."""
        if name := self._piper_options.get("voice"):
            try:
                named = self._piper_options.get("voices", {}).get(name.partition("#")[0])
                return models.locate(named or name.partition("#")[0])
            except AdapterError as error:
                log.warning("piper is not used: %s", error)
                return None
        found = [file for folder in models.pulled() for file in folder.glob("*.onnx")]
        voices = {file.parent.name: file for file in found if _is_voice(file)}
        ordered = sorted(voices, key=lambda name: (name != PREFERRED, _family(name) != "en", name))
        return voices[ordered[0]] if ordered else None


def _is_voice(file: Path) -> bool:
    return file.suffix == ".onnx" and file.with_name(f"{file.name}.json").is_file()


def _family(tag: str) -> str:
    """The language of a tag, without its region: "en" of `en-GB` and `en_US-joe-medium`."""
    return tag.replace("_", "-").partition("-")[0].lower()
