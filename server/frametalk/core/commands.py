"""The commands of a scene: sentences that the mind knows, and the tools' verbs with the scene's things."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from frametalk.core.english_numbers import BELOW_TWENTY, TENS

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|\{\w+\}", re.UNICODE)
_OPTIONAL = frozenset("the a an my your this please now then".split())
_JOINS = frozenset({"and", "then"})
_NUMBERS = frozenset({*BELOW_TWENTY, *TENS, "hundred"}) - {"zero"}
MAX_NAME_WORDS = 12  # of a longer name no command is made
MAX_AFTER_VERB = 2  # "give me the key"; with more words between, it is rather another sentence
_SPELT = {str(value): word for word, value in BELOW_TWENTY.items()}
PIECE_NAMES = 64  # that are learnt without a break: less than a millisecond
THING, NUMBER = "{thing}", "{number}"

Words = tuple[str, ...]


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation."""
    return _WORD.findall(text.lower())


@lru_cache(maxsize=4_096)
def _phrase(text: str) -> Words:
    return tuple(words_of(text))


def _ways(name: str) -> frozenset[Words]:
    """How a thing's name may be said: with numbers as written, and spelt."""
    written = tuple(words_of(name))
    if not 0 < len(written) <= MAX_NAME_WORDS:
        return frozenset()
    return frozenset({written, tuple(_SPELT.get(word, word) for word in written)})


class _Names:
    """The names of things by their first word. A name may be there several times."""

    def __init__(self) -> None:
        self._from: dict[str, dict[Words, int]] = {}

    def add(self, name: Words) -> None:
        counts = self._from.setdefault(name[0], {})
        counts[name] = counts.get(name, 0) + 1

    def remove(self, name: Words) -> None:
        counts = self._from[name[0]]
        counts[name] -= 1
        if not counts[name]:
            del counts[name]
        if not counts:
            del self._from[name[0]]

    def length_at(self, words: Sequence[str], index: int) -> int:
        """How many words at `index` are a name, the longest; 0 if none is there."""
        if names := self._from.get(words[index]):
            for count in range(min(MAX_NAME_WORDS, len(words) - index), 0, -1):
                if tuple(words[index : index + count]) in names:
                    return count
        return 0

    def begin_with(self, words: Words) -> bool:
        """Whether a name goes on after these words, which are none themselves."""
        names = self._from.get(words[0], {})
        count = len(words)
        return words not in names and any(
            len(name) > count and name[:count] == words for name in names
        )


class Commands:
    """Tells whether a text is a known command, or the beginning of one.

    `phrases` may contain `{thing}` and `{number}`; `things` are names, `verbs` the tools' verbs. Articles
    and "please" are ignored. Two commands may be joined by "and".
    """

    def __init__(
        self, phrases: Iterable[str], verbs: Iterable[str], things: Iterable[str] = ()
    ) -> None:
        self._phrases = [_phrase(phrase) for phrase in phrases]
        self._in_phrases = frozenset(word for phrase in self._phrases for word in phrase)
        self._verbs = {phrase for verb in verbs if (phrase := _phrase(verb))}
        self._things: dict[str, frozenset[Words]] = {}
        self._names = _Names()
        self._changed = True  # words of the phrases may name other things than before
        self._sentences: frozenset[Words] = frozenset()
        self._beginnings: frozenset[Words] = frozenset()
        for _piece in self.learn(things):
            pass

    def learn(self, things: Iterable[str]) -> Iterator[None]:
        """Change the things to these, in pieces of PIECE_NAMES: others may have their turn between them.

        It costs what has changed. Where it is given up, another one goes on from there.
        """
        new = dict.fromkeys(things)
        changed = [(name, False) for name in self._things if name not in new]
        changed += [(name, True) for name in new if name not in self._things]
        for index, (name, is_new) in enumerate(changed, 1):
            if is_new:
                self._add(name)
            else:
                self._remove(name)
            if index % PIECE_NAMES == 0:
                yield
        if self._changed:
            self._changed = False
            sentences = self._sentences = frozenset(tuple(self._plain(p)) for p in self._phrases)
            self._beginnings = frozenset(
                sentence[:count] for sentence in sentences for count in range(1, len(sentence))
            )

    def _add(self, thing: str) -> None:
        ways = self._things[thing] = _ways(thing)
        for way in ways:
            self._names.add(way)
            self._changed |= way[0] in self._in_phrases

    def _remove(self, thing: str) -> None:
        for way in self._things.pop(thing):
            self._names.remove(way)
            self._changed |= way[0] in self._in_phrases

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
        longest = min(len(last), MAX_NAME_WORDS)
        partial = any(self._names.begin_with(last[-count:]) for count in range(1, longest))
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
            thing_length = self._names.length_at(words, index)
            if thing_length:
                plain.append(THING)
            elif words[index] in _NUMBERS or words[index].isdigit():
                if plain[-1:] != [NUMBER]:
                    plain.append(NUMBER)
            elif words[index] not in _OPTIONAL:
                plain.append(words[index])
            index += thing_length or 1
        return plain
