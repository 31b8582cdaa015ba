"""The settings tree: defaults, then a TOML file, then the environment, then flags."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from frametalk.errors import ConfigError

ENVIRONMENT_PREFIX = "FRAMETALK_"

Port = Annotated[int, Meta(ge=0, le=65_535)]
Positive = Annotated[int, Meta(ge=1)]
Ms = Annotated[float, Meta(ge=0, le=600_000)]
Probability = Annotated[float, Meta(ge=0, le=1)]


class Settings(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Base of every branch of the tree: frozen, unknown keys refused."""


class ServerSettings(Settings, kw_only=True, frozen=True):
    """Where to listen and how much to admit."""

    host: str = "127.0.0.1"
    port: Port = 8765
    max_sessions: Positive = 200
    token: str = ""  # clients must send it in `hello` when it is not empty
    hello_timeout_ms: Ms = 3_000
    drain_ms: Ms = 5_000  # how long a stopping server lets sessions finish
    stalled_ms: Ms = 5_000  # a client that has not read for this long is dropped


class AdapterSettings(Settings, kw_only=True, frozen=True):
    """Which engine, and its own options (checked by the engine)."""

    adapter: str
    options: dict[str, Any] = {}


class TurnSettings(Settings, kw_only=True, frozen=True):
    """How speech becomes turns."""

    speech_probability: Probability = 0.5  # at or above: speech
    silence_probability: Probability = 0.35  # below: silence; between: as before
    start_ms: Ms = 64  # speech must last this long to open a turn
    barge_in_ms: Ms = 96  # and this long to cut a reply
    hold_ms: Ms = 480  # silence that ends a turn
    max_turn_ms: Ms = 60_000  # a turn is called over after this much speech
    preroll_ms: Ms = 320  # sound before the start that the recogniser gets too


class ReplySettings(Settings, kw_only=True, frozen=True):
    """How replies are sent."""

    frame_ms: Ms = 20
    lead_ms: Ms = 400  # sound is sent at most this far ahead of the player's ear
    played_timeout_ms: Ms = 5_000  # a client that does not report playback loses the reply
    max_steps: Positive = 4  # rounds of tool calls within one reply
    mind_timeout_ms: Ms = 15_000
    voice_timeout_ms: Ms = 5_000


class CharacterSettings(Settings, kw_only=True, frozen=True):
    """Who speaks. `file` is a character file; empty is the built-in blacksmith."""

    file: str = ""
    voice: str = ""
    speed: Annotated[float, Meta(ge=0.5, le=2.0)] = 1.0


class LogSettings(Settings, kw_only=True, frozen=True):
    """What people say is logged at DEBUG only."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["text", "json"] = "text"


class FrametalkSettings(Settings, kw_only=True, frozen=True):
    """The whole tree."""

    server: ServerSettings = ServerSettings()
    vad: AdapterSettings = AdapterSettings(adapter="silero")
    asr: AdapterSettings = AdapterSettings(adapter="pocketsphinx")
    llm: AdapterSettings = AdapterSettings(adapter="scripted")
    tts: AdapterSettings = AdapterSettings(adapter="espeak")
    turns: TurnSettings = TurnSettings()
    reply: ReplySettings = ReplySettings()
    character: CharacterSettings = CharacterSettings()
    log: LogSettings = LogSettings()


def load(
    file: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    flags: Sequence[str] = (),
) -> FrametalkSettings:
    """Read the tree. Flags are `section.key=value`; variables `FRAMETALK_SECTION__KEY=value`.

    Raises ConfigError for what cannot be read, an unknown key, a wrong type or a value out of range.
    """
    tree: dict[str, Any] = {}
    if file is not None:
        tree = _read_toml(file)
    for name, value in sorted(environment.items()):
        if name.startswith(ENVIRONMENT_PREFIX) and "__" in name:
            path = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
            _set(tree, path, _parse(value), name)
    for flag in flags:
        path_text, equals, value = flag.partition("=")
        if not equals:
            raise ConfigError(f"flag {flag!r} has no value", remedy="write section.key=value")
        _set(tree, path_text.strip().split("."), _parse(value), flag)
    try:
        return msgspec.convert(tree, FrametalkSettings)
    except msgspec.ValidationError as error:
        raise ConfigError(str(error), remedy="docs/settings.md lists every key") from None


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from None


def _parse(value: str) -> Any:
    """A TOML value where it is one, else the text itself."""
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value


def _set(tree: dict[str, Any], path: Sequence[str], value: Any, origin: str) -> None:
    branch = tree
    for key in path[:-1]:
        branch = branch.setdefault(key, {})
        if not isinstance(branch, dict):
            raise ConfigError(f"{origin}: {key} is a value, not a section")
    branch[path[-1]] = value
