"""What a line says in its placeholders: things, reasons and values, as a person would say them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from frametalk.adapters.llm.character import Words
from frametalk.core.scene import Entity

MAX_CHARACTERS = 2_000  # of a text from the game
MAX_LISTED = 8
MAX_DEPTH = 3
_PLACEHOLDER = re.compile(r"\{(thing|reason|value|verbs|things)\}")
_PLACE = re.compile(_PLACEHOLDER.pattern + r"(\.?)")
ENDS = (".", "!", "?", "\u2026", "\u3002")
_SPELT = {
    "true": True,
    "false": False,
    "none": None,
    "null": None,
    "nil": None,
    "undefined": None,
    "nan": None,
}
_WHOLE = re.compile(r"-?\d+\.0+")
_SENTENCE = re.compile(r"(?:^|(?<=[.!?] ))[a-z]")
# What programs write and people do not say: braces, tags, paths, snake_case, call(), names of errors.
_CODE = re.compile(r"[{}<>\[\]\\|=]|://|\w_\w|\w\(|\bError:|\w(?:Error|Exception)\b")
_CODE_NAME = re.compile(r"\S*(?:[a-z][A-Z]|[A-Z]\d|\d[A-Z])\S*")  # DoorIsLocked, E42
_DATA = re.compile(r"\s*[\[{<]|.*\w(?:Error|Exception)\b", re.DOTALL)
_NAME = re.compile(r"[a-z]+(?:_[a-z]+)*")
_NUMBERED = re.compile(r"(?:\d|\s[A-Z]|\s[IVX]+)$")  # "door 2", "door B", "Gate II"
_ARTICLES = ("the ", "a ", "an ", "my ", "your ", "his ", "her ", "our ", "their ")
# Keys of maps that wrap the value itself.
_WRAPPERS = frozenset(
    "value result text message answer name price cost amount count total number quantity".split()
)
_COUNTS = ("count", "amount", "quantity", "number")


def chosen(lines: Sequence[str], turn: int, values: Mapping[str, str]) -> str:
    """Another line each turn, of those whose placeholders all have a value; empty if there is none.

    Lines that say the reason or the value come before those that do not.
    """
    fitting = [
        line for line in lines if all(values.get(name) for name in _PLACEHOLDER.findall(line))
    ]
    telling = [line for line in fitting if "{reason}" in line or "{value}" in line] or fitting
    return filled(telling[turn % len(telling)], values) if telling else ""


def filled(line: str, values: Mapping[str, str]) -> str:
    """The line with its placeholders replaced once; values come from players and games."""

    def said(found: re.Match[str]) -> str:
        text = values.get(found[1])
        return found[0] if not text else text if text.endswith(ENDS) else text + found[2]

    text = _PLACE.sub(said, line)
    return _SENTENCE.sub(lambda begin: begin.group().upper(), text)


def listed(items: Sequence[str], join: str) -> str:
    """ "Gold, silver and iron"."""
    return f"{', '.join(items[:-1])} {join} {items[-1]}" if items[1:] else "".join(items)


def thing(entity: Entity | None, words: Words) -> str:
    """A thing's name with its article: "the red door", "door 2"; "it" for what is not in the scene."""
    if entity is None or not entity.name.strip():
        return words.it
    name = entity.name.strip()
    numbered = _NUMBERED.search(name)
    has_article = name.lower().startswith(_ARTICLES)
    return name if numbered or has_article else words.thing.replace("{name}", name)


def reason(text: str) -> str:
    """A game's reason without its last dot; empty if it is for developers, not for players."""
    text = text.strip().rstrip(".").strip()
    return text if is_sayable(text) and "\n" not in text and not _CODE.search(text) else ""


def is_sayable(text: str) -> bool:
    """Whether a person would say a text from the game. A text of several words may contain marks."""
    has_words = any(character.isalnum() for character in text)
    if not has_words or len(text) > MAX_CHARACTERS:
        return False
    if len(text.split()) > 1:
        return _DATA.match(text) is None
    return _CODE.search(text) is None and _CODE_NAME.fullmatch(text) is None


def value(found: Any, words: Words, scene: Mapping[str, Entity], depth: int = 0) -> str:
    """A tool's result as a person would say it; empty if it cannot be said.

    True is "yes", 12.0 is "12", a list "gold, silver and iron", {"gold": 25} "25 gold", an entity's id
    the entity's name.
    """
    if isinstance(found, bool):
        return words.yes if found else words.no
    if isinstance(found, int | float):
        return _number(found)
    if isinstance(found, str):
        return _text(found, words, scene)
    if depth >= MAX_DEPTH:
        return ""
    if isinstance(found, Mapping):
        return _map(found, words, scene, depth)
    if isinstance(found, list | tuple):
        said = [value(item, words, scene, depth + 1) for item in found if item is not None]
        return _several(said, words)
    return ""


def _number(found: float) -> str:
    if isinstance(found, int) or found.is_integer():
        return str(int(found))
    if not math.isfinite(found):
        return ""
    places = 2 if abs(found) >= 1 else 3 - math.floor(math.log10(abs(found)))
    text = f"{found:.{min(places, 6)}f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def _text(found: str, words: Words, scene: Mapping[str, Entity]) -> str:
    text = found.strip()
    if text.lower() in _SPELT:
        return value(_SPELT[text.lower()], words, scene)
    if _WHOLE.fullmatch(text):
        return text.partition(".")[0]
    if is_sayable(text):
        return text
    if text in scene:
        return thing(scene[text], words)
    return text.replace("_", " ") if _NAME.fullmatch(text) else ""


def _map(found: Mapping[Any, Any], words: Words, scene: Mapping[str, Entity], depth: int) -> str:
    """A map of amounts, of one value, or of a thing with a name; others cannot be said without knowing
    what they mean.
    """
    if len(found) == 1:
        (key, only), *_ = found.items()
        if str(key).lower() in _WRAPPERS:
            return value(only, words, scene, depth + 1)
    if isinstance(name := found.get("name"), str):
        counts = [found[key] for key in _COUNTS if isinstance(found.get(key), int | float)]
        said = _text(name, words, scene)
        return f"{_number(counts[0])} {said}" if counts and said else said
    amounts = {
        _text(str(key), words, {}): amount
        for key, amount in found.items()
        if isinstance(amount, int | float) and not isinstance(amount, bool)
    }
    if len(amounts) != len(found) or not all(amounts):
        return ""
    return _several([f"{_number(amount)} {name}" for name, amount in amounts.items()], words)


def _several(said: Sequence[str], words: Words) -> str:
    """All of them in one phrase; empty if one cannot be said, or there are too many to listen to."""
    if not said:
        return words.nothing
    return listed(said, words.and_) if all(said) and len(said) <= MAX_LISTED else ""
