"""Matches an utterance with patterns, tolerant of misrecognised words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz import fuzz, process

from frametalk.adapters.llm.scripted.numbers import number_at
from frametalk.adapters.llm.scripted.words import ARTICLES, read
from frametalk.core.scene import Entity

# With the sentences in tests/adapters/llm/scripted/test_mind.py: one wrong word still scores 82 or more, a
# sentence that means something else at most 71.
THRESHOLD = 77.0
NUMBER = "#"
DIRECTIONS = {
    "forward": "forward", "forwards": "forward", "ahead": "forward", "back": "back",
    "backwards": "back", "backward": "back", "left": "left", "right": "right",
}  # fmt: skip
POINTING = frozenset({"that", "there", "it", "this", "them"})
FILLERS = frozenset({"please", "um", "uh", "er", "now", "well", "so", "hey", "just", "okay", "me"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that can be understood, the index of its meaning, and its slots."""

    text: str
    meaning: int
    slots: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """A meaning with its slots, and a score of 0 to 100."""

    meaning: int
    slots: Mapping[str, object]
    score: float


# A scene's few thousand sentences are the same turn after turn; reading them takes 30 ms.
@lru_cache(maxsize=32_768)
def plain(text: str) -> tuple[str, float | None]:
    """The words that matter, with a number replaced by `#`, and the number's value."""
    words = list(read(text).words)
    number: float | None = None
    for at in range(len(words)):
        found = number_at(words, at)
        if found is not None:
            number, end = found
            words[at:end] = [NUMBER]
            break
    ignored = (ARTICLES - POINTING) | FILLERS
    kept = [word for word in words if word not in ignored]
    return " ".join(kept or words), number


def expand(
    pattern: str, meaning: int, names: Mapping[str, str], pointed: Sequence[str]
) -> Iterator[Candidate]:
    """All sentences of a pattern. `names` maps names to things; "it" and the like mean the last of
    `pointed`.
    """
    things = {**names, **(dict.fromkeys(POINTING, pointed[-1]) if pointed else {})}
    for name, thing in things.items() if "{thing}" in pattern else [("", "")]:
        with_thing = pattern.replace("{thing}", name)
        for word, direction in DIRECTIONS.items() if "{direction}" in pattern else [("", "")]:
            text = with_thing.replace("{direction}", word).replace("{number}", "1")
            slots = {"thing": thing, "direction": direction}
            yield Candidate(plain(text)[0], meaning, slots)


def best(text: str, candidates: Sequence[Candidate]) -> Match | None:
    """The candidate most similar to the text; None below the threshold."""
    words, number = plain(text)
    found = process.extractOne(
        words,
        [candidate.text for candidate in candidates],
        scorer=fuzz.ratio,
        score_cutoff=THRESHOLD,
    )
    if found is None:
        return None
    _text, score, index = found
    candidate = candidates[index]
    return Match(candidate.meaning, {**candidate.slots, "number": number}, score)


def understand(texts: Iterable[str], candidates: Sequence[Candidate]) -> list[Match]:
    """The meanings of an utterance, given its readings, likeliest first; may be empty.

    An utterance without a meaning as a whole is matched in parts: "open the door and bring me the key",
    "take the map and the rope".
    """
    readings = [text for text in texts if text.strip()]
    wholes = [match for text in readings if (match := best(text, candidates)) is not None]
    if wholes:
        return [max(wholes, key=lambda match: match.score)]
    for text in readings:
        parts = re.split(r"\band(?: then)?\b|\bthen\b", text.lower())
        found = [best(part, candidates) for part in _with_verbs(parts)]
        if len(found) > 1 and all(found):
            return [match for match in found if match is not None]
    return []


def _with_verbs(parts: Sequence[str]) -> list[str]:
    """Parts, where a part without a verb gets that of the part before: "take the map", "take the rope"."""
    whole: list[str] = []
    for part in parts:
        words = part.split()
        bare = bool(whole) and bool(words) and words[0] in ARTICLES
        whole.append(f"{whole[-1].split()[0]} {part}" if bare else part)
    return whole


def names_of(scene: Mapping[str, Entity]) -> dict[str, str]:
    """Names and aliases of things to their ids; a name takes precedence over another's alias."""
    names: dict[str, str] = {}
    for entity in scene.values():
        for alias in entity.aliases:
            names.setdefault(plain(alias)[0], entity.id)
    names.update({plain(entity.name)[0]: entity.id for entity in scene.values()})
    return {name: id_ for name, id_ in names.items() if name}
