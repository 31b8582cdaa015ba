"""The meaning of stage directions: "nods", "emotion: happy", "looks at the door" -> cues for the body.

The known words are in data/directions.toml, those of other languages than English in data/languages/.
English ones are known in every session, because many minds write them in any language. An unknown
direction becomes a gesture named by its own words, so that a game may give it a meaning.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from frametalk.core.languages import base_of, language_of
from frametalk.text.direction_words import found_in

MAX_NAME_CHARS = 40

CueKind = Literal["gesture", "emotion", "gaze"]

_TABLE: dict[str, Any] = tomllib.loads(
    files("frametalk").joinpath("data/directions.toml").read_text(encoding="utf-8")
)
_GESTURES = frozenset(_TABLE["gestures"])
_GAZES = frozenset(_TABLE["gazes"])
_PHRASES: dict[str, str] = _TABLE["phrases"]
_PHRASE_VERBS = frozenset(phrase.split()[0] for phrase in _PHRASES)
_EMOTIONS = {word: name for name, words in _TABLE["emotions"].items() for word in words}
_KINDS: dict[str, CueKind] = {
    "action": "gesture",
    "anim": "gesture",
    "animation": "gesture",
    "gesture": "gesture",
    "emotion": "emotion",
    "expression": "emotion",
    "feeling": "emotion",
    "mood": "emotion",
    "gaze": "gaze",
    "look": "gaze",
    "look at": "gaze",
    "lookat": "gaze",
}
_SUBJECTS = frozenset("he she they it".split())
_AFTER_VERBS = frozenset(
    "the his her their its my your a an at on into up down back out away over around toward towards".split()
)
_AFTER_SUBJECTS = frozenset("of are is were was".split())
_AFTER_NOUNS = _AFTER_SUBJECTS | frozenset(
    "and or for good great fine like right nice to that".split()
)
_IGNORED = frozenset("a an the his her their my your its".split())
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_KEYED = re.compile(r"\s*([a-z][a-z ]{0,12}?)\s*[:=]\s*[\"']?([^\"'=<>]+?)[\"']?\s*", re.IGNORECASE)
_TAG = re.compile(r"([a-z]+)\b(?:[^\"'>]*[\"']([^\"'>]*)[\"'])?", re.IGNORECASE)
_STRENGTH = re.compile(r"^(.*?)[\s:=,]+(1(?:\.0+)?|0?\.\d+|0)$")
_PARTS = re.compile(r"\s*(?:[,;]|\band\b|\bthen\b)\s*")


@dataclass(frozen=True, slots=True)
class Cue:
    """Something for the body to do. `value` is an emotion's strength, 0 to 1."""

    kind: CueKind
    name: str
    value: float = 1.0


def _emoji(table: str, kind: CueKind) -> dict[str, Cue]:
    characters: dict[str, str] = _TABLE[table]
    return {emoji: Cue(kind, name) for name, group in characters.items() for emoji in group}


EMOJI = {**_emoji("emoji", "emotion"), **_emoji("emoji_gestures", "gesture")}
"""Cues of single characters; other emoji have no clear meaning."""


def cues_of(direction: str, language: str = "en") -> tuple[Cue, ...]:
    """The cues of a direction, given without the brackets around it; none if it has no words."""
    keyed = _KEYED.fullmatch(direction)
    if keyed and (kind := _KINDS.get(keyed[1].lower())):
        return _of_kind(kind, keyed[2])
    bare, value = _strength(direction)
    if known := _known_in(bare, value, language):
        return known
    if known := tuple(cue for part in _PARTS.split(bare) for cue in _known(part, value)):
        return known
    name = slug(bare)
    return (Cue("gesture", name),) if name and not name.isdigit() else ()


def cues_of_tag(tag: str) -> tuple[Cue, ...]:
    """The cues of a tag, given without the angle brackets: `gaze target="door"/`, `happy/`, `b`.

    A tag that is not a direction has none.
    """
    match = _TAG.match(tag)
    if match is None:
        return ()
    kind = _KINDS.get(match[1].lower())
    if kind is not None:
        return _of_kind(kind, match[2] or "")
    word = match[1].lower()
    return tuple(_known(word, 1.0)) if word in _EMOTIONS or _verb(word) in _GESTURES else ()


def is_action(direction: str, language: str = "en") -> bool:
    """Whether it begins with a known verb in the form of a direction: "sighs", not "sigh"."""
    if _begins_with(direction, language, "gesture"):
        return True
    words = _WORD.findall(direction.lower())
    if not words or not _is_inflected(words[0]):
        return False
    verb = _verb(words[0])
    return verb in _GESTURES or any(cue.name != verb for cue in _known(direction, 1.0) if verb)


