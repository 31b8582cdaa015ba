"""PocketSphinx and Whisper joined: the scene's commands at once, and free speech; English."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from frametalk.adapters.asr.joined.stream import FreeRecogniser, JoinedStream
from frametalk.adapters.asr.pocketsphinx.recogniser import PocketSphinxRecogniser
from frametalk.adapters.asr.whisper.recogniser import FasterWhisperRecogniser
from frametalk.adapters.base import Bias, Hypothesis, Recogniser
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.core.commands import Commands
from frametalk.errors import AdapterError, ConfigError

_log = logging.getLogger(__name__)


class JoinedRecogniser:
    """The scene's decoders answer what the scene expects; Whisper reads everything else.

    `pocketsphinx` and `faster_whisper` are the options of the two adapters. When Whisper fails, or its
    model is missing, the scene's decoders go on alone.
    """

    rate_hz = RECOGNITION_RATE_HZ
    languages = ("en",)

    def __init__(
        self,
        pocketsphinx: dict[str, Any] | None = None,
        faster_whisper: dict[str, Any] | None = None,
    ) -> None:
        self._scene: Recogniser = _made("pocketsphinx", PocketSphinxRecogniser, pocketsphinx or {})
        options = {"language": "en", **(faster_whisper or {})}
        self._free: FreeRecogniser = _made("faster_whisper", FasterWhisperRecogniser, options)
        self._free_failed: AdapterError | None = None  # why it did not start
        self._reported = False
        # As long as a session has this bias, or an equal one.
        self._commands: WeakKeyDictionary[Bias, Commands] = WeakKeyDictionary()

    async def start(self) -> None:
        """Start both; safe twice. Raises AdapterError if PocketSphinx cannot start."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._start_free(), name="start faster_whisper")
            scene = group.create_task(_outcome(self._scene.start()), name="start pocketsphinx")
        if (failed := scene.result()) is not None:
            raise failed
        if self._free_failed is not None:
            self._report(self._free_failed)

    async def _start_free(self) -> None:
        self._free_failed = await _outcome(self._free.start())

    async def close(self) -> None:
        """Close both."""
        await asyncio.gather(self._scene.close(), self._free.close())

    async def check(self) -> None:
        """Raises AdapterError if Whisper did not start."""
        if self._free_failed is not None:
            raise self._free_failed

    async def prepare(self, bias: Bias) -> None:
        """Prepare the scene's commands and decoders; Whisper needs nothing."""
        if bias not in self._commands:
            commands = Commands(bias.phrases, bias.verbs)
            for _piece in commands.learn(bias.things):
                await asyncio.sleep(0)
            self._commands[bias] = commands
        await self._scene.prepare(bias)

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> JoinedStream:
        """Open a stream. Raises AdapterError `hear_failed` before `start`."""
        commands = self._commands.get(bias)
        if commands is None:
            commands = self._commands[bias] = Commands(bias.phrases, bias.verbs, bias.things)
        stream = JoinedStream(commands, on_partial, self._report)
        scene = self._scene.open(bias, stream.scene_partial)
        free = None
        if self._free_failed is None:
            free = self._free.open(bias, stream.free_partial, partials=False)
        stream.attach(scene, free)
        return stream

    def _report(self, error: AdapterError) -> None:
        """Log the first failure of one recogniser while the other goes on."""
        if not self._reported:
            self._reported = True
            _log.error("one of two recognisers failed, the other goes on: %s", error)


async def _outcome(starting: Any) -> AdapterError | None:
    try:
        await starting
    except AdapterError as error:
        return error
    return None


def _made(name: str, factory: Callable[..., Any], options: dict[str, Any]) -> Any:
    """An adapter with these options. Raises ConfigError for an unknown one."""
    known = inspect.signature(factory).parameters
    for option in options:
        if option not in known:
            raise ConfigError(
                f"[asr.options.{name}]: unknown option {option!r}",
                remedy=f"its options are: {', '.join(known)}",
            )
    return factory(**options)
