"""Which things some words mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.llm.scripted.phrases import phrase_of
from frametalk.adapters.llm.scripted.things import NEW_NAMES, PIECE_THINGS, Found, Things
from frametalk.core.scene import Entity
from pauses import pauses

SCENE = {
    entity.id: entity
    for entity in (
        Entity("door", "red door", aliases=("door", "front door")),
        Entity("iron", "iron key", aliases=("key",)),
        Entity("gold", "golden key"),
        Entity("torch", "torch"),
        Entity("bow", "bow and arrow"),
        Entity("c1", "cell 1"),
        Entity("c2", "cell 2"),
    )
}


def find(text: str, *pointed: str) -> Found:
    return Things(SCENE, pointed).find(phrase_of(text).words)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("the red door", ["door"]), ("door", ["door"]), ("key", ["iron"]), ("golden key", ["gold"]),
        ("the golden one", ["gold"]), ("bow and arrow", ["bow"]), ("cell two", ["c2"]),
        ("second cell", ["c2"]), ("cell", ["c1", "c2"]), ("the second one", ["c2"]),
        ("cell 3", []), ("third cell", []), ("silver key", []), ("wooden key", []), ("golden", []),
        ("blue door", []), ("red", []), ("one", []), ("two", []), ("it", []), ("", []),
    ],
)  # fmt: skip
def test_words_find_the_things_that_they_surely_mean(text: str, ids: list[str]) -> None:
    assert list(find(text).ids) == ids


@pytest.mark.parametrize(
    ("text", "id_"), [("toch", "torch"), ("gulden key", "gold"), ("keys", "iron")]
)
def test_one_word_of_a_name_may_be_misheard(text: str, id_: str) -> None:
    assert find(text) == Found((id_,), misheard=True)


def test_it_is_what_was_pointed_at_last() -> None:
    assert find("it", "torch", "door").ids == ("torch",)
    assert find("that one", "torch").ids == ("torch",)


def test_things_of_the_same_kind_are_offered() -> None:
    things = Things(SCENE)
    assert things.like(("cell", "7")) == ("c1", "c2")
    assert things.like(("silver", "key")) == ("iron", "gold")
    assert things.like(("7",)) == ()
    assert things.like(()) == ()


@given(st.lists(st.text(max_size=12), max_size=4).map(tuple), st.text(max_size=12))
def test_every_name_and_every_text_is_survived(names: tuple[str, ...], text: str) -> None:
    scene = {name: Entity(name, name, aliases=names) for name in names}
    things = Things(scene, names)
    words = phrase_of(text).words
    assert set(things.find(words).ids) <= set(names)
    assert set(things.like(words)) <= set(names)


def test_others_have_their_turn_while_a_large_scene_is_read() -> None:
    scene = {f"e{n}": Entity(f"e{n}", f"thing {n} of a large scene") for n in range(512)}
    assert pauses(Things.of(scene)) >= 512 // NEW_NAMES
    assert pauses(Things.of(scene)) == 512 // PIECE_THINGS
    things = Things(scene)
    assert things.find(phrase_of("thing 511 of a large scene").words).ids == ("e511",)
