"""What `frametalk replay --with` exchanges: an engine, or settings."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any, cast, get_args

from frametalk import config, running
from frametalk.adapters import registry
from frametalk.config import FrametalkSettings
from frametalk.engines import adapter_options
from frametalk.errors import ConfigError
from frametalk.replay.files import Recording
from frametalk.replay.parts import is_restored
from frametalk.replay.run import settings_of
from frametalk.replay.what_if import Comparison, on_virtual_time, what_if

KINDS = get_args(registry.Kind)


@dataclass(frozen=True, slots=True)
class Swaps:
    """`adapters` by kind; an empty name takes an engine away. `flags` are `section.key=value`."""

    adapters: dict[str, str]
    flags: tuple[str, ...]


def parsed(texts: Sequence[str]) -> Swaps:
    """`asr=NAME,turn=,turns.endpoint_delay_ms=300`, or several of these. Raises ConfigError."""
    adapters: dict[str, str] = {}
    flags: list[str] = []
    for item in (item.strip() for text in texts for item in text.split(",")):
        name, equals, value = item.partition("=")
        if not equals:
            raise ConfigError(f"--with {item!r} has no value", remedy="write asr=ADAPTER")
        if "." in name:
            flags.append(item)
        elif name in KINDS:
            adapters[name] = value
        else:
            raise ConfigError(
                f"--with: there is no engine {name!r}",
                remedy=f"name one of {', '.join(KINDS)}, or a setting as section.key",
            )
    for kind, adapter in adapters.items():
        if not adapter and kind not in {"turn", "guard"}:
            raise ConfigError(f"--with: a session needs {kind}", remedy=f"write {kind}=ADAPTER")
    return Swaps(adapters, tuple(flags))


def compare(recording: Recording, swaps: Swaps, options: FrametalkSettings) -> Comparison:
    """Run it with what is exchanged. `options`: the settings that have the engines' options.

    It is compared with the same kind of run with nothing exchanged, so that the load of the recorded server
    does not count; or with the session as it was, where such a run hears something else. Raises ConfigError
    or AdapterError for an engine that does not start, and ConfigError for a session that was restored.
    """
    if is_restored(recording):
        raise ConfigError(
            f"session {recording.header.session} goes on from what another server kept:"
            " it has no beginning to run with something exchanged",
            remedy="use --with on its recording of that server, and replay this one without",
        )
    settings = config.changed(settings_of(recording), swaps.flags)
    same = on_virtual_time(recording, settings_of(recording), {})
    if any(swaps.adapters.values()):
        compared = running.run(_with_engines(recording, settings, swaps, options))
    else:
        compared = on_virtual_time(recording, settings, dict.fromkeys(swaps.adapters))
    if [turn.transcript for turn in same.before] == [turn.transcript for turn in same.after]:
        return replace(compared, before=same.after)
    return compared


async def _with_engines(
    recording: Recording, settings: FrametalkSettings, swaps: Swaps, options: FrametalkSettings
) -> Comparison:
    swapped: dict[str, Any] = {}
    of_kind = adapter_options(options)
    async with AsyncExitStack() as started:
        for kind, name in swaps.adapters.items():
            if not name:
                swapped[kind] = None
                continue
            engine = registry.create(
                cast(registry.Kind, kind), name, of_kind[cast(registry.Kind, kind)]
            )
            started.push_async_callback(engine.close)
            await engine.start()
            swapped[kind] = engine
        return await what_if(recording, settings, swapped)
