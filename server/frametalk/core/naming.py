"""The names by which the things of a scene may be called, and what a name means."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from frametalk.core.scene import Entity

# More names than people know in one place, and longer ones than they say, would only cost time.
MAX_NAMES = 2_048
MAX_NAME_CHARS = 100

_ARTICLES = frozenset({"the", "a", "an", "my", "your", "his", "her", "our", "their", "some"})


def named(entities: Collection[Entity]) -> Iterator[tuple[Entity, tuple[str, ...]]]:
    """Each entity with the names that count: its name, then its aliases.

    There are MAX_NAMES in all, or as many as entities: each name counts before any alias. Names longer than
    MAX_NAME_CHARS do not count.
    """
    left = max(0, MAX_NAMES - len(entities))
    for entity in entities:
        names = (entity.name, *entity.aliases[:left])
        left -= len(names) - 1
        if max(map(len, names)) > MAX_NAME_CHARS:
            names = tuple(name for name in names if len(name) <= MAX_NAME_CHARS)
        yield entity, names


def plain_name(name: str) -> str:
    """A name in the form that is compared: lower case, single spaces, no leading article."""
    words = name.casefold().split()
    while len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    return " ".join(words)


def find_named(entities: Mapping[str, Entity], name: str) -> tuple[Entity, ...]:
    """The entities that `name` may mean: the one with this id, else by name, else by alias.

    Case and articles are ignored. Several entities when the name is ambiguous, none when it is unknown.
    """
    if name in entities:
        return (entities[name],)
    plain = plain_name(name)
    by_name: list[Entity] = []
    by_alias: list[Entity] = []
    for entity, names in named(entities.values()):
        matching = [each for each in names if plain_name(each) == plain]
        if plain and matching:
            (by_name if matching[0] == entity.name else by_alias).append(entity)
    return tuple(by_name or by_alias)
