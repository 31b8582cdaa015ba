"""The packed marks of a reply: the same values, few bytes, positions as large as the clock's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.core.marks import Mark
from frametalk.core.visemes import VISEMES
from frametalk.errors import WireError
from frametalk.wire.codec import MAX_MESSAGE_BYTES, encode, encode_json, server_codec
from frametalk.wire.marks import FURTHEST, LONGEST, MARKS, PackedMarks, batches, pack, unpack
from frametalk.wire.messages import ReplyMarks

KINDS = ("word", "viseme", "gesture", "emotion", "gaze")

marks = st.builds(
    lambda kind, at, length, name, hundredths: Mark(kind, at, at + length, name, hundredths / 100),
    st.sampled_from(KINDS),
    st.integers(2**52, 2**52 + FURTHEST),
    st.integers(0, LONGEST),
    st.one_of(st.sampled_from(VISEMES), st.text(min_size=1, max_size=20)),
    st.integers(0, 100),
)


@given(st.lists(marks, max_size=60))
def test_marks_are_the_same_in_both_forms(made: list[Mark]) -> None:
    message = ReplyMarks(seq=6, reply=3, marks=tuple(made))
    assert server_codec.decode_binary(encode(message)) == message
    assert server_codec.decode_text(encode_json(message).decode()) == message


def test_fifty_five_mouth_shapes_are_below_450_bytes() -> None:
    made = (
        Mark("viseme", 2**33 + 1_000 * n, 2**33 + 1_000 * (n + 1), "aa", 0.7) for n in range(55)
    )
    assert len(encode(ReplyMarks(seq=9, reply=2, marks=tuple(made)))) < 450


def test_a_mark_that_is_too_long_is_shortened() -> None:
    message = ReplyMarks(reply=1, marks=(Mark("word", 9, 9 + 2**30, "it"),))
    assert unpack(pack(message)).marks == (Mark("word", 9, 9 + LONGEST, "it"),)


def test_values_are_hundredths_from_0_to_1() -> None:
    values = (0.333, -1.0, 7.0, float("nan"), 0.994)
    made = tuple(Mark("emotion", 0, 0, "happy", value) for value in values)
    packed = pack(ReplyMarks(reply=1, marks=made))
    assert [mark.value for mark in unpack(packed).marks] == [0.33, 0.0, 1.0, 0.0, 0.99]


def test_marks_far_apart_and_many_are_sent_in_parts() -> None:
    ats = (5, 5 + FURTHEST, 6 + FURTHEST, 4)
    made = [Mark("word", at, at, "it") for at in ats]
    assert [[mark.at for mark in batch] for batch in batches(made)] == [
        [5, 5 + FURTHEST],
        [6 + FURTHEST],
        [4],
    ]
    many = [Mark("word", at, at + 1, "blacksmiths") for at in range(2 * MARKS + 1)]
    sent = [ReplyMarks(reply=1, marks=batch) for batch in batches(many)]
    assert [len(message.marks) for message in sent] == [MARKS, MARKS, 1]
    assert all(len(encode(message)) < MAX_MESSAGE_BYTES for message in sent)
    assert list(batches([])) == []


def packed(*whats: int, names: tuple[str, ...] = ()) -> PackedMarks:
    return PackedMarks(
        reply=1,
        at=0,
        marks=b"".join((what << 44 | 100 << 49).to_bytes(7, "little") for what in whats),
        names=names,
    )


def test_what_a_later_version_adds_is_left_out() -> None:
    found = unpack(packed(16, 31, 15, 10, names=("It", "new", "more"))).marks
    assert [(mark.kind, mark.name) for mark in found] == [("word", "It"), ("viseme", "aa")]


@pytest.mark.parametrize(
    "message",
    [
        packed(16, 17, names=("It",)),
        PackedMarks(reply=1, at=0, marks=b"8", names=()),
        PackedMarks(reply=1, at=0, marks=(101 << 49).to_bytes(7, "little"), names=()),
        PackedMarks(reply=1, at=2**53 - 1, marks=(1 << 24).to_bytes(7, "little"), names=()),
    ],
)
def test_marks_that_cannot_be_read_are_invalid(message: PackedMarks) -> None:
    with pytest.raises(WireError, match=r"reply\.marks"):
        unpack(message)
