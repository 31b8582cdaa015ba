"""Which names of a scene count, and what a name means."""

from __future__ import annotations

import pytest

from frametalk.core.naming import MAX_NAME_CHARS, MAX_NAMES, find_named, named
from frametalk.core.scene import Entity

DOOR = Entity("door", "red door", "door", ("front door", "door"))
IRON = Entity("iron_key", "iron key", "key", ("key",))
GOLD = Entity("golden_key", "Golden Key", "key", ("key",))
SCENE = {entity.id: entity for entity in (DOOR, IRON, GOLD)}


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("red door", ["door"]),
        ("The  Red Door", ["door"]),
        ("door", ["door"]),
        ("the front door", ["door"]),
        ("golden key", ["golden_key"]),
        ("key", ["iron_key", "golden_key"]),
        ("iron_key", ["iron_key"]),
        ("x" * (MAX_NAME_CHARS + 1), []),
        ("the", []),
        ("", []),
        ("dragon", []),
    ],
)
def test_an_entity_is_found_by_id_name_or_alias(name: str, ids: list[str]) -> None:
    assert [entity.id for entity in find_named(SCENE, name)] == ids


def test_every_name_counts_before_any_alias() -> None:
    scene = [Entity(f"e{n}", f"thing {n}", aliases=("a", "b", "c", "d")) for n in range(512)]
    names = [names for _entity, names in named(scene)]
    assert sum(map(len, names)) == MAX_NAMES
    assert names[0] == ("thing 0", "a", "b", "c", "d")
    assert names[-1] == ("thing 511",)


def test_a_name_that_is_too_long_to_be_said_does_not_count() -> None:
    long = Entity("long", "x" * (MAX_NAME_CHARS + 1), aliases=("short",))
    assert [names for _entity, names in named([long])] == [("short",)]
    assert find_named({"long": long}, "the short") == (long,)
