"""World files: the entities, tools and rules of a game, in TOML."""

from __future__ import annotations

import dataclasses
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from frametalk.core.scene import Entity, StateValue
from frametalk.core.tools import ToolSpec
from frametalk.errors import ConfigError

T = TypeVar("T")


class ToolRule(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"when": "if"}
):
    """What a call does if every condition of `if` is true: refuse, or change the world.

    Keys are `argument.key` or `entity_id.key`, for the state of that entity. Texts may contain
    `{argument}` (the entity's name), `{argument.key}` (a value of its state) and `{argument.id}`. `walk`
    names the argument or entity that moves by the call's `direction` and `metres`.
    """

    when: dict[str, StateValue] = {}
    refuse: str = ""
    set: dict[str, StateValue] = {}
    value: str = ""
    walk: str = ""


class WorldTool(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tool of a world file; the first rule that fits decides a call."""

    name: str
    description: str = ""
    verbs: tuple[str, ...] = ()
    parameters: dict[str, Any] = {}
    changes_world: bool = True
    deadline_ms: int = 2000
    scope: str = ""
    rules: tuple[ToolRule, ...] = ()

    def spec(self) -> ToolSpec:
        """The tool as `hello` declares it."""
        return ToolSpec(
            self.name,
            self.description,
            self.parameters,
            self.changes_world,
            self.deadline_ms,
            self.verbs,
            self.scope,
        )


class WorldFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole world. `player` is the id of the player's own entity."""

    name: str
    player: str = "player"
    entity: tuple[Entity, ...] = ()
    tool: tuple[WorldTool, ...] = ()


def load_world(name: str, near: Path | None = None) -> WorldFile:
    """Read a world, given by its file (also beside `near`) or a shipped name such as `tavern`.

    Raises ConfigError that names file, place and remedy.
    """
    path = find_toml(name, "worlds", near)
    tree = read_toml(path)
    known = {field.name for field in dataclasses.fields(Entity)}
    for index, entity in enumerate(tree.get("entity", [])):
        if isinstance(entity, dict) and (unknown := set(entity) - known):
            raise ConfigError(
                f"{path}: entity {index + 1} has the unknown key {min(unknown)!r}",
                remedy=f"use {', '.join(sorted(known))}",
            )
    return convert(tree, WorldFile, path)


def data_folder(name: str) -> Path:
    """A folder of the package's data."""
    return Path(str(resources.files("frametalk"))) / "data" / name


def find_toml(name: str, folder: str, near: Path | None = None) -> Path:
    """The file of that path, beside `near`, or shipped in `data/FOLDER`."""
    shipped = data_folder(folder)
    places = [Path(name), shipped / f"{name}.toml"]
    if near is not None:
        places.insert(0, near.parent / name)
    for place in places:
        if place.is_file():
            return place
    names = ", ".join(sorted(file.stem for file in shipped.glob("*.toml")))
    raise ConfigError(f"{name}: no such file", remedy=f"give a path, or one of {names}")


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file. Raises ConfigError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}", remedy="correct the TOML") from None


def convert(tree: Any, kind: type[T], where: object) -> T:
    """Convert TOML's data to a type; ConfigError names `where`."""
    try:
        return msgspec.convert(tree, kind)
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"{where}: {error}", remedy="see docs/scenarios.md for all keys"
        ) from None
