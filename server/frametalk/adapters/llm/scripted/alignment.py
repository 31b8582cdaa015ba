"""How the words of an utterance fit those of a pattern, word by word."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from frametalk.adapters.llm.scripted.likeness import likeness
from frametalk.adapters.llm.scripted.phrases import DIRECTIONS, Phrase, is_number, phrase_of

MAX_NAME_WORDS = 6
MISHEARD = 66.0  # "unlock" heard as "unlike"
MISHEARD_SHORT, SHORT = 75.0, 5  # letters
_PAST = frozenset(
    "took taken gave given got gotten brought lit held broke broken spoke spoken stole stolen threw thrown "
    "wrote written drove driven shot slept left drank drunk swung stood ate eaten put read sold told chose "
    "chosen blew blown drew drawn grew knew flew hid hidden hung kept laid led lent lost made meant met "
    "paid ran rang rung rode said sang sent shook shaken shut sank sat slid spent stuck struck swam swept "
    "tore torn woke woken won wore worn wound began begun bent bit bitten bought built burnt caught cut "
    "dug fed fell fallen felt fought found forgot froze went gone".split()
)


@dataclass(frozen=True, slots=True)
class Aligned:
    """What stands in the slots of a pattern: values, and words that should name things.

    `articled` are words within a name that have an article before them, as in "door of the cellar".
    `misheard` counts words that are not quite the pattern's.
    """

    slots: Mapping[str, object] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    misheard: int = 0
    articled: frozenset[str] = frozenset()


def alignments(pattern: Phrase, said: Phrase, known: Collection[str]) -> Iterator[Aligned]:
    """All ways in which the words fit the pattern from the first to the last, with one misheard at most.

    A word that is `known` is not a misheard one. An article must stand before a name, or where the
    pattern has one.
    """
    if pattern.joined:
        yield from _joined(pattern, said)
    else:
        yield from _from(0, 0, Aligned(), (pattern, said, known))


def _joined(pattern: Phrase, said: Phrase) -> Iterator[Aligned]:
    """The alignment without regard to where words end."""
    slots = [word for word in pattern.words if word[0] == "{"]
    parts = ["(.+)" if word in slots else re.escape(word) for word in pattern.words]
    found = re.fullmatch("".join(parts), "".join(said.words))
    if found is None:
        return
    values: dict[str, object] = {}
    names: dict[str, tuple[str, ...]] = {}
    for slot, text in zip(slots, found.groups(), strict=True):
        words = phrase_of(text).words
        if slot.startswith("{thing"):
            names[slot.strip("{}")] = words
        elif slot == "{number}" and len(words) == 1 and is_number(words[0]):
            values["number"] = float(words[0])
        elif slot == "{direction}" and text in DIRECTIONS:
            values["direction"] = DIRECTIONS[text]
        else:
            return
    yield Aligned(values, names)


def _from(
    at: int, word_at: int, so_far: Aligned, given: tuple[Phrase, Phrase, Collection[str]]
) -> Iterator[Aligned]:
    pattern, said, known = given
    if at == len(pattern.words):
        if word_at == len(said.words):
            yield so_far
        return
    if word_at == len(said.words):
        return
    wanted, word = pattern.words[at], said.words[word_at]
    if wanted.startswith("{thing"):
        last = min(len(said.words), word_at + MAX_NAME_WORDS)
        for end in range(word_at + 1, last + 1):
            names = {**so_far.names, wanted.strip("{}"): said.words[word_at:end]}
            inner = {said.words[n] for n in range(word_at + 1, end) if n in said.articles}
            fitting = replace(so_far, names=names, articled=so_far.articled | inner)
            yield from _from(at + 1, end, fitting, given)
        return
    if word_at in said.articles and at not in pattern.articles:
        return
    fits = _fitted(wanted, word, so_far, known)
    if fits is not None:
        yield from _from(at + 1, word_at + 1, fits, given)


def _fitted(wanted: str, word: str, so_far: Aligned, known: Collection[str]) -> Aligned | None:
    """The alignment with this word as well; None if it does not fit."""
    if wanted == "{number}":
        return _with_slot(so_far, "number", float(word)) if is_number(word) else None
    if wanted == "{direction}":
        direction = DIRECTIONS.get(word)
        return _with_slot(so_far, "direction", direction) if direction else None
    if word == wanted:
        return so_far
    if so_far.misheard or word in known or not is_misheard(word, wanted):
        return None
    return replace(so_far, misheard=so_far.misheard + 1)


def _with_slot(so_far: Aligned, slot: str, value: object) -> Aligned:
    return replace(so_far, slots={**so_far.slots, slot: value})


def is_misheard(said: str, meant: str) -> bool:
    """Whether a word may be a misheard or mistyped `meant`, and is not another form of it."""
    if said[0] != meant[0] or not (said.isalpha() and meant.isalpha()):
        return False
    if said == f"{meant}s" or meant == f"{said}s":
        return True
    if said in _PAST or said.endswith(("ed", "ing", "er")):
        return False
    shorter = min(len(said), len(meant))
    score = likeness(said, meant)
    return score >= (MISHEARD if shorter >= SHORT else MISHEARD_SHORT) and shorter >= SHORT - 1
