"""The engines of a server: created by name, started side by side, closed in any case."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from frametalk.adapters import registry
from frametalk.adapters.abilities import Advises, Choice, Chooses
from frametalk.adapters.base import Adapter, Guard, Mind, Recogniser, TurnDetector, Vad, Voice
from frametalk.adapters.tts.cached import CachedVoice
from frametalk.adapters.tts.resampled import ResampledVoice
from frametalk.config import FrametalkSettings
from frametalk.errors import AdapterError, ConfigError, FrametalkError

log = logging.getLogger(__name__)

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Engines:
    """The started adapters that all sessions share; `choices` of those that chose another one."""

    vad: Vad
    asr: Recogniser
    llm: Mind
    tts: Voice
    turn: TurnDetector | None = None
    guard: Guard | None = None
    choices: Mapping[registry.Kind, Choice] = field(default_factory=dict)

    def voice_at(self, rate_hz: int) -> Voice:
        """The voice at that sample rate."""
        return self.tts if self.tts.rate_hz == rate_hz else ResampledVoice(self.tts, rate_hz)

    async def advise(self) -> None:
        """Log what keeps the mind from working well; may take seconds."""
        if isinstance(self.llm, Advises):
            for advice in await self.llm.advice(thorough=False):
                log.warning("%s; %s", advice.text, advice.remedy)


@asynccontextmanager
async def started(
    settings: FrametalkSettings, *, cache_looked_up: Callable[[bool], None] | None = None
) -> AsyncIterator[Engines]:
    """The engines that `settings` name, ready for sessions while the context is open.

    `cache_looked_up` is called for each clause to be spoken, with whether its sound was cached. Raises
    ConfigError or AdapterError, which name the adapter and the remedy; adapters that had started by then
    are closed.
    """
    names, options = adapter_names(settings), adapter_options(settings)
    vad = registry.create("vad", names["vad"], options["vad"])
    asr = registry.create("asr", names["asr"], options["asr"])
    llm = registry.create("llm", names["llm"], options["llm"])
    tts = registry.create("tts", names["tts"], options["tts"])
    turn = registry.create("turn", names["turn"], options["turn"]) if "turn" in names else None
    guard = registry.create("guard", names["guard"], options["guard"]) if "guard" in names else None
    adapters: dict[registry.Kind, Adapter] = {"vad": vad, "asr": asr, "llm": llm, "tts": tts}
    if turn is not None:
        adapters["turn"] = turn
    if guard is not None:
        adapters["guard"] = guard
    try:
        await _start_all(adapters, names)
        _check_characters(settings, llm)
        choices = {k: made.choice for k, made in adapters.items() if isinstance(made, Chooses)}
        for kind, choice in choices.items():
            log.info("%s: %s", kind, choice)
        if "turn" in choices and not choices["turn"].adapter:
            turn = None
        if cache_bytes := int(settings.tts.cache_mb * MEGABYTE):
            voice: Voice = CachedVoice(tts, cache_bytes, cache_looked_up)
        else:
            voice = tts
        yield Engines(vad=vad, asr=asr, llm=llm, tts=voice, turn=turn, guard=guard, choices=choices)
    finally:
        await asyncio.gather(*(_close(names[kind], adapter) for kind, adapter in adapters.items()))


def adapter_names(settings: FrametalkSettings) -> dict[registry.Kind, str]:
    """The name of each kind's adapter, without the kinds that are not used."""
    names: dict[registry.Kind, str] = {
        "vad": settings.vad.adapter,
        "turn": settings.turn.adapter,
        "asr": settings.asr.adapter,
        "llm": settings.llm.adapter,
        "tts": settings.tts.adapter,
        "guard": settings.guard.adapter,
    }
    return {kind: name for kind, name in names.items() if name}


def engine_names(settings: FrametalkSettings, engines: Engines) -> dict[str, str]:
    """The name of each kind's adapter; of one that chose another, that one's."""
    chosen = {kind: choice.adapter for kind, choice in engines.choices.items()}
    names = {**adapter_names(settings), **chosen}
    return {kind: name for kind, name in names.items() if name}


def adapter_options(settings: FrametalkSettings) -> dict[registry.Kind, dict[str, Any]]:
    """The options of each kind's adapter; the mind also gets the character files, if there are any."""
    files = character_files(settings)
    return {
        "vad": settings.vad.options,
        "turn": settings.turn.options,
        "asr": settings.asr.options,
        "llm": {**({"characters": files} if files else {}), **settings.llm.options},
        "tts": settings.tts.options,
        "guard": settings.guard.options,
    }


def character_files(settings: FrametalkSettings) -> tuple[str, ...]:
    """The character files that the settings name, the default first; empty if they name none.

    A section without a file then stands for the built-in character of its name.
    """
    sections = settings.characters
    if not (settings.character.file or any(section.file for section in sections.values())):
        return ()
    default = (settings.character.file,) if settings.character.file else ()
    return (*default, *(section.file or name for name, section in sections.items()))


def _check_characters(settings: FrametalkSettings, mind: Mind) -> None:
    """Refuse a section of an unknown character: a mistyped name would have no effect."""
    for name in settings.characters:
        if name not in mind.characters:
            raise ConfigError(
                f"[characters.{name}]: the mind has no character {name!r}",
                remedy=f"use the name in the character file; known: {', '.join(mind.characters)}",
            )


async def _start_all(
    adapters: Mapping[registry.Kind, Adapter], names: Mapping[registry.Kind, str]
) -> None:
    failures: list[Exception] = []
    try:
        async with asyncio.TaskGroup() as group:
            for kind, adapter in adapters.items():
                group.create_task(_start(kind, names[kind], adapter), name=f"start {kind}")
    except* FrametalkError as failed:
        failures += failed.exceptions
    if failures:  # Python 3.11.2 puts what is raised in an `except*` into a group
        raise failures[0]


async def _start(kind: registry.Kind, name: str, adapter: Adapter) -> None:
    """Start one adapter; every failure names it."""
    try:
        await adapter.start()
    except FrametalkError as error:
        code, text, remedy = error.code, error.text, error.remedy
    except Exception as error:  # noqa: BLE001  (third-party errors stop here)
        code, text, remedy = "engine_failed", f"{type(error).__name__}: {error}", ""
    else:
        return
    raise AdapterError(
        code,
        f"the {kind} adapter {name!r} did not start: {text}",
        stage=registry.STAGES[kind],
        remedy=remedy or "`frametalk doctor` shows what is missing",
        fatal=True,
    )


async def _close(name: str, adapter: Adapter) -> None:
    """Close one adapter; a failure does not keep the others open."""
    try:
        await adapter.close()
    except Exception:
        log.exception("adapter %r did not close", name)
