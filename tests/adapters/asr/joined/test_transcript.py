"""Which of two readings is the text, and that stable text never changes."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.asr.joined.transcript import Transcript
from frametalk.adapters.base import Hypothesis


def text(shown: Hypothesis | None) -> str | None:
    return None if shown is None else shown.text


def test_the_text_changes_from_the_scene_to_the_free_reading_once() -> None:
    one = Transcript()
    assert text(one.scene_partial(Hypothesis("open"))) == "open"
    assert one.scene_partial(Hypothesis("open")) is None
    assert one.free_partial(Hypothesis("")) is None
    assert text(one.free_partial(Hypothesis("Once upon"))) == "Once upon"
    assert one.scene_partial(Hypothesis("open the chest")) is None
    assert one.free_partial(Hypothesis("Once upon")) is None
    assert text(one.free_final(Hypothesis("Once upon a time."))) == "Once upon a time."


def test_a_final_of_the_scene_replaces_a_free_reading_that_is_not_settled() -> None:
    one = Transcript()
    one.free_final(Hypothesis("Um,"))
    assert text(one.scene_final(Hypothesis("open the chest"))) == "open the chest"
    assert text(one.scene_partial(Hypothesis("open the chest and"))) == "open the chest and"


def test_a_settled_free_reading_stays() -> None:
    one = Transcript()
    one.free_partial(Hypothesis("Once upon", stable=4))
    assert one.is_settled
    assert text(one.scene_final(Hypothesis("open the chest"))) == "Once upon"


def test_an_empty_free_final_means_that_nobody_spoke() -> None:
    one = Transcript()
    one.scene_partial(Hypothesis("chest"))
    assert one.free_final(Hypothesis("")).text == ""
    assert one.scene_partial(Hypothesis("chest open")) is None


readings = st.lists(st.sampled_from(["open", "the", "door", "once", "king"]), max_size=5)


@given(st.lists(st.tuples(st.integers(0, 3), readings), max_size=30), st.randoms())
def test_stable_text_never_changes_and_partials_differ(
    events: list[tuple[int, list[str]]], random: object
) -> None:
    """Free readings keep their own stable text, as recognisers do; the scene's change freely."""
    one, kept, stable, before = Transcript(), "", "", ""
    methods: list[Callable[[Hypothesis], Hypothesis | None]] = [
        one.scene_partial, one.free_partial, one.scene_final, one.free_final,
    ]  # fmt: skip
    for kind, words in events:
        heard = Hypothesis(" ".join(words))
        if kind % 2:
            whole = kept + heard.text
            kept = whole[: max(len(kept), len(whole) // 2)]
            heard = Hypothesis(whole, stable=len(kept))
        shown = methods[kind](heard)
        if shown is None:
            continue
        assert shown.text.startswith(stable)
        assert shown.stable <= len(shown.text)
        assert kind >= 2 or shown.text != before, "a partial changes the text"
        stable, before = max(stable, shown.text[: shown.stable], key=len), shown.text
