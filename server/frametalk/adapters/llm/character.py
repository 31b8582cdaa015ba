"""The character file: who somebody is, what they understand, and what they say to it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from frametalk.core.scene import StateValue
from frametalk.errors import ConfigError

BUILT_IN = "blacksmith"

Lines = Annotated[tuple[str, ...], Meta(min_length=1)]


class Call(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A tool call. In `args`, "{thing}", "{thing2}", "{number}" and "{direction}" are what was said."""

    name: str
    args: dict[str, StateValue] = {}


class Intent(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Something that a player may want. It counts only while the scene's state is as in `when`
    ("entity.key" -> value). `lines` are said, one of them a time, before `call` is made.
    """

    patterns: Lines
    when: dict[str, StateValue] = {}
    lines: tuple[str, ...] = ()
    call: Call | None = None


class Answers(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is said when a tool's call has ended; {thing}, {reason} and {value} are filled in."""

    done: Lines = ("Done.",)
    refused: Lines = ("I cannot: {reason}.",)
    failed: Lines = ("That did not work: {reason}.",)
    timed_out: Lines = ("Hm. Nothing happens.",)
    cancelled: Lines = ("Never mind, then.",)
    invalid: Lines = ("That cannot be done: {reason}.",)


class Character(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A whole character file. `troubled` is said where a model should have answered and could not."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    persona: str = ""
    greeting: str = ""
    troubled: Lines = (
        "Forgive me, my thoughts were elsewhere.",
        "Hm. I have lost my thread. Ask me again in a moment.",
    )
    not_understood: Lines = ("I did not understand. You can ask me to {verbs}.",)
    intent: tuple[Intent, ...] = ()
    answers: dict[str, Answers] = {}


def load_all(paths: Sequence[str]) -> dict[str, Character]:
    """Read several character files, by the names in them; without any the built-in blacksmith.

    Raises ConfigError as `load` does, and for two files of one name.
    """
    characters: dict[str, Character] = {}
    for path in paths or ("",):
        one = load(path)
        if one.name in characters:
            raise ConfigError(
                f"{path}: there is another character {one.name!r}",
                remedy="give each file a name of its own",
            )
        characters[one.name] = one
    return characters


def phrases(character: Character) -> tuple[str, ...]:
    """All its patterns, as the recogniser's bias takes them."""
    patterns = [pattern for intent in character.intent for pattern in intent.patterns]
    return tuple(
        pattern.replace("{direction}", direction)
        for pattern in patterns
        for direction in (("forward", "back", "left", "right") if "{dir" in pattern else ("",))
    )


def load(path: str = "") -> Character:
    """Read a character file, or a built-in one by its name; an empty path is the blacksmith.

    Raises ConfigError that names the file, the key and the remedy.
    """
    built_in = files("frametalk") / "data" / "characters" / f"{path or BUILT_IN}.toml"
    plain = re.fullmatch(r"\w*", path) is not None
    try:
        file = built_in if plain and built_in.is_file() else Path(path)
        text = file.read_text(encoding="utf-8")
        return msgspec.convert(tomllib.loads(text), Character)
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror}", remedy="check the character's path"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(
            f"{path or BUILT_IN}: {error}", remedy="docs/characters.md lists every key"
        ) from None
