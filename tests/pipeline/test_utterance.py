"""A turn being recognised: its words on the microphone's clock, and those said over a reply."""

from __future__ import annotations

from typing import Any

from frametalk.adapters.base import HeardWord, Hypothesis
from frametalk.pipeline.utterance import Utterance

SECOND = 16_000
NO_STREAM: Any = None


def continued(gap_s: int) -> Utterance:
    """A turn of 2 s from 1 s on; its reply is spoken over so long after its recognition paused."""
    one = Utterance(1, NO_STREAM, SECOND, 2 * SECOND, over_reply=False)
    one.paused_at = 3 * SECOND
    assert one.resume((3 + gap_s) * SECOND, "open the door") == SECOND // 2
    return one


def heard(**options: Any) -> Hypothesis:
    return Hypothesis("open the door and go", **options)


def test_words_after_a_gap_that_was_left_out_lie_where_they_were_said() -> None:
    words = (HeardWord("door", 1_000, 2_000), HeardWord("and", 2 * SECOND + 8_000, 3 * SECOND))
    placed = continued(gap_s=4).on_mic_clock(heard(words=words))
    assert [word.at for word in placed] == [2 * (SECOND + 1_000), 2 * 7 * SECOND]


def test_newer_words_are_those_after_the_gap_or_else_those_after_the_known_text() -> None:
    one = continued(gap_s=4)
    assert one.newer(heard()) == "and go"
    words = (
        HeardWord("open", 0, 4_000),
        HeardWord("door", 4_000, 2 * SECOND - 1),
        HeardWord("and", 2 * SECOND + 8_000, 3 * SECOND),
    )
    assert one.newer(heard(words=words)) == "and"


def test_without_a_reply_before_it_all_words_are_new() -> None:
    one = Utterance(1, NO_STREAM, 0, SECOND, over_reply=True)
    assert one.newer(Hypothesis("stop that")) == "stop that"
