"""Matches an utterance with patterns: as a whole, or in parts that all have a meaning."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from frametalk.adapters.llm.scripted.calls import Calls
from frametalk.adapters.llm.scripted.likeness import likeness
from frametalk.adapters.llm.scripted.meanings import EXACT, Match, Meaning
from frametalk.adapters.llm.scripted.phrases import DIRECTIONS, is_number, pattern_of, phrase_of
from frametalk.adapters.llm.scripted.talk import Talk
from frametalk.adapters.llm.scripted.things import Things

SAME_SOUND = (
    55.0  # between a text and another reading of its sound: "they'll deliver", "pull the lever"
)
IN_PARTS = 95.0  # for talk beside calls, so that salad beside them is not taken for talk
MAX_PARTS = 16
MAX_CHARACTERS = 1_000  # of a text with parts
_JOINS = re.compile(r"\b(?:and|then)\b", re.IGNORECASE)
_PAUSES = re.compile(
    r"(?<!\d)[.,](?!\d)|(?<=\d)[.,](?=\s|$)|[;:!?\n\u3001\u3002\uff0c\uff01\uff1f]"
)
_DENIALS = frozenset({"not", "never", "no", "nobody", "nothing"})


class Patterns:
    """The patterns that count in one request, with the scene's things.

    `affords`: the ids of the things that a tool applies to; `called`: the names by which the player
    calls the character.
    """

    def __init__(
        self,
        patterns: Sequence[tuple[str, Meaning]],
        things: Things,
        affords: Mapping[str, Collection[str]],
        called: Sequence[str] = (),
    ) -> None:
        words = frozenset(word for text, _meaning in patterns for word in pattern_of(text).words)
        known = things.words.union(words, DIRECTIONS)
        calls = [(text, meaning) for text, meaning in patterns if meaning.tool]
        talk = [(text, meaning) for text, meaning in patterns if not meaning.tool]
        self._calls = Calls(calls, things, affords, called, known)
        self._talk = Talk(talk, things)
        self._things = things

    def understand(
        self, text: str, others: Sequence[str] = (), before: Sequence[Match] = ()
    ) -> list[Match]:
        """The meanings of an utterance, given its other readings, likeliest first; may be empty.

        An utterance without a meaning as a whole is matched in parts: "open the door and bring me the
        key", "take the map and the rope". One that begins with "and" continues the call `before`.
        """
        whole = self._whole(text)
        if whole is None and len(text) <= MAX_CHARACTERS:
            for parts in (_JOINS.split(text), _in_clauses(text)):
                if matches := self._all(parts, before):
                    return matches
        found = [whole, *(self._other(text, other) for other in others)]
        if understood := [match for match in found if match is not None]:
            return [max(understood, key=lambda match: match.score)]
        asked = self._calls.unclear(phrase_of(text))
        return [asked] if asked else []

    def named(self, text: str, among: Collection[str]) -> str:
        """The one of these things that a text names, and nothing else; empty if it does not."""
        words = phrase_of(text).words
        found = self._things.find(words).ids if words else ()
        if len(words) == 1 and is_number(words[0]):
            found = self._things.numbered(words[0])
        ids = [id_ for id_ in found if id_ in among]
        return ids[0] if len(ids) == 1 else ""

    def _whole(self, text: str) -> Match | None:
        phrase = phrase_of(text)
        sure = self._calls.sure(phrase)
        if sure is not None and sure.score == EXACT:
            return sure
        likely = self._talk.likely(phrase)
        return max(filter(None, (sure, likely)), key=lambda match: match.score, default=None)

    def _other(self, text: str, other: str) -> Match | None:
        """The meaning of another reading of the same sound.

        A call must be exact, sound like the text, and the text must not deny it.
        """
        phrase = phrase_of(other)
        if _DENIALS.isdisjoint(phrase_of(text).words) and _sounds_like(text, other):
            sure = self._calls.exact(phrase)
            if sure is not None:
                return sure
        return self._talk.likely(phrase)

    def _all(self, parts: Sequence[str], before: Sequence[Match]) -> list[Match]:
        """The meanings of all parts; empty if one of them has none."""
        continues = not phrase_of(parts[0]).words
        if len(parts) > MAX_PARTS or (continues and not before):
            return []
        matches: list[Match] = []
        for part in parts:
            phrase, last = phrase_of(part), [*(before if continues else ()), *matches][-1:]
            if not phrase.words:
                continue
            match = self._whole(part)
            if match is None and last:
                match = self._calls.again(last[0], phrase)
            match = match or self._calls.unclear(phrase)
            if match is None:
                return []
            matches.append(match)
        talk = [match for match in matches if match.meaning in self._talk.indexes]
        doubtful = len(talk) < len(matches) and any(match.score < IN_PARTS for match in talk)
        return [] if doubtful else matches


def _sounds_like(text: str, other: str) -> bool:
    """Whether another reading is of about the same words, so that it may stand for the text."""
    ours, theirs = phrase_of(text).words, phrase_of(other).words
    return abs(len(ours) - len(theirs)) <= 1 and likeness(text, other) >= SAME_SOUND


def _in_clauses(text: str) -> list[str]:
    return [part for clause in _PAUSES.split(text) for part in _JOINS.split(clause)]
