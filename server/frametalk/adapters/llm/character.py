"""The character file: who a character is, what it understands and what it answers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from frametalk.core.languages import SetLines
from frametalk.core.scene import StateValue
from frametalk.errors import ConfigError

BUILT_IN = "blacksmith"

Lines = Annotated[tuple[str, ...], Meta(min_length=1)]


class Call(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A tool call; "{thing}", "{thing2}", "{number}", "{direction}" in `args` stand for what was said."""

    name: str
    args: dict[str, StateValue] = {}


class Intent(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Something a player may want, available while the scene's state equals `when` ("entity.key" ->
    value). One of `lines` is said, then `call` is made.
    """

    patterns: Lines
    when: dict[str, StateValue] = {}
    lines: tuple[str, ...] = ()
    call: Call | None = None


class Answers(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Lines for when a tool's call has ended; {thing}, {reason} and {value} are filled in.

    A line does not count while one of its placeholders cannot be said; {reason} is only what the game
    gave. A state without a line is answered by the lines of "*", then by `ANSWERS`.
    """

    done: Lines = ()
    refused: Lines = ()
    failed: Lines = ()
    timed_out: Lines = ()
    cancelled: Lines = ()
    invalid: Lines = ()


ANSWERS = Answers(
    done=("Done.",),
    refused=("I cannot: {reason}.", "I cannot do that."),
    failed=("That did not work: {reason}.", "That did not work."),
    timed_out=("Hm. Nothing happens.",),
    cancelled=("Never mind, then.",),
    invalid=("That is not something that I can do.",),
)


NOT_UNDERSTOOD = ("I did not understand. You can ask me to {verbs}.",)
WHICH = ("Do you mean {things}?",)


class Words(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The small words of a character's language, for what is filled in."""

    yes: str = "yes"
    no: str = "no"
    and_: str = msgspec.field(default="and", name="and")
    or_: str = msgspec.field(default="or", name="or")
    nothing: str = "nothing"
    it: str = "it"
    thing: str = "the {name}"


class Character(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A whole character file. `troubled` are lines for when the model fails to answer, `which` for when
    the player may mean several {things}; `called` are names that players call it by. `disclosure`,
    `deflecting`, `caring` and `parting` are its set lines, see `SetLines`.
    """

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    persona: str = ""
    greeting: str = ""
    troubled: Lines = (
        "Forgive me, my thoughts were elsewhere.",
        "Hm. I have lost my thread. Ask me again in a moment.",
    )
    not_understood: Lines = NOT_UNDERSTOOD
    which: Lines = WHICH
    called: tuple[str, ...] = ()
    disclosure: str = ""
    deflecting: tuple[str, ...] = ()
    caring: tuple[str, ...] = ()
    parting: tuple[str, ...] = ()
    words: Words = Words()
    intent: tuple[Intent, ...] = ()
    answers: dict[str, Answers] = {}

    @property
    def set_lines(self) -> SetLines:
        """What it says whatever its mind thinks."""
        return SetLines(self.disclosure, self.deflecting, self.caring, self.parting)


def load_all(paths: Sequence[str]) -> dict[str, Character]:
    """Characters of several files by name; without files the built-in blacksmith.

    Raises ConfigError as `load` does, and for two characters of the same name.
    """
    characters: dict[str, Character] = {}
    for path in paths or ("",):
        character = load(path)
        if character.name in characters:
            raise ConfigError(
                f"{path}: there is another character named {character.name!r}",
                remedy="set a different `name` in each file",
            )
        characters[character.name] = character
    return characters


def phrases(character: Character) -> tuple[str, ...]:
    """All its patterns, in the form of the recogniser's bias."""
    patterns = [
        re.sub(r"\{thing\w+\}", "{thing}", pattern)
        for intent in character.intent
        for pattern in intent.patterns
    ]
    return tuple(
        pattern.replace("{direction}", direction)
        for pattern in patterns
        for direction in (("forward", "back", "left", "right") if "{dir" in pattern else ("",))
    )


def load(path: str = "") -> Character:
    """The character of a file, or a built-in one by name; empty is the blacksmith.

    Raises ConfigError, which names the file, the key and the remedy.
    """
    built_in = files("frametalk") / "data" / "characters" / f"{path or BUILT_IN}.toml"
    is_name = re.fullmatch(r"\w*", path) is not None
    try:
        file = built_in if is_name and built_in.is_file() else Path(path)
        text = file.read_text(encoding="utf-8")
        return msgspec.convert(tomllib.loads(text), Character)
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror}", remedy="check the path of the character file"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(
            f"{path or BUILT_IN}: {error}", remedy="see docs/characters.md for every key"
        ) from None
