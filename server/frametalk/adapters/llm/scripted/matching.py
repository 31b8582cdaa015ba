"""What a player may have meant: an utterance against patterns, tolerant of misheard words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz import fuzz, process

from frametalk.adapters.llm.scripted.numbers import number_at
from frametalk.adapters.llm.scripted.words import ARTICLES, read
from frametalk.core.scene import Entity

# Chosen on the sentences of tests/adapters/llm/test_scripted.py: what is meant, misheard by a word,
# scores 82 and more; what is not meant at most 71.
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
    """One sentence that would be understood: what it stands for, and its slots."""

    text: str
    meaning: int
    slots: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """What was understood, with a score of 0 to 100."""

    meaning: int
    slots: Mapping[str, object]
    score: float


# A scene's few thousand sentences are the same turn after turn; reading them anew takes 30 ms.
@lru_cache(maxsize=32_768)
def plain(text: str) -> tuple[str, float | None]:
    """Words that matter, and the number among them, which is written `#`."""
    words = list(read(text).words)
    number: float | None = None
    for at in range(len(words)):
        found = number_at(words, at)
        if found is not None:
            number, end = found
            words[at:end] = [NUMBER]
            break
    dropped = (ARTICLES - POINTING) | FILLERS
    kept = [word for word in words if word not in dropped]
    return " ".join(kept or words), number


def expand(
    pattern: str, meaning: int, names: Mapping[str, str], pointed: Sequence[str]
) -> Iterator[Candidate]:
    """All sentences of a pattern. `names` are things by what they are called; "it" and the like mean
    what `pointed` says, newest last.
    """
    things = {**names, **(dict.fromkeys(POINTING, pointed[-1]) if pointed else {})}
    for name, thing in things.items() if "{thing}" in pattern else [("", "")]:
        with_thing = pattern.replace("{thing}", name)
        for word, direction in DIRECTIONS.items() if "{direction}" in pattern else [("", "")]:
            text = with_thing.replace("{direction}", word).replace("{number}", "1")
            slots = {"thing": thing, "direction": direction}
            yield Candidate(plain(text)[0], meaning, slots)


def best(text: str, candidates: Sequence[Candidate]) -> Match | None:
    """The candidate that the text is most like; None when it is like none of them."""
    said, number = plain(text)
    found = process.extractOne(
        said, [one.text for one in candidates], scorer=fuzz.ratio, score_cutoff=THRESHOLD
    )
    if found is None:
        return None
    _text, score, index = found
    one = candidates[index]
    return Match(one.meaning, {**one.slots, "number": number}, score)


def understand(texts: Iterable[str], candidates: Sequence[Candidate]) -> list[Match]:
    """What the readings of one utterance mean, the likeliest reading first; empty when nothing.

    An utterance that is not understood as a whole is tried in parts: "open the door and bring me the
    key", "take the map and the rope".
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
    """Parts that are a bare thing get the verb of the part before: "take the map", "take the rope"."""
    whole: list[str] = []
    for part in parts:
        words = part.split()
        bare = bool(whole) and bool(words) and words[0] in ARTICLES
        whole.append(f"{whole[-1].split()[0]} {part}" if bare else part)
    return whole


def names_of(scene: Mapping[str, Entity]) -> dict[str, str]:
    """What things are called -> their ids; a full name beats another thing's alias."""
    names: dict[str, str] = {}
    for entity in scene.values():
        for alias in entity.aliases:
            names.setdefault(plain(alias)[0], entity.id)
    names.update({plain(entity.name)[0]: entity.id for entity in scene.values()})
    return {name: id_ for name, id_ in names.items() if name}
