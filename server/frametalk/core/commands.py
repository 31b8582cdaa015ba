"""The commands of a scene: sentences that the mind knows, and the tools' verbs with the scene's things."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from frametalk.core.english_numbers import BELOW_TWENTY, TENS

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|\{\w+\}", re.UNICODE)
_OPTIONAL = frozenset("the a an my your this please now then".split())
_JOINS = frozenset({"and", "then"})
_NUMBERS = frozenset({*BELOW_TWENTY, *TENS, "hundred"}) - {"zero"}
MAX_NAME_WORDS = 12  # of a longer name no command is made
MAX_AFTER_VERB = 2  # "give me the key"; with more words between, it is rather another sentence
_SPELT = {str(value): word for word, value in BELOW_TWENTY.items()}
THING, NUMBER = "{thing}", "{number}"

Words = tuple[str, ...]


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation."""
    return _WORD.findall(text.lower())


class _Name(NamedTuple):
    """A thing's name as it may be said: with numbers as written and spelt, and the beginnings of these."""

    whole: frozenset[Words]
    beginnings: frozenset[Words]


@lru_cache(maxsize=16_384)  # a scene changes a little at a time
def _name(text: str) -> _Name:
    written = tuple(words_of(text))
    if not 0 < len(written) <= MAX_NAME_WORDS:
        return _Name(frozenset(), frozenset())
    whole = frozenset({written, tuple(_SPELT.get(word, word) for word in written)})
    beginnings = frozenset(name[:count] for name in whole for count in range(1, len(name)))
    return _Name(whole, beginnings)


@lru_cache(maxsize=4_096)
def _phrase(text: str) -> Words:
    return tuple(words_of(text))


class Commands:
    """Tells whether a text is a known command, or the beginning of one.

    `phrases` may contain `{thing}` and `{number}`; `things` are names, `verbs` the tools' verbs. Articles
    and "please" are ignored. Two commands may be joined by "and".
    """

    def __init__(self, phrases: Iterable[str], verbs: Iterable[str], things: Iterable[str]) -> None:
        names = [_name(thing) for thing in things]
        self._things: set[Words] = set().union(*(name.whole for name in names))
        self._partial_things = set().union(*(name.beginnings for name in names)) - self._things
        self._longest_from: dict[str, int] = {}  # how many words a name has, by its first one
        for name in self._things:
            self._longest_from[name[0]] = max(len(name), self._longest_from.get(name[0], 0))
        self._verbs = {phrase for verb in verbs if (phrase := _phrase(verb))}
        self._sentences = {tuple(self._plain(_phrase(phrase))) for phrase in phrases}
        self._beginnings = {
            sentence[:count] for sentence in self._sentences for count in range(1, len(sentence))
        }

    def complete(self, text: str) -> bool:
        """Whether the whole text consists of known commands."""
        parts = self._parts(text)
        return bool(parts) and all(
            self._known(part) or (index > 0 and part == (THING,))
            for index, part in enumerate(parts)
        )

    def likelier(self, text: str, others: Sequence[str]) -> str:
        """The first of the readings of one sound that is a whole command; `text` if there is none.

        A reading that is longer or shorter than `text` by more than one word does not count.
        """
        if self.complete(text):
            return text
        count = len(words_of(text))
        near = (other for other in others if abs(len(words_of(other)) - count) <= 1)
        return next(filter(self.complete, near), text)

    def incomplete(self, text: str) -> bool:
        """Whether the text's last part is only the beginning of a known command."""
        parts = self._parts(text)
        if not parts or self._known(parts[-1]):
            return False
        last = parts[-1]
        listing = len(last) > 1 and last[-1] == last[-2] == THING
        partial = any(last[-count:] in self._partial_things for count in range(1, len(last)))
        return listing or partial or last in self._beginnings or last in self._verbs

    def _known(self, part: tuple[str, ...]) -> bool:
        verb_and_thing = part[-1:] == (THING,) and any(
            part[: len(verb)] == verb and len(part) - len(verb) <= MAX_AFTER_VERB
            for verb in self._verbs
        )
        return part in self._sentences or (verb_and_thing and part.count(THING) == 1)

    def _parts(self, text: str) -> list[tuple[str, ...]]:
        """The text split at its conjunctions; one at the end leaves an empty part after it."""
        words = words_of(text)
        parts: list[tuple[str, ...]] = []
        begin = 0
        for index, word in enumerate([*words, "and"]):
            if word in _JOINS:
                parts.append(tuple(self._plain(words[begin:index])))
                begin = index + 1
        return parts if words else []

    def _plain(self, words: Sequence[str]) -> list[str]:
        """The words with placeholders for things and numbers, without optional words."""
        plain: list[str] = []
        index = 0
        while index < len(words):
            thing_length = self._thing_at(words, index)
            if thing_length:
                plain.append(THING)
            elif words[index] in _NUMBERS or words[index].isdigit():
                if plain[-1:] != [NUMBER]:
                    plain.append(NUMBER)
            elif words[index] not in _OPTIONAL:
                plain.append(words[index])
            index += thing_length or 1
        return plain

    def _thing_at(self, words: Sequence[str], index: int) -> int:
        """How many words at `index` name a thing; 0 if they do not."""
        longest = min(self._longest_from.get(words[index], 0), len(words) - index)
        for count in range(longest, 0, -1):
            if tuple(words[index : index + count]) in self._things:
                return count
        return 0
