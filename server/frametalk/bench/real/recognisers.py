"""The recognisers that are compared, and what each has heard: the same speech is recognised once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from functools import cached_property
from typing import Literal

from frametalk.adapters import registry
from frametalk.adapters.base import Bias, Recogniser
from frametalk.bench.progress import Progress
from frametalk.bench.real.corpus import Speech
from frametalk.bench.real.counted_whisper import CountedWhisper
from frametalk.bench.real.folder import BASE, LEFT_OUT, TINY, Absent, Models
from frametalk.bench.real.hearing import Heard, hear, started
from frametalk.bench.turns.turn_set import WORLD
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world
from frametalk.pipeline.world import expected

Name = Literal["base", "tiny", "scene", "joined"]
SCENE, JOINED = "pocketsphinx", "pocketsphinx+faster_whisper"
LANGUAGE = "en"
AT_ONCE = min(2, os.cpu_count() or 1)
QUICK = frozenset({("joined", True), ("base", False)})  # whom to start takes seconds


class Recognisers:
    """Recognises speech with each recogniser's default settings, with or without the tavern's words.

    `base` and `tiny` are Whisper models, `scene` is PocketSphinx, `joined` is PocketSphinx and Whisper
    base together. At most two run at a time, each on a core of its own. With `quick` only those of QUICK
    recognise.
    """

    def __init__(self, models: Models, *, quick: bool = False) -> None:
        self._models = models
        self._quick = quick
        self._known: dict[tuple[Name, bool, str], Heard] = {}
        self._free = asyncio.Semaphore(AT_ONCE)
        self._starting = asyncio.Lock()

    @cached_property
    def hints(self) -> Bias:
        """What is likely to be said to the tavern's blacksmith."""
        world = GameWorld(load_world(WORLD))
        mind = registry.create("llm", "scripted", {})
        return expected(world.entities.values(), world.tools, mind.phrases(mind.characters[0]))

    def create(self, name: Name) -> Recogniser:
        """A recogniser that is not started. Raises Absent without its model or adapter."""
        if name == "scene":
            return registry.create("asr", SCENE, {})
        if name == "joined":
            if JOINED not in registry.names("asr"):
                raise Absent(f"there is no recogniser {JOINED}")
            whisper = {"model": str(self._models.whisper(BASE))}
            return registry.create("asr", JOINED, {"faster_whisper": whisper})
        model = self._models.whisper(BASE if name == "base" else TINY)
        return CountedWhisper(str(model), language=LANGUAGE)

    async def heard(self, name: Name, speeches: Sequence[Speech], *, hints: bool) -> list[Heard]:
        """What the recogniser hears, in order; speech of a name is recognised once. Raises Absent."""
        if self._quick and (name, hints) not in QUICK:
            raise Absent(LEFT_OUT)
        missing = [one for one in speeches if (name, hints, one.name) not in self._known]
        if missing:
            await self._hear(name, missing, hints=hints)
        return [self._known[name, hints, one.name] for one in speeches]

    async def _hear(self, name: Name, speeches: Sequence[Speech], *, hints: bool) -> None:
        recogniser = self.create(name)
        bias = self.hints if hints else Bias()
        progress = Progress(f"{name} hears{' with hints' if hints else ''}", len(speeches))
        async with self._free, started(recogniser, bias, self._starting) as work:
            for speech in speeches:
                self._known[name, hints, speech.name] = await hear(recogniser, work, speech, bias)
                progress.step()
