"""Words become stable when two consecutive readings agree on them; stable text only grows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from frametalk.core.agreement import Agreement, TimedWord, same_word, written


def words_of(text: str, at: int = 0) -> tuple[TimedWord, ...]:
    """The words of a text, a tenth of a second each."""
    return tuple(
        TimedWord(f" {word}", at + n * 1_600, at + (n + 1) * 1_600)
        for n, word in enumerate(text.split())
    )


def state(agreement: Agreement) -> str:
    """The text with a bar where the stable part ends."""
    text, cut = written(agreement.words), agreement.stable_characters
    return f"{text[:cut]}|{text[cut:]}"


def test_a_word_is_stable_when_two_readings_have_it_and_another_follows() -> None:
    agreement = Agreement()
    agreement.read(words_of("open"))
    assert state(agreement) == "|open"
    agreement.read(words_of("open the"))
    assert state(agreement) == "open| the"
    agreement.read(words_of("the red", at=1_600))
    assert state(agreement) == "open the| red"


def test_the_last_word_is_not_stable_even_if_both_readings_end_in_it() -> None:
    agreement = Agreement()
    agreement.read(words_of("the key"))
    agreement.read(words_of("the key"))
    assert state(agreement) == "the| key"
    agreement.read(words_of("keyhole is", at=1_600))
    assert state(agreement) == "the| keyhole is"


def test_nothing_after_the_first_difference_is_stable() -> None:
    agreement = Agreement()
    agreement.read(words_of("open the bed door now"))
    agreement.read(words_of("open the red door now"))
    assert state(agreement) == "open the| red door now"


def test_case_and_punctuation_are_ignored_and_the_newer_form_is_kept() -> None:
    agreement = Agreement()
    agreement.read(words_of("Open. The door"))
    agreement.read(words_of("open the Door please"))
    assert state(agreement) == "open the Door| please"


def test_an_empty_reading_removes_only_the_words_that_were_not_stable() -> None:
    agreement = Agreement()
    agreement.read(words_of("open the"))
    agreement.read(words_of("open the door"))
    agreement.read(())
    assert state(agreement) == "open the|"


def test_words_become_stable_before_their_sound_is_discarded() -> None:
    agreement = Agreement()
    agreement.read(words_of("one two three"))
    agreement.finalize_before(3_200)
    assert state(agreement) == "one two| three"


def test_words_of_a_language_without_spaces_are_joined_without() -> None:
    agreement = Agreement()
    agreement.read([TimedWord("赤い", 0, 100), TimedWord("扉", 100, 200)])
    agreement.read(
        [TimedWord("赤い", 0, 100), TimedWord("扉", 100, 200), TimedWord("を", 200, 300)]
    )
    assert state(agreement) == "赤い扉|を"


WORDS = st.lists(
    st.sampled_from([" red", " Red.", " door", " key", "hole", ",", " \u00e9t\u00e9", ""]),
    max_size=6,
)


@given(st.lists(st.tuples(WORDS, st.booleans()), max_size=20))
def test_the_stable_text_only_grows(readings: list[tuple[list[str], bool]]) -> None:
    agreement = Agreement()
    before = ""
    for texts, discard_sound in readings:
        words = [TimedWord(text, n, n + 1) for n, text in enumerate(texts)]
        agreement.read(words)
        if discard_sound:
            agreement.finalize_before(2)
        whole = written(agreement.words)
        stable = whole[: agreement.stable_characters]
        assert stable.startswith(before)
        assert stable == written(agreement.stable)
        assert agreement.words[len(agreement.stable) :] == agreement.rest
        before = stable


@given(WORDS, WORDS)
def test_a_stable_word_was_in_both_readings(first: list[str], second: list[str]) -> None:
    agreement = Agreement()
    older, newer = ([TimedWord(text, 0, 0) for text in texts] for texts in (first, second))
    agreement.read(older)
    agreement.read(newer)
    for stable, earlier, later in zip(agreement.stable, older, newer, strict=False):
        assert stable == later
        assert same_word(earlier, later)
