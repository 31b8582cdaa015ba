"""Adapters by name, through entry points: frametalk's own and those of other packages.

A package offers an engine with an entry point in one of the groups `frametalk.vad`, `frametalk.turn`,
`frametalk.asr`, `frametalk.llm`, `frametalk.tts` and `frametalk.guard`; settings select it by the entry
point's name (`[asr] adapter = "name"`). An entry point can name the extra that installs what the engine
needs: `name = "module:Class [extra]"`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Literal, get_type_hints, overload

import msgspec

from frametalk.adapters.base import Adapter, Guard, Mind, Recogniser, TurnDetector, Vad, Voice
from frametalk.errors import AdapterError, ConfigError, FrametalkError, Stage

Kind = Literal["vad", "turn", "asr", "llm", "tts", "guard"]

STAGES: dict[
    Kind, Stage
] = {  # a server has one of each; the turn detector and the guard are optional
    "vad": Stage.HEAR,
    "turn": Stage.HEAR,
    "asr": Stage.HEAR,
    "llm": Stage.THINK,
    "tts": Stage.SPEAK,
    "guard": Stage.THINK,
}


def names(kind: Kind) -> tuple[str, ...]:
    """The names of all adapters of a kind, sorted."""
    return tuple(sorted(entry_points(group=f"frametalk.{kind}").names))


def module_of(kind: Kind, name: str) -> str:
    """The module that defines an adapter. Raises ConfigError for an unknown name."""
    return _find(kind, name).module


def extra_of(kind: Kind, name: str) -> str:
    """The extras of frametalk that install what an adapter needs, joined by commas; empty for none and for
    other packages.
    """
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
def create(kind: Literal["guard"], name: str, options: Mapping[str, Any]) -> Guard: ...
@overload
def create(kind: Literal["tts"], name: str, options: Mapping[str, Any]) -> Voice: ...


def create(kind: Kind, name: str, options: Mapping[str, Any]) -> Adapter:
    """Create an adapter, not started; `options` are keyword arguments of its class.

    Raises ConfigError for an unknown name and for options that do not fit the class, AdapterError
    `engine_missing` when the engine's package is not installed and `engine_failed` when the class fails.
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
        adapter: Adapter = build(factory, options, where)
        return adapter
    except FrametalkError:
        raise
    except ImportError as error:
        raise _missing(kind, point, error) from None
    except Exception as error:  # noqa: BLE001  (third-party exceptions stop here)
        raise _failed(kind, point, error) from None


def _find(kind: Kind, name: str) -> EntryPoint:
    points = list(entry_points(group=f"frametalk.{kind}", name=name))
    if not points:
        installed = ", ".join(names(kind)) or "none; is frametalk installed?"
        raise ConfigError(
            f"there is no {kind} adapter {name!r}",
            remedy=f"choose one of {installed}, or install the package that offers it",
        )
    if len({point.value for point in points}) > 1:
        owners = ", ".join(sorted(_package(point) for point in points))
        raise ConfigError(
            f"more than one package offers the {kind} adapter {name!r}: {owners}",
            remedy="uninstall all but one of them",
        )
    return points[0]


def build(factory: Callable[..., Any], options: Mapping[str, Any], where: str) -> Any:
    """An adapter of a class, its options checked. Raises ConfigError, which begins with `where`."""
    signature = inspect.signature(factory)
    known = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    takes_any = len(known) < len(signature.parameters)
    unknown = sorted(set(options) - {p.name for p in known})
    if unknown and not takes_any:
        options_known = ", ".join(p.name for p in known) or "none"
        raise ConfigError(
            f"{where}: unknown option {unknown[0]!r}", remedy=f"its options are: {options_known}"
        )
    required = [p.name for p in known if p.default is p.empty and p.kind is not p.VAR_POSITIONAL]
    absent = [name for name in required if name not in options]
    if absent:
        raise ConfigError(
            f"{where}: option {absent[0]!r} is missing", remedy="set it: it has no default"
        )
    hints = _hints(factory)
    checked = {key: _check(value, hints.get(key), key, where) for key, value in options.items()}
    return factory(**checked)


def _hints(factory: Callable[..., Any]) -> dict[str, Any]:
    """Types of the factory's arguments; empty if they cannot be resolved."""
    try:
        return get_type_hints(
            factory.__init__ if inspect.isclass(factory) else factory, include_extras=True
        )
    except (NameError, TypeError):
        # Names imported for type checkers only: the class must check its options itself.
        return {}


def _check(value: Any, hint: Any, key: str, where: str) -> Any:
    """The value, converted to the type of the argument: text to a path, an integer to a float."""
    if hint is None:
        return value
    try:
        return msgspec.convert(value, hint, dec_hook=_from_text)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {key}: {error}") from None
    except (TypeError, NotImplementedError):
        # Not a type of settings files: a program passes its own object.
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
