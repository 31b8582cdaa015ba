"""Which things of a scene some words may mean."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from frametalk.adapters.llm.scripted.likeness import likeness
from frametalk.adapters.llm.scripted.phrases import POINTING, is_number, is_ordinal, read_phrase
from frametalk.core import naming
from frametalk.core.scene import Entity

PRONOUNS = POINTING - {"there"}
ONE = "1"  # the number, and the "one" of "the red one"
NEARLY = (
    80.0  # a name's word with one wrong letter; names as different as "golden" and "wooden" have 67
)
_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z])")  # IronKey
# Of a scene, that are read without a break: a millisecond or two.
PIECE_THINGS = 128
NEW_NAMES = 32
MIN_LETTERS = 4  # of a word that may be misheard


@dataclass(frozen=True, slots=True)
class Found:
    """The ids that some words may mean, best first. `misheard`: one word differs from the name's."""

    ids: tuple[str, ...]
    misheard: bool = False


NOTHING = Found(())


@dataclass(frozen=True, slots=True)
class _Name:
    """What a name says, in one or two ways; `all` the words, and those with an article before them."""

    ways: tuple[tuple[str, ...], ...]
    all: frozenset[str]
    articled: frozenset[str]


class Things:
    """The things of a scene by their words; `pointed` are ids that "it" may mean, likeliest first."""

    def __init__(self, scene: Mapping[str, Entity], pointed: Sequence[str] = ()) -> None:
        self.pointed = pointed
        for _piece in self._read(scene):
            pass

    @classmethod
    async def of(cls, scene: Mapping[str, Entity], pointed: Sequence[str] = ()) -> Things:
        """As the constructor; in a large scene others have their turn meanwhile."""
        things = cls({}, pointed)
        for _piece in things._read(scene):
            await asyncio.sleep(0)
        return things

    def _read(self, scene: Mapping[str, Entity]) -> Iterator[None]:
        by_name: dict[tuple[str, ...], list[str]] = {}
        aliases: dict[tuple[str, ...], list[str]] = {}
        words: set[str] = set()
        articled: set[str] = set()
        new = _name.cache_info().misses
        for count, (entity, names) in enumerate(naming.named(scene.values()), 1):
            for text in names:
                name = _name(text)
                words |= name.all
                articled |= name.articled
                for way in name.ways:
                    ids = (by_name if text == entity.name else aliases).setdefault(way, [])
                    if entity.id not in ids:
                        ids.append(entity.id)
            read = _name.cache_info().misses
            if read - new >= NEW_NAMES or count % PIECE_THINGS == 0:
                new = read
                yield
        for way, ids in aliases.items():
            by_name.setdefault(way, ids)
        self._by_name, self.words, self.articled = by_name, words, articled
        self.longest = max(map(len, by_name), default=0) + 1  # "the second red door"

    def exact(self, words: tuple[str, ...]) -> Found:
        """What exactly this name means, or a pronoun."""
        if len(words) == 1 and words[0] in PRONOUNS:
            return Found(tuple(self.pointed[:1]))
        if words[-1:] == (ONE,) and len(words) == 2 and words[0] in PRONOUNS:  # noqa: PLR2004
            return Found(tuple(self.pointed[:1]))
        return Found(tuple(self._by_name.get(_numbered(words), ())))

    def find(self, words: tuple[str, ...]) -> Found:
        """What these words surely mean: a name, the end of a name, a number, one word misheard."""
        if not words:
            return NOTHING
        exact = self.exact(words)
        return exact if exact.ids else self._part(words) or self._near(words)

    def like(self, words: Sequence[str]) -> tuple[str, ...]:
        """Things that share the last word or the number's noun, to ask which one is meant."""
        nouns = [word for word in words if not _is_place(word)]
        if not nouns:
            return ()
        ids = [
            id_ for name, ids in self._by_name.items() if _head(name) == nouns[-1] for id_ in ids
        ]
        return tuple(dict.fromkeys(ids))

    def _part(self, words: tuple[str, ...]) -> Found | None:
        """ "The door" for the red door, "the red one", "the second one", where such things are."""
        wanted = _numbered(words)
        stands_for_noun = wanted[-1:] == (ONE,) and len(wanted) > 1
        ids: list[str] = []
        for name, named in self._by_name.items():
            if _contains(name, wanted) and _has_head(name, wanted):
                ids += named
            elif stands_for_noun and _contains(name[:-1], wanted[:-1]) and name[-1] != ONE:
                ids += [] if _head(name) in wanted else named
        if not ids and len(words) <= 2 and is_ordinal(words[0]) and words[1:] in {(), (ONE,)}:  # noqa: PLR2004
            ids += self.numbered(words[0].removesuffix("th"))
        return Found(tuple(dict.fromkeys(ids))) if ids else None

    def numbered(self, number: str) -> tuple[str, ...]:
        """Ids of the things whose name ends with this number."""
        ids = [id_ for name, ids in self._by_name.items() if name[-1] == number for id_ in ids]
        return tuple(dict.fromkeys(ids))

    def _near(self, words: tuple[str, ...]) -> Found:
        wanted = _numbered(words)
        ids = [
            id_
            for name, named in self._by_name.items()
            if len(name) == len(wanted) and self._one_differs(name, wanted)
            for id_ in named
        ]
        return Found(tuple(dict.fromkeys(ids)), misheard=True) if ids else NOTHING

    def _one_differs(self, name: tuple[str, ...], said: tuple[str, ...]) -> bool:
        pairs = [(a, b) for a, b in zip(name, said, strict=True) if a != b]
        if len(pairs) != 1:
            return False
        (meant, heard) = pairs[0]
        long_enough = min(len(meant), len(heard)) >= MIN_LETTERS or heard == f"{meant}s"
        return (
            long_enough
            and heard not in self.words
            and not _is_place(meant)
            and not _is_place(heard)
            and likeness(meant, heard) >= NEARLY
        )


