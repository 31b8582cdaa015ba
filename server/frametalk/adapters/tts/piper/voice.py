"""Piper: natural voices from a file, streamed; mouth shapes are known before sound. In a worker process."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from importlib.util import find_spec
from pathlib import Path

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
    """Speaks a clause in chunks, the first one small, with all the clause's marks.

    `voice` is the default: a path to an .onnx file that has its .onnx.json beside it, the name of a
    pulled model, or a name in `voices`, which gives further voices names of their own. A request's
    voice is such a name or path, with `#` and the name or number of a speaker where a voice has
    several: `anna`, `anna#3`, `#narrator`. All voices speak at the default's rate.

    `noise_scale` and `noise_w` are Piper's (how much sound and lengths vary; unset: the voice's own),
    `threads` how many clauses are made at once, each on one core, `loaded` how many voices stay in
    memory (about 200 MB each).
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
        self._told: set[str] = set()
        self._worker: Worker | None = None

    async def start(self) -> None:
        """Load the voices. Raises AdapterError `voice_failed` or `model_missing`, with the remedy."""
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
                "set tts.options.voice to the path of a Piper voice, an .onnx file",
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
            self._tell(voice, why)

    async def close(self) -> None:
        """End the worker."""
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.close()

    async def voices(self) -> tuple[str, ...]:
        """The names that a request's voice may have, with each speaker where there are several."""
        names = [name for name in (self._default, *self._names) if name]
        found = [await asyncio.to_thread(_with_speakers, self._names.get(n, n), n) for n in names]
        return tuple(dict.fromkeys(name for some in found for name in some))

    async def speak(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """Chunks of the clause's sound; nothing for what has no sound."""
        if not any(character.isalnum() for character in request.text):
            return
        if self._worker is None:
            raise _failed("Piper is not running", "start the adapter first")
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
        had = _Had()
        call = self._worker.open("speak", arguments, rerun=had.again)
        try:
            async for pcm, marks in call:
                chunk = had.new(pcm, tuple(Mark(*mark) for mark in marks))
                if chunk.pcm or chunk.marks:
                    yield chunk
            if missing := had.missing():
                yield SpeechChunk(missing, ())
            self._tell(path, await call.result())
        finally:
            call.cancel()

    def _tell(self, path: str, why: str) -> None:
        """Say once of each voice that it cannot be streamed."""
        if why and path not in self._told:
            self._told.add(path)
            log.warning("%s speaks whole sentences, so later: %s", Path(path).name, why)


class _Had:
    """What the caller has of a clause. A worker that must say it again goes on after that: its lengths
    vary a little, so there is a seam, but no silence.
    """

    def __init__(self) -> None:
        self._bytes = self._to_skip_bytes = 0
        self._marked = self._known = -1
        self._promised = 0  # where the last of the marks ends

    def again(self) -> bool:
        """All of it comes once more from its beginning."""
        self._to_skip_bytes, self._known = self._bytes, self._marked
        return True

    def new(self, pcm: bytes, marks: tuple[Mark, ...]) -> SpeechChunk:
        """What the caller does not have yet."""
        skipped = min(self._to_skip_bytes, len(pcm))
        self._to_skip_bytes -= skipped
        self._bytes += len(pcm) - skipped
        fresh = tuple(mark for mark in marks if mark.at > self._known)
        self._marked = max((self._marked, *(mark.at for mark in fresh)))
        self._promised = max((self._promised, *(mark.end for mark in fresh)))
        return SpeechChunk(pcm[skipped:], fresh)

    def missing(self) -> bytes:
        """Silence in the place of what was said shorter the second time: marks never outlast sound."""
        return bytes(max(0, self._promised * 2 - self._bytes) if self._known >= 0 else 0)


def _located(name: str) -> str:
    """The path of a voice's file. Raises AdapterError."""
    try:
        path = models.locate(name)
    except (OSError, ValueError) as error:
        raise _failed(f"no voice has such a name: {error}", "give a name or a path") from None
    if path.is_dir() or not path.with_name(f"{path.name}.json").is_file():
        raise _failed(
            f"{path} is no Piper voice: it needs {path.name}.json beside it",
            "give the path of an .onnx file, and put its .onnx.json beside it",
        )
    return str(path.resolve())


def _with_speakers(name: str, alias: str) -> list[str]:
    path = _located(name)
    settings = json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))
    speakers = list(settings.get("speaker_id_map", {})) or range(settings.get("num_speakers", 1))
    return [alias] if len(speakers) <= 1 else [f"{alias}#{speaker}" for speaker in speakers]


def _failed(text: str, remedy: str) -> AdapterError:
    return AdapterError("voice_failed", text, stage=Stage.SPEAK, remedy=remedy, fatal=True)
