"""Sentences that are known here: what the mind understands, and verbs with the scene's things."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from frametalk.core.english_numbers import BELOW_TWENTY, TENS

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|\{\w+\}", re.UNICODE)
_LEFT_OUT = frozenset("the a an my your this please now then".split())
_JOINS = frozenset({"and", "then"})
_NUMBERS = frozenset({*BELOW_TWENTY, *TENS, "hundred"}) - {"zero"}
THING, NUMBER = "{thing}", "{number}"


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation."""
    return _WORD.findall(text.lower())


class Commands:
    """Tells whether a text is one of the known sentences, or the beginning of one.

    `phrases` may hold `{thing}` and `{number}`; `things` are names, `verbs` the tools' verbs. Articles
    and politeness do not count. Two commands may be joined by "and".
    """

    def __init__(self, phrases: Iterable[str], verbs: Iterable[str], things: Iterable[str]) -> None:
        names = {tuple(words_of(name)) for name in things}
        self._things = sorted((name for name in names if name), key=len, reverse=True)
        self._half_things = {
            name[:count] for name in self._things for count in range(1, len(name))
        } - set(self._things)
        self._verbs = {tuple(words_of(verb)) for verb in verbs if words_of(verb)}
        self._sentences = {tuple(self._plain(words_of(phrase))) for phrase in phrases}
        self._beginnings = {
            sentence[:count] for sentence in self._sentences for count in range(1, len(sentence))
        }

    def complete(self, text: str) -> bool:
        """Whether all of the text is known sentences."""
        parts = self._parts(text)
        return bool(parts) and all(
            self._known(part) or (index > 0 and part == (THING,))
            for index, part in enumerate(parts)
        )

    def likelier(self, text: str, others: Sequence[str]) -> str:
        """Of several readings of one sound the one that is a whole command; else the first.

        A reading with more than one word more or less is of something else.
        """
        if self.complete(text):
            return text
        count = len(words_of(text))
        near = (one for one in others if abs(len(words_of(one)) - count) <= 1)
        return next(filter(self.complete, near), text)

    def wants_more(self, text: str) -> bool:
        """Whether the text's last part begins a known sentence without being one."""
        parts = self._parts(text)
        if not parts or self._known(parts[-1]):
            return False
        last = parts[-1]
        listing = len(last) > 1 and last[-1] == last[-2] == THING
        half = any(last[-count:] in self._half_things for count in range(1, len(last)))
        return listing or half or last in self._beginnings or last in self._verbs

    def _known(self, part: tuple[str, ...]) -> bool:
        acts = part[-1:] == (THING,) and any(part[: len(verb)] == verb for verb in self._verbs)
        return part in self._sentences or (acts and part.count(THING) == 1)

    def _parts(self, text: str) -> list[tuple[str, ...]]:
        """The text cut at its joins; a join at the end leaves an empty part behind it."""
        words = words_of(text)
        parts: list[tuple[str, ...]] = []
        begin = 0
        for index, word in enumerate([*words, "and"]):
            if word in _JOINS:
                parts.append(tuple(self._plain(words[begin:index])))
                begin = index + 1
        return parts if words else []

    def _plain(self, words: Sequence[str]) -> list[str]:
        """Things and numbers by their placeholders, without what may be left out."""
        plain: list[str] = []
        index = 0
        while index < len(words):
            taken = self._thing_at(words, index)
            if taken:
                plain.append(THING)
            elif words[index] in _NUMBERS or words[index].isdigit():
                if plain[-1:] != [NUMBER]:
                    plain.append(NUMBER)
            elif words[index] not in _LEFT_OUT:
                plain.append(words[index])
            index += taken or 1
        return plain

    def _thing_at(self, words: Sequence[str], index: int) -> int:
        """How many words from `index` on name a thing."""
        for name in self._things:
            if tuple(words[index : index + len(name)]) == name:
                return len(name)
        return 0