@lru_cache(maxsize=4_096)  # a scene's names are the same turn after turn
def _name(text: str) -> _Name:
    phrase = read_phrase(_JOINED.sub(" ", text))
    ways = dict.fromkeys((_numbered(phrase.words), _roman(phrase.words, text)))
    return _Name(
        tuple(filter(None, ways)),
        frozenset(word for way in ways for word in way),
        # "cellar" of "door of the cellar": words within the name
        frozenset(phrase.words[at] for at in phrase.articles if at > 0),
    )


def _numbered(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words with a place in a row as a number at the end: "second door" -> "door 2"."""
    places = [word for word in words if is_ordinal(word)]
    if len(places) != 1 or any(map(is_number, words[:-1])):
        return words
    number = places[0].removesuffix("th")
    rest = [word for word in words if word not in places]
    if rest[-1:] == [ONE]:  # "the second one"
        rest.pop()
    elif any(map(is_number, rest)):
        return words
    return (*rest, number) if rest else words


def _roman(words: tuple[str, ...], name: str) -> tuple[str, ...]:
    """A name's words, with "II" at its end as 2."""
    value = _ROMAN.get(name.strip().rpartition(" ")[2])
    return (*words[:-1], value) if value and len(words) > 1 else words


_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4", "VI": "6", "VII": "7", "VIII": "8", "IX": "9"}


def _is_place(word: str) -> bool:
    """Whether the word numbers things: "2", "second", "A"."""
    return is_number(word) or is_ordinal(word) or (len(word) == 1 and word.isascii())


def _head(name: Sequence[str]) -> str:
    """The noun of a name: its last word that does not number it."""
    return next((word for word in reversed(name) if not _is_place(word)), "")


def _has_head(name: Sequence[str], words: Sequence[str]) -> bool:
    return _head(name) in words


def _contains(name: Iterable[str], words: Sequence[str]) -> bool:
    """Whether the words are part of the name, in this order."""
    rest = iter(name)
    return bool(words) and all(word in rest for word in words)