def is_emotion(direction: str, language: str = "en") -> bool:
    """Whether it begins with a word for an emotion."""
    words = _WORD.findall(direction.lower())
    return bool(words) and (words[0] in _EMOTIONS or _begins_with(direction, language, "emotion"))


def reads_as_action(direction: str, language: str = "en") -> bool:
    """Whether its first word may be an action.

    That is a known verb; in English also a form in -s or -ing before other words.
    """
    if is_action(direction, language):
        return True
    words = _WORD.findall(direction.lower())
    if not words or base_of(language) != "en":
        return False
    return _verb(words[0]) != "" or (len(words) > 1 and _is_inflected(words[0]))


def narrates_action(direction: str, language: str = "en", *, surely: bool = False) -> bool:
    """Whether it tells what the speaker does, where only a direction or a sentence may stand.

    "slams the table" and "he nods" do; "Swords and shields" and "Drinks are free" do not. `surely`: only
    known words and plain forms count.
    """
    words = _WORD.findall(direction.lower())
    if is_action(direction, language):
        return len(words) < 2 or words[1] not in _AFTER_SUBJECTS  # noqa: PLR2004
    small = direction[:1].islower() and not surely
    if len(words) < 2:  # noqa: PLR2004  (a verb and more)
        return False
    if base_of(language) != "en":
        # A sentence that is stressed begins with a capital, and other stress with an article.
        known = language_of(language)
        return small and known.known and words[0] not in known.trailing and direction[-1].isalpha()
    if words[0] in _SUBJECTS:
        return is_action(direction.split(None, 1)[-1], language)
    if not _is_inflected(words[0]):
        return False
    return words[1] in _AFTER_VERBS or (small and words[1] not in _AFTER_NOUNS)


def slug(text: str) -> str:
    """A name made of a text's words: "Twirls his beard!" -> "twirls_his_beard"."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return "_".join(re.findall(r"\w+", plain))[:MAX_NAME_CHARS].strip("_")


def _known_in(direction: str, value: float, language: str) -> tuple[Cue, ...]:
    found = sorted(found_in(direction, language))
    cues = (Cue(kind, name, value if kind == "emotion" else 1.0) for _at, kind, name in found)
    return tuple(dict.fromkeys(cues))


def _begins_with(direction: str, language: str, kind: CueKind) -> bool:
    start = len(direction) - len(direction.lstrip())
    return any(at == start and found == kind for at, found, _name in found_in(direction, language))


def _of_kind(kind: CueKind, text: str) -> tuple[Cue, ...]:
    bare, value = _strength(text)
    name = slug(bare)
    if kind == "emotion":
        name = _EMOTIONS.get(name, name)
    elif kind == "gesture":
        return tuple(Cue(kind, cue.name) for cue in cues_of(bare)[:1])
    return (Cue(kind, name, value if kind == "emotion" else 1.0),) if name else ()


def _strength(text: str) -> tuple[str, float]:
    match = _STRENGTH.match(text.strip())
    return (match[1], float(match[2])) if match else (text.strip(), 1.0)


def _known(part: str, value: float) -> Iterator[Cue]:
    """The cue of the first known word in a part of a direction, if there is one."""
    words = [word for word in _WORD.findall(part.lower()) if word not in _IGNORED]
    for index, word in enumerate(words):
        verb = _verb(word)
        if word in _EMOTIONS:
            yield Cue("emotion", _EMOTIONS[word], value)
        elif verb and (index == 0 or _is_inflected(word)):
            yield _of_verb(verb, words[index + 1 :])
        else:
            continue
        return


def _of_verb(verb: str, rest: list[str]) -> Cue:
    if rest:
        for form in _forms(rest[0]):
            if phrase := _PHRASES.get(f"{verb} {form}"):
                return Cue("gesture", phrase)
    if verb in _GAZES and len(rest) > 1 and rest[0] in {"at", "to", "toward", "towards"}:
        return Cue("gaze", slug(" ".join(rest[1:])))
    return Cue("gesture", verb)


def _verb(word: str) -> str:
    """The plain form of a known verb; empty for any other word."""
    for form in _forms(word):
        if form in _GESTURES or form in _GAZES or form in _PHRASE_VERBS:
            return form
    return ""


def _forms(word: str) -> Iterator[str]:
    """The plain forms that a word may be an inflection of."""
    yield word
    if word.endswith("s"):
        yield word[:-1]
    if word.endswith("es"):
        yield word[:-2]
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
    if word.endswith("ing"):
        stem = word[:-3]
        yield from (stem, f"{stem}e", stem[:-1])


_NOT_VERBS = frozenset(
    "always as is this thus was has does his hers its theirs yours us yes less unless perhaps "
    "nothing something anything everything during king bring sing thing ring spring".split()
)


def _is_inflected(word: str) -> bool:
    third_person = word.endswith("s") and not word.endswith("ss")
    return (third_person or word.endswith("ing")) and word not in _NOT_VERBS
