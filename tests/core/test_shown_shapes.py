"""Every mouth shape gets time to be seen, and lips close shortly before they open."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from frametalk.core.marks import Mark
from frametalk.core.shown_shapes import LIPS_LONGEST_MS, SHOWN_MS, shown
from frametalk.core.visemes import CLOSURES, REST, VISEMES, weights

RATE_HZ = 1_000  # a sample is a millisecond


def row(text: str) -> list[Mark]:
    """Adjacent marks from "PP 30 RR 20 ...": shapes and lengths."""
    words, at, found = text.split(), 0, []
    for name, length in zip(words[::2], words[1::2], strict=True):
        found.append(Mark("viseme", at, at + int(length), name))
        at += int(length)
    return found


def lengths(marks: list[Mark]) -> str:
    return " ".join(f"{mark.name} {mark.end - mark.at}" for mark in marks)


def test_a_short_shape_gets_time_from_both_neighbours() -> None:
    assert lengths(shown(row("aa 100 nn 20 oh 100 sil 50"), RATE_HZ)) == "aa 90 nn 40 oh 90 sil 50"


def test_a_shape_beside_a_closure_gets_more_and_the_closure_stays() -> None:
    found = shown(row("sil 50 PP 70 RR 20 aa 100 sil 50"), RATE_HZ)
    assert lengths(found) == "sil 50 PP 70 RR 50 aa 70 sil 50"


def test_neighbours_keep_what_they_need() -> None:
    found = shown(row("SS 45 DD 20 RR 30 ih 200 sil 50"), RATE_HZ)
    assert all(mark.end - mark.at >= SHOWN_MS for mark in found)
    assert lengths(found).startswith("SS 40 DD 40 RR 40 ih")


def test_where_there_is_too_little_time_all_shapes_share_it() -> None:
    found = shown(row("PP 40 nn 10 aa 10 SS 10 PP 40 sil 9"), RATE_HZ)
    assert lengths(found) == "PP 40 nn 10 aa 9 SS 11 PP 40 sil 9"


def test_lips_do_not_close_throughout_a_pause() -> None:
    assert lengths(shown(row("sil 20 PP 180 aa 99 sil 9"), RATE_HZ)).startswith("sil 120 PP 80 aa")


def test_lips_close_in_the_pause_before_a_short_burst() -> None:
    assert lengths(shown(row("sil 200 PP 15 aa 99 sil 9"), RATE_HZ)).startswith("sil 155 PP 60 aa")
    assert lengths(shown(row("sil 20 PP 15 aa 99 sil 9"), RATE_HZ)).startswith("PP 35 aa")


def test_a_cluster_after_closed_lips_is_seen_at_sixty_frames_a_second() -> None:
    marks = shown(row("sil 20 PP 60 RR 15 aa 120 nn 20 PP 60 sil 30"), RATE_HZ)
    frames = [weights(marks, 1000 * frame / 60, RATE_HZ) for frame in range(20)]
    strongest = [max(pose, key=pose.__getitem__) for pose in frames]
    assert list(dict.fromkeys(strongest)) == ["sil", "PP", "RR", "aa", "nn"]


rows = st.lists(st.tuples(st.sampled_from(VISEMES), st.integers(3, 200)), max_size=20)


@given(rows)
def test_shapes_stay_adjacent_in_order_and_within_the_same_time(
    parts: list[tuple[str, int]],
) -> None:
    before = row(" ".join(f"{name} {length}" for name, length in [*parts, (REST, 5)]))
    after = shown(before, RATE_HZ)
    assert after[0].at == 0
    assert after[-1] == Mark("viseme", after[-1].at, before[-1].end, REST)
    assert all(a.end == b.at for a, b in pairwise(after))
    assert all(mark.at < mark.end for mark in after)
    assert [m.name for m in after if m.name != REST] == [m.name for m in before if m.name != REST]
    assert [m.end for m in after if m.name in CLOSURES] == [
        m.end for m in before if m.name in CLOSURES
    ]
    for rest, lips in pairwise(after):
        if (rest.name, lips.name) == (REST, "PP"):
            assert lips.end - lips.at <= LIPS_LONGEST_MS


def test_without_marks_there_is_nothing_to_show() -> None:
    assert shown([], RATE_HZ) == []
