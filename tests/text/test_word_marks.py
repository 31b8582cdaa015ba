"""A voice's words become written words, with each cue at the sample of the word after it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from frametalk.core.heard import Ledger
from frametalk.core.marks import Mark
from frametalk.text.number_words import number_words
from frametalk.text.spoken_text import reword
from frametalk.text.word_marks import WordMarks

START = 1_000


def marks_of(text: str) -> WordMarks:
    """The marks of a clause that begins at sample 1000."""
    return WordMarks(reword(text, "en", number_words), START)


def words(*names: str) -> list[Mark]:
    """Words of 100 samples each."""
    return [Mark("word", i * 100, i * 100 + 100, name) for i, name in enumerate(names)]


def described(marks: list[Mark]) -> list[str]:
    return [f"{mark.kind} {mark.name} {mark.at - START}-{mark.end - START}" for mark in marks]


def test_the_words_of_a_number_are_one_written_word() -> None:
    marks = marks_of("*nods* [happy] That's 25 gold.")
    assert described(marks.take(words("That's", "twenty", "five", "gold"))) == [
        "gesture nod 0-0",
        "emotion happy 0-0",
        "word That's 0-100",
        "word 25 100-300",
        "word gold 300-400",
    ]
    assert marks.finish(START + 400) == []


def test_a_written_word_is_marked_when_its_last_spoken_word_is_known() -> None:
    marks = marks_of("It is $3.50, friend.")
    spoken = words("It", "is", "three", "dollars", "and", "fifty", "cents", "friend")
    assert described(marks.take(spoken[:4])) == ["word It 0-100", "word is 100-200"]
    assert marks.waiting
    assert described(marks.take(spoken[4:])) == ["word $3.50 200-700", "word friend 700-800"]
    assert not marks.waiting


def test_a_cue_is_placed_where_the_next_word_begins_or_at_the_end() -> None:
    marks = marks_of("Well *shrugs* take [sad] 25 *waves*")
    assert described(marks.take(words("Well", "take", "twenty-five"))) == [
        "word Well 0-100",
        "gesture shrug 100-100",
        "word take 100-200",
        "emotion sad 200-200",
        "word 25 200-300",
    ]
    assert described(marks.finish(START + 350)) == ["gesture wave 350-350"]


def test_a_clause_of_one_direction_is_one_cue() -> None:
    assert described(marks_of("*nods*").finish(START)) == ["gesture nod 0-0"]


def test_without_word_marks_cues_are_placed_at_the_start_or_the_end() -> None:
    marks = marks_of("*nods* Well *shrugs* then.")
    assert described(marks.take([Mark("viseme", 0, 50, "aa")])) == [
        "gesture nod 0-0",
        "viseme aa 0-50",
    ]
    assert described(marks.finish(START + 400)) == ["gesture shrug 400-400"]


def test_a_word_that_the_voice_rewrote_belongs_to_the_piece_it_is_in() -> None:
    marks = marks_of("That's 25 gold.")
    ready = marks.take(words("That's", "twenty", "fife", "gold"))
    assert described(ready) == ["word That's 0-100", "word 25 100-300", "word gold 300-400"]


def test_a_number_at_the_end_is_complete_when_the_voice_has_finished() -> None:
    marks = marks_of("I want 25")
    assert described(marks.take(words("I", "want", "twenty"))) == [
        "word I 0-100",
        "word want 100-200",
    ]
    assert described(marks.complete()) == ["word 25 200-300"]


PARTS = (
    "Well|it's|a|the|25|$3.50|3-5|*nods*|[sad]|—|7:30|**bold**|(sighs)|25-year-old|,|.|😀|1/2|etc.|*very*"
    "|Dr. Bram|12 °C|King Edward VII|No. 5|In 1984|[link](http://a.b)|3:45pm|Jan 1, 1980|2½"
    "|5'11\"|24/7|$5-10|555-1234|S-sorry|**sighs**|（笑）|5*3"
).split("|")


@given(
    st.lists(
        st.sampled_from(["Well", "25", "$3.50", "*nods*", "a", "[sad]", "3-5", "Dr. Bram", "—"]),
        max_size=12,
    ),
    st.integers(1, 4),
)
def test_every_written_word_is_marked_once_in_order(parts: list[str], size: int) -> None:
    wording = reword(" ".join(parts), "en", number_words)
    marks = WordMarks(wording, START)
    spoken = words(*wording.spoken.replace("-", " ").replace("—", " ").split())
    ready = [mark for i in range(0, len(spoken), size) for mark in marks.take(spoken[i : i + size])]
    ready += [*marks.complete(), *marks.finish(START + 100 * len(spoken))]
    named = [mark.name for mark in ready if mark.kind == "word"]
    written = " ".join(part for part in parts if part[0] not in "*[—")
    assert " ".join(named) == written.replace("Dr.", "Dr")
    assert sum(mark.kind != "word" for mark in ready) == len(wording.cues)
    assert [mark.at for mark in ready] == sorted(mark.at for mark in ready)


@given(st.lists(st.sampled_from(PARTS), max_size=12).map(" ".join))
def test_the_heard_text_is_always_whole_written_words_from_the_start(text: str) -> None:
    wording = reword(text, "en", number_words)
    marks, ledger = WordMarks(wording, START), Ledger()
    ledger.begin_clause(wording.shown, START)
    spoken = words(*re.findall(r"\w[\w'-]*", wording.spoken))
    end = START + 100 * len(spoken)
    for mark in [*marks.take(spoken), *marks.complete(), *marks.finish(end)]:
        if mark.kind == "word":
            ledger.word(mark)
    ledger.sent = end
    for sample in range(START, end, 50):
        ledger.report(sample)
        heard, rest = ledger.heard(), wording.shown[len(ledger.heard()) :]
        assert wording.shown.startswith(heard)
        assert not (heard and rest[:1].isalnum())
