"""Calls of tools: only words that are surely a command ask for one.

A sure call has the pattern's words in their order, things of the scene in its slots, and no other words
but articles, fillers and politeness; one word may be misheard.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from frametalk.adapters.llm.scripted.alignment import Aligned, alignments
from frametalk.adapters.llm.scripted.meanings import EXACT, Match, Meaning
from frametalk.adapters.llm.scripted.phrases import Phrase, pattern_of
from frametalk.adapters.llm.scripted.politeness import NO_LAYERS, Layers, layers_of, without
from frametalk.adapters.llm.scripted.things import Things

MISHEARD_COST = 10.0
MAX_WORDS = 24
MAX_ASKED_WORDS = 3  # "the big blue door"; a longer one is rather another sentence


class Calls:
    """The patterns of calls in one request.

    `affords`: the ids of the things that a tool applies to; `called`: the names by which the player
    calls the character; `known`: words that are not another word misheard.
    """

    def __init__(
        self,
        patterns: Sequence[tuple[str, Meaning]],
        things: Things,
        affords: Mapping[str, Collection[str]],
        called: Sequence[str],
        known: Collection[str],
    ) -> None:
        phrases = [(pattern_of(text), meaning) for text, meaning in patterns]
        self._patterns = [(phrase, meaning) for phrase, meaning in phrases if phrase.words]
        self._things = things
        self._affords = affords
        self._layers = layers_of(called)
        self._known = known

    def sure(self, phrase: Phrase) -> Match | None:
        """The call that the words surely ask for."""
        return self._best(phrase, self._layers)

    def exact(self, phrase: Phrase) -> Match | None:
        """The call whose pattern the words are, with nothing around it and nothing misheard."""
        match = self._best(phrase, NO_LAYERS)
        return match if match is not None and match.score == EXACT else None

    def unclear(self, phrase: Phrase) -> Match | None:
        """A call of which only the thing is not known, with the things that may be meant."""
        return next((m for m in self._matches(phrase, self._layers) if m.options), None)

    def again(self, before: Match, phrase: Phrase) -> Match | None:
        """The call before once more, for words that only name a thing: "take the map", "the rope"."""
        words = phrase.words
        if (
            "thing" not in before.slots
            or not phrase.articles <= {0}
            or len(words) > MAX_ASKED_WORDS
        ):
            return None
        ids = self._things.find(words).ids
        if not ids and len(words) == 1:
            ids = self._things.numbered(words[0])
        if len(ids) == 1:
            return replace(before, slots={**before.slots, "thing": ids[0]}, score=EXACT)
        options = ids or self._things.like(words)
        return replace(before, options=options, open_slot="thing") if options else None

    def _best(self, phrase: Phrase, layers: Layers) -> Match | None:
        sure = (match for match in self._matches(phrase, layers) if not match.options)
        return max(sure, key=lambda match: match.score, default=None)

    def _matches(self, phrase: Phrase, layers: Layers) -> Iterator[Match]:
        if not phrase.whole or len(phrase.words) > MAX_WORDS:
            return
        for bare in without(layers, phrase):
            for pattern, meaning in self._patterns:
                for aligned in alignments(pattern, bare, self._known):
                    if aligned.misheard and bare is not phrase:
                        continue  # "Smith takes the sword" is told of somebody
                    if (match := self._resolved(meaning, aligned)) is not None:
                        yield match

    def _resolved(self, meaning: Meaning, aligned: Aligned) -> Match | None:
        """The call with its things; with options if one of them is not clear, None if none is near."""
        slots: dict[str, object] = dict(aligned.slots)
        misheard, open_slot = aligned.misheard, ""
        options: tuple[str, ...] = ()
        if not aligned.articled <= self._things.articled:
            return None  # "open the door of the king": such an article begins another name
        for slot, words in aligned.names.items():
            found = self._things.find(words)
            misheard += found.misheard
            ids = self._likeliest(meaning, slot, found.ids)
            if len(ids) == 1:
                slots[slot] = ids[0]
                continue
            like = ids or self._applicable(meaning, slot, self._things.like(words))
            if open_slot or not like or len(words) > MAX_ASKED_WORDS:
                return None
            options, open_slot = like, slot
        if misheard > 1:
            return None
        return Match(meaning.index, slots, EXACT - MISHEARD_COST * misheard, options, open_slot)

    def _likeliest(self, meaning: Meaning, slot: str, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Of several things the one pointed at, else those that the tool applies to."""
        pointed = [id_ for id_ in self._things.pointed if id_ in ids]
        return (pointed[0],) if pointed else self._applicable(meaning, slot, ids)

    def _applicable(self, meaning: Meaning, slot: str, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Those that the tool applies to, if any; only the first slot's thing is acted on."""
        affords = self._affords.get(meaning.tool, ()) if slot == "thing" and len(ids) > 1 else ()
        return tuple(id_ for id_ in ids if id_ in affords) or ids
