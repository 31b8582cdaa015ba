"""Words around a command that do not change it: who is called, "could you", "for me"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from frametalk.adapters.llm.scripted.phrases import Phrase, phrase_of

_BEFORE = tuple(
    tuple(words.split())
    for words in (
        "can you", "could you", "would you", "will you", "i want you to", "i would like you to",
        "i need you to", "go and", "yes", "yeah", "alright", "all right", "then",
    )
)  # fmt: skip
_AFTER = tuple(
    tuple(words.split())
    for words in (
        "will you", "would you", "can you", "could you", "if you can", "quickly", "again", "then",
        "thanks", "thank you", "okay",
    )
)  # fmt: skip
_YES = frozenset(
    tuple(words.split())
    for words in (
        "yes",
        "yeah",
        "yes that 1",
        "yes it",
        "exactly",
        "right",
        "that 1",
        "all right",
        "okay",
    )
)
MAX_LAYERS = 3  # "Bram, could you please ..."


@dataclass(frozen=True, slots=True)
class Layers:
    """What may stand before a command, and after it."""

    before: tuple[tuple[str, ...], ...] = ()
    after: tuple[tuple[str, ...], ...] = ()


NO_LAYERS = Layers()


def layers_of(called: Iterable[str]) -> Layers:
    """All layers, with the names by which the player calls the character."""
    names = tuple({words for name in called if (words := phrase_of(name).words)})
    return Layers((*_BEFORE, *names), (*_AFTER, *names))


def without(layers: Layers, phrase: Phrase) -> Iterator[Phrase]:
    """The phrase, then the phrase without one layer after the other."""
    yield phrase
    for _ in range(MAX_LAYERS):
        shorter = _shorter(phrase, layers)
        if shorter is None:
            return
        phrase = shorter
        yield phrase


def _shorter(phrase: Phrase, layers: Layers) -> Phrase | None:
    words = phrase.words
    for layer in layers.before:
        if words[: len(layer)] == layer and not _has_article(phrase, 0, len(layer)):
            return _cut(phrase, len(layer), len(words))
    for layer in layers.after:
        begin = len(words) - len(layer)
        if words[begin:] == layer and not _has_article(phrase, begin, len(words)):
            return _cut(phrase, 0, begin)
    return None


def _has_article(phrase: Phrase, begin: int, end: int) -> bool:
    return any(begin <= at < end for at in phrase.articles)


def _cut(phrase: Phrase, begin: int, end: int) -> Phrase | None:
    if begin >= end:
        return None
    articles = frozenset(at - begin for at in phrase.articles if begin <= at < end)
    return Phrase(phrase.words[begin:end], articles, phrase.whole)


def is_yes(text: str) -> bool:
    """Whether the text agrees and says nothing else."""
    return phrase_of(text).words in _YES
