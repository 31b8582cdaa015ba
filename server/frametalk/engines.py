"""The engines of a server: made by name, started side by side, closed whatever happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from frametalk.adapters import registry
from frametalk.adapters.base import Adapter, Mind, Recogniser, TurnDetector, Vad, Voice
from frametalk.adapters.tts.cached import CachedVoice
from frametalk.config import FrametalkSettings
from frametalk.errors import AdapterError, ConfigError, FrametalkError

log = logging.getLogger(__name__)

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Engines:
    """The adapters that all sessions share, started."""

    vad: Vad
    asr: Recogniser
    llm: Mind
    tts: Voice
    turn: TurnDetector | None = None


@asynccontextmanager
async def started(
    settings: FrametalkSettings, *, cache_looked_up: Callable[[bool], None] | None = None
) -> AsyncIterator[Engines]:
    """The engines that `settings` name, ready for sessions while the context is open.

    `cache_looked_up` is told of each clause to be spoken whether its sound was there.

    Raises ConfigError or AdapterError, which names the adapter and the remedy; what had started
    by then is closed.
    """
    names, options = adapter_names(settings), adapter_options(settings)
    vad = registry.create("vad", names["vad"], options["vad"])
    asr = registry.create("asr", names["asr"], options["asr"])
    llm = registry.create("llm", names["llm"], options["llm"])
    tts = registry.create("tts", names["tts"], options["tts"])
    turn = registry.create("turn", names["turn"], options["turn"]) if "turn" in names else None
    adapters: dict[registry.Kind, Adapter] = {"vad": vad, "asr": asr, "llm": llm, "tts": tts}
    if turn is not None:
        adapters["turn"] = turn
    try:
        await _start_all(adapters, names)
        _check_characters(settings, llm)
        if cache_bytes := int(settings.tts.cache_mb * MEGABYTE):
            voice: Voice = CachedVoice(tts, cache_bytes, cache_looked_up)
        else:
            voice = tts
        yield Engines(vad=vad, asr=asr, llm=llm, tts=voice, turn=turn)
    finally:
        await asyncio.gather(*(_close(names[kind], each) for kind, each in adapters.items()))


def adapter_names(settings: FrametalkSettings) -> dict[registry.Kind, str]:
    """Which adapter does what; kinds that are not in use are left out."""
    names: dict[registry.Kind, str] = {
        "vad": settings.vad.adapter,
        "turn": settings.turn.adapter,
        "asr": settings.asr.adapter,
        "llm": settings.llm.adapter,
        "tts": settings.tts.adapter,
    }
    return {kind: name for kind, name in names.items() if name}


def adapter_options(settings: FrametalkSettings) -> dict[registry.Kind, dict[str, Any]]:
    """What each adapter is made with; the mind is told the character files if there are any."""
    files = character_files(settings)
    return {
        "vad": settings.vad.options,
        "turn": settings.turn.options,
        "asr": settings.asr.options,
        "llm": {**({"characters": files} if files else {}), **settings.llm.options},
        "tts": settings.tts.options,
    }


def character_files(settings: FrametalkSettings) -> tuple[str, ...]:
    """The character files where the settings name any, the default first.

    A section without a file is then of the built-in character of its name.
    """
    sections = settings.characters
    if not (settings.character.file or any(each.file for each in sections.values())):
        return ()
    default = (settings.character.file,) if settings.character.file else ()
    return (*default, *(each.file or name for name, each in sections.items()))


def _check_characters(settings: FrametalkSettings, mind: Mind) -> None:
    """Whoever has a section must be somebody: a mistyped name would be silently without effect."""
    for name in settings.characters:
        if name not in mind.characters:
            raise ConfigError(
                f"[characters.{name}]: the mind has no character {name!r}",
                remedy=f"it has: {', '.join(mind.characters)}; the name is the one in the file",
            )


async def _start_all(
    adapters: Mapping[registry.Kind, Adapter], names: Mapping[registry.Kind, str]
) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for kind, adapter in adapters.items():
                group.create_task(_start(kind, names[kind], adapter), name=f"start {kind}")
    except* FrametalkError as failed:
        raise failed.exceptions[0] from None


async def _start(kind: registry.Kind, name: str, adapter: Adapter) -> None:
    """Start one; every failure names the adapter."""
    try:
        await adapter.start()
    except FrametalkError as error:
        code, text, remedy = error.code, error.text, error.remedy
    except Exception as error:  # noqa: BLE001  (whatever a stranger's adapter raises stops here)
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
    """Close one; a failure must not keep the others open."""
    try:
        await adapter.close()
    except Exception:
        log.exception("adapter %r did not close", name)
