"""Piper: natural voices from files, streamed, with mouth shapes before the sound, in a worker process."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from frametalk import models
from frametalk.adapters.base import SpeechChunk, SpeechRequest
from frametalk.adapters.tts.piper.words import neutral
from frametalk.core.marks import Mark
from frametalk.errors import AdapterError, Stage
from frametalk.workers.supervisor import Worker

TARGET = "frametalk.adapters.tts.piper.worker:PiperHandler"
SLOWEST, FASTEST = 0.25, 4.0

log = logging.getLogger(__name__)


class PiperVoice:
    """Speaks a clause in chunks; the first is small and has all of the clause's marks.

    `voice` is the default: the path of an .onnx file with its .onnx.json beside it, the name of a pulled
    model, or a name in `voices`, which names further voices. A request's voice is such a name or path;
    for a voice with several speakers `#` and a speaker's name or number follow: `anna`, `anna#3`,
    `#narrator`. All voices have the rate of the default.

    `noise_scale` and `noise_w` are Piper's (how much sound and lengths vary; unset: the voice's own),
    `threads` is how many clauses are synthesised at once, each on one core, `loaded` how many voices stay
    in memory (about 200 MB each).
    """

    def __init__(
        self,
        voice: str = "",
        voices: dict[str, str] | None = None,
        *,
        noise_scale: float | None = None,
        noise_w: float | None = None,
        threads: int = 2,
        loaded: int = 4,
    ) -> None:
        self.rate_hz = 0  # known when the default voice is loaded
        self._names = dict(voices or {})
        self._default = voice or next(iter(self._names), "")
        self._noise = (noise_scale, noise_w)
        self._threads = max(1, threads)
        self._loaded = max(1, loaded)
        self._paths: dict[str, str] = {}
        self._warned: set[str] = set()
        self._worker: Worker | None = None

    async def start(self) -> None:
        """Load the voices. Raises AdapterError `voice_failed` or `model_missing`."""
        if self._worker is not None:
            return
        for package in ("piper", "onnx", "onnxruntime"):
            if find_spec(package) is None:
                raise _failed(
                    f"the package {package} is not installed", 'pip install "frametalk[piper]"'
                )
        if not self._default:
            raise _failed(
                "no voice is chosen",
                "set tts.options.voice to the name of a pulled voice or the path of an .onnx file",
            )
        for name in (self._default, *self._names):
            self._paths[name] = await asyncio.to_thread(_located, self._names.get(name, name))
        self._paths[""] = self._paths[self._default]
        options = {
            "voices": list(dict.fromkeys(self._paths.values())),
            "threads": self._threads,
            "loaded": self._loaded,
        }
        worker = self._worker = Worker(TARGET, options, name="piper", stage=Stage.SPEAK)
        await worker.start()
        self.rate_hz, whole = await worker.open("about", {}).result()
        for voice, why in whole.items():
            self._warn_once(voice, why)

    async def close(self) -> None:
        """End the worker."""
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.close()

    async def voices(self) -> tuple[str, ...]:
        """The names that a request's voice may have, one for each speaker."""
        names = [name for name in (self._default, *self._names) if name]
        listed = [await asyncio.to_thread(_with_speakers, self._names.get(n, n), n) for n in names]
        return tuple(dict.fromkeys(name for voice in listed for name in voice))

    def languages(self, voice: str) -> tuple[str, ...]:
        """The language of that voice, as its file says; any if the file does not say it."""
        try:
            path = self._paths.get(name := voice.partition("#")[0]) or _located(name)
        except AdapterError:
            return ()  # it fails with its own error when it is to speak
        settings = _settings(path)
        language = settings.get("language", {}).get("code") or settings.get("espeak", {}).get(
            "voice"
        )
        return (language.replace("_", "-"),) if language else ()

    def licence(self, voice: str, _language: str) -> str:
        """That of the voice's recordings."""
        try:
            return models.licence(
                Path(self._paths.get(name := voice.partition("#")[0]) or _located(name))
            )
        except AdapterError:
            return ""

    async def speak(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """Chunks of the clause's sound; nothing for text without sound."""
        if not any(character.isalnum() for character in request.text):
            return
        if self._worker is None:
            raise _failed("Piper is not started", "call start first")
        name, _, speaker = neutral(request.voice).partition("#")
        path = self._paths.get(name, "") or await asyncio.to_thread(_located, name)
        arguments = {
            "path": path,
            "speaker": speaker,
            "text": neutral(request.text),
            "speed": min(max(request.speed, SLOWEST), FASTEST),
            "volume": request.volume,
            "noise": self._noise,
        }
        delivered = _Delivered()
        call = self._worker.open("speak", arguments, rerun=delivered.start_over)
        try:
            async for pcm, marks in call:
                chunk = delivered.new(pcm, tuple(Mark(*mark) for mark in marks))
                if chunk.pcm or chunk.marks:
                    yield chunk
            if missing := delivered.missing():
                yield SpeechChunk(missing, ())
            self._warn_once(path, await call.result())
        finally:
            call.cancel()

    def _warn_once(self, path: str, why: str) -> None:
        """Log, once for each voice, that it cannot be streamed."""
        if why and path not in self._warned:
            self._warned.add(path)
            log.warning(
                "%s cannot be streamed and speaks whole sentences: %s", Path(path).name, why
            )


class _Delivered:
    """What the caller already has of a clause, so that another worker's chunks continue after it.

    The lengths vary a little between two syntheses, so there is a seam, but no silence.
    """

    def __init__(self) -> None:
        self._bytes = self._to_skip_bytes = 0
        self._marked = self._known = -1
        self._marks_end = 0  # where the last mark ends

    def start_over(self) -> bool:
        """Expect the whole clause from its beginning; allows the call to run again."""
        self._to_skip_bytes, self._known = self._bytes, self._marked
        return True

    def new(self, pcm: bytes, marks: tuple[Mark, ...]) -> SpeechChunk:
        """The part that the caller does not have yet."""
        skipped = min(self._to_skip_bytes, len(pcm))
        self._to_skip_bytes -= skipped
        self._bytes += len(pcm) - skipped
        fresh = tuple(mark for mark in marks if mark.at > self._known)
        self._marked = max((self._marked, *(mark.at for mark in fresh)))
        self._marks_end = max((self._marks_end, *(mark.end for mark in fresh)))
        return SpeechChunk(pcm[skipped:], fresh)

    def missing(self) -> bytes:
        """Silence up to the last mark, if the second synthesis was shorter: marks never outlast sound."""
        return bytes(max(0, self._marks_end * 2 - self._bytes) if self._known >= 0 else 0)


def _located(name: str) -> str:
    """The path of a voice's file. Raises AdapterError."""
    try:
        path = models.locate(name)
    except (OSError, ValueError) as error:
        raise _failed(f"not a valid name of a voice: {error}", "give a name or a path") from None
    if path.is_dir() or not path.with_name(f"{path.name}.json").is_file():
        raise _failed(
            f"{path} is not a Piper voice: {path.name}.json must be beside it",
            "give the path of an .onnx file with its .onnx.json beside it",
        )
    return str(path.resolve())


def _with_speakers(name: str, alias: str) -> list[str]:
    path = _located(name)
    settings = _settings(path)
    speakers = list(settings.get("speaker_id_map", {})) or range(settings.get("num_speakers", 1))
    return [alias] if len(speakers) <= 1 else [f"{alias}#{speaker}" for speaker in speakers]


def _settings(path: str) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))
    return settings


def _failed(text: str, remedy: str) -> AdapterError:
    return AdapterError("voice_failed", text, stage=Stage.SPEAK, remedy=remedy, fatal=True)
