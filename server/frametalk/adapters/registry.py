"""Adapters by name, through entry points: ours and those of packages that others publish.

A package offers an engine with an entry point in one of the groups `frametalk.vad`, `frametalk.turn`,
`frametalk.asr`, `frametalk.llm` and `frametalk.tts`; its name is what the settings say
(`[asr] adapter = "name"`). Where an extra of the package brings what the engine needs, the entry point
names it: `name = "module:Class [extra]"`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Literal, get_type_hints, overload

import msgspec

from frametalk.adapters.base import Adapter, Mind, Recogniser, TurnDetector, Vad, Voice
from frametalk.errors import AdapterError, ConfigError, FrametalkError, Stage

Kind = Literal["vad", "turn", "asr", "llm", "tts"]

STAGES: dict[Kind, Stage] = {  # a server has one of each, but a judge of turns only by choice
    "vad": Stage.HEAR,
    "turn": Stage.HEAR,
    "asr": Stage.HEAR,
    "llm": Stage.THINK,
    "tts": Stage.SPEAK,
}


def names(kind: Kind) -> tuple[str, ...]:
    """Every adapter of a kind that can be asked for, in order of name."""
    return tuple(sorted(entry_points(group=f"frametalk.{kind}").names))


def module_of(kind: Kind, name: str) -> str:
    """The module that holds an adapter. Raises ConfigError for a name that nobody offers."""
    return _find(kind, name).module


def extra_of(kind: Kind, name: str) -> str:
    """The extra of frametalk that brings what one of our adapters needs; empty where none is needed."""
    point = _find(kind, name)
    return ",".join(point.extras) if _package(point) == "frametalk" else ""


@overload
def create(kind: Literal["vad"], name: str, options: Mapping[str, Any]) -> Vad: ...
@overload
def create(kind: Literal["turn"], name: str, options: Mapping[str, Any]) -> TurnDetector: ...
@overload
def create(kind: Literal["asr"], name: str, options: Mapping[str, Any]) -> Recogniser: ...
@overload
def create(kind: Literal["llm"], name: str, options: Mapping[str, Any]) -> Mind: ...
@overload
def create(kind: Literal["tts"], name: str, options: Mapping[str, Any]) -> Voice: ...


def create(kind: Kind, name: str, options: Mapping[str, Any]) -> Adapter:
    """Make an adapter that is not started yet; `options` are keyword arguments of its class.

    Raises ConfigError for a name that nobody offers and for options that do not fit the class,
    AdapterError `engine_missing` when the engine's package is not installed, `engine_failed` when the
    class itself fails.
    """
    point = _find(kind, name)
    try:
        factory = point.load()
    except ImportError as error:
        raise _missing(kind, point, error) from None
    except AttributeError as error:
        raise _failed(kind, point, error) from None
    where = f"[{kind}.options] of {name}"
    try:
        return _build(factory, options, where)
    except FrametalkError:
        raise
    except ImportError as error:
        raise _missing(kind, point, error) from None
    except Exception as error:  # noqa: BLE001  (whatever a stranger's class raises stops here)
        raise _failed(kind, point, error) from None


def _find(kind: Kind, name: str) -> EntryPoint:
    points = list(entry_points(group=f"frametalk.{kind}", name=name))
    if not points:
        there = ", ".join(names(kind)) or "none; is frametalk installed?"
        raise ConfigError(
            f"there is no {kind} adapter {name!r}",
            remedy=f"installed: {there}; others come with the package that offers them",
        )
    if len({point.value for point in points}) > 1:
        owners = ", ".join(sorted(_package(point) for point in points))
        raise ConfigError(
            f"more than one package offers the {kind} adapter {name!r}: {owners}",
            remedy="uninstall all but one of them",
        )
    return points[0]


def _build(factory: Callable[..., Any], options: Mapping[str, Any], where: str) -> Adapter:
    signature = inspect.signature(factory)
    known = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    takes_any = len(known) < len(signature.parameters)
    unknown = sorted(set(options) - {p.name for p in known})
    if unknown and not takes_any:
        there = ", ".join(p.name for p in known) or "none"
        raise ConfigError(f"{where}: unknown option {unknown[0]!r}", remedy=f"it takes: {there}")
    needed = [p.name for p in known if p.default is p.empty and p.kind is not p.VAR_POSITIONAL]
    absent = [name for name in needed if name not in options]
    if absent:
        raise ConfigError(f"{where}: option {absent[0]!r} is missing", remedy="it has no default")
    hints = _hints(factory)
    checked = {key: _check(value, hints.get(key), key, where) for key, value in options.items()}
    adapter: Adapter = factory(**checked)
    return adapter


def _hints(factory: Callable[..., Any]) -> dict[str, Any]:
    """Types of the factory's arguments, as far as they can be known."""
    try:
        return get_type_hints(
            factory.__init__ if inspect.isclass(factory) else factory, include_extras=True
        )
    except (NameError, TypeError):
        # Names imported for type checkers only: such a class checks its options itself.
        return {}


def _check(value: Any, hint: Any, key: str, where: str) -> Any:
    """The value as the class wants it (a path from text, a float from a whole number)."""
    if hint is None:
        return value
    try:
        return msgspec.convert(value, hint, dec_hook=_from_text)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {key}: {error}") from None
    except (TypeError, NotImplementedError):
        # A type that no settings file can hold; a program passes its own object.
        return value


def _from_text(hint: type, value: Any) -> Any:
    if hint is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.module


def _missing(kind: Kind, point: EntryPoint, error: ImportError) -> AdapterError:
    return AdapterError(
        "engine_missing",
        f"the {kind} adapter {point.name!r} cannot be imported: {error}",
        stage=STAGES[kind],
        remedy=_install_command(point),
        fatal=True,
    )


def _install_command(point: EntryPoint) -> str:
    extras = f"[{','.join(point.extras)}]" if point.extras else ""
    return f'pip install "{_package(point)}{extras}"'


def _failed(kind: Kind, point: EntryPoint, error: Exception) -> AdapterError:
    return AdapterError(
        "engine_failed",
        f"the {kind} adapter {point.name!r} of {_package(point)}: {type(error).__name__}: {error}",
        stage=STAGES[kind],
        fatal=True,
    )
