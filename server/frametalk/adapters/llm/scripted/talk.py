"""Talk: an utterance is understood by its likeness with a pattern; nothing is done about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from frametalk.adapters.llm.scripted.alignment import alignments
from frametalk.adapters.llm.scripted.likeness import nearest
from frametalk.adapters.llm.scripted.meanings import Match, Meaning
from frametalk.adapters.llm.scripted.phrases import DIRECTIONS, Phrase, is_number, pattern_of
from frametalk.adapters.llm.scripted.things import Things

# With the sentences in tests/adapters/llm/scripted/test_mind.py: one wrong word still scores 82 or more, a
# sentence that means something else at most 71.
THRESHOLD = 77.0
NEAREST = 5  # patterns that are looked at; the most similar may have other slots
MAX_VARIANTS = 16

Slots = dict[str, object]


class Talk:
    """The patterns of talk in one request."""

    def __init__(self, patterns: Sequence[tuple[str, Meaning]], things: Things) -> None:
        self._things = things
        self._patterns = [
            (words, meaning.index)
            for text, meaning in patterns
            for words in _directed(pattern_of(text).words)
        ]
        self._joined = [
            (pattern, meaning.index)
            for text, meaning in patterns
            if (pattern := pattern_of(text)).joined
        ]
        self._texts = [" ".join(words) for words, _index in self._patterns]
        self._longest = 2 * max((len(words) for words, _index in self._patterns), default=0)
        self.indexes = frozenset(index for _words, index in self._patterns)

    def likely(self, phrase: Phrase) -> Match | None:
        """The most similar talk; numbers and names must be the same."""
        best = self._exactly(phrase)
        if len(phrase.words) > self._longest + self._things.longest:
            return best
        for words, slots in self._variants(phrase.words):
            numbers = sorted(filter(is_number, words))
            at_least = max(THRESHOLD, best.score if best else 0.0)
            for score, index in nearest(" ".join(words), self._texts, at_least, NEAREST):
                pattern, meaning = self._patterns[index]
                same_slots = set(slots) == {word.strip("{}") for word in pattern if word[0] == "{"}
                same_numbers = sorted(filter(is_number, pattern)) == numbers
                if same_slots and same_numbers and (best is None or score > best.score):
                    best = Match(meaning, slots, score)
        return best

    def _exactly(self, phrase: Phrase) -> Match | None:
        """The talk whose pattern fits where words are not divided by spaces."""
        for pattern, index in self._joined:
            for aligned in alignments(pattern, phrase, ()):
                named = {
                    slot: self._things.exact(words).ids for slot, words in aligned.names.items()
                }
                if all(named.values()):
                    return Match(
                        index, {**aligned.slots, **{s: ids[0] for s, ids in named.items()}}
                    )
        return None

    def _variants(self, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Slots]]:
        """The words as they are, and with one name or all numbers replaced by slots."""
        yield words, {}
        count = 0
        for begin in range(len(words)):
            for end in range(min(len(words), begin + self._things.longest), begin, -1):
                ids = self._things.exact(words[begin:end]).ids
                if ids and count < MAX_VARIANTS:
                    count += 1
                    yield (*words[:begin], "{thing}", *words[end:]), {"thing": ids[0]}
        numbers = [word for word in words if is_number(word)]
        if numbers:
            said = tuple("{number}" if is_number(word) else word for word in words)
            yield said, {"number": float(numbers[0])}


def _directed(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """A pattern of talk for each word that stands for a direction."""
    if "{direction}" not in words:
        return [words] if words else []
    return [
        tuple(direction if word == "{direction}" else word for word in words)
        for direction in DIRECTIONS
    ]
