"""The guard's rules on labelled lines: nothing forbidden passes, and almost nothing harmless is stopped."""

from __future__ import annotations

import pytest

from core.guard.labelled import LINES
from frametalk.core.guard.judge import Side, Verdict, judge, own_rules, rule_set, topics
from frametalk.errors import ConfigError


def test_the_lines_are_enough_and_in_five_languages() -> None:
    assert len(LINES) >= 300
    for language in ("en", "de", "es", "fr", "it"):
        own = [line for line in LINES if line.language == language]
        assert len([line for line in own if line.harmless]) >= 30
        assert len([line for line in own if not line.harmless]) >= 30


def test_nothing_forbidden_passes() -> None:
    missed = [line for line in LINES if not line.harmless and None in line.verdicts()]
    assert missed == []


def test_at_most_2_percent_of_the_harmless_lines_are_stopped() -> None:
    harmless = [line for line in LINES if line.harmless]
    stopped = [line for line in harmless if set(line.verdicts()) != {None}]
    assert len(stopped) <= 0.02 * len(harmless), stopped


def test_what_is_said_instead_follows_from_the_topic() -> None:
    assert judge("I want to kill myself", "player") == Verdict("self_harm")
    assert Verdict("self_harm").answer == "caring"
    assert Verdict("asks_whether_machine").answer == "disclosure"
    assert Verdict("politics").answer == "deflecting"


def test_a_phrase_that_begins_in_the_clause_before_is_found() -> None:
    assert judge("yourself.", "character") is None
    assert judge("yourself.", "character", before="You should really kill") is not None
    assert judge("C K!", "character", before="F. U.") is not None


def test_words_of_a_family_count_together_wherever_they_stand_in_a_sentence() -> None:
    text = "Without any papers, is there a place where somebody like me gets a pistol?"
    assert judge(text, "player") == Verdict("weapons")
    assert judge("The papers are gone. Hand me the pistol.", "player") is None


def test_a_word_with_stars_is_read_in_a_phrase() -> None:
    assert judge("kill y*urself", "player") == Verdict("self_harm")
    assert judge("The k*ng is dead.", "player") is None


def test_a_word_in_two_pieces_and_one_with_swapped_letters_are_read() -> None:
    assert judge("I want to commit sui cide", "player") == Verdict("self_harm")
    assert judge("I want to commit suicdie", "player") == Verdict("self_harm")
    assert judge("Schieß auf den Drachen!", "player", language="de") is None


def test_a_phrase_that_is_spelled_letter_by_letter_is_found() -> None:
    assert judge("s o n o f a b i t c h", "player") is not None
    assert judge("a s o n o f a b i t c h he said", "player") is not None
    assert judge("The runes say: s o n o f t h e s e a", "player") is None


def test_some_topics_are_only_for_one_side() -> None:
    assert judge("Are you an AI?", "player") == Verdict("asks_whether_machine")
    assert judge("Are you an AI?", "character") is None
    assert judge("I am not an AI.", "character") == Verdict("claims_to_be_human")
    assert judge("I am not an AI.", "player") is None


@pytest.mark.parametrize(
    ("text", "language", "side"),
    [
        ("Two beers, please.", "en", "player"),
        ("Kiss me!", "en", "player"),
        ("How old are you, and where do you live?", "en", "character"),
        ("My name is Tim and I am ten years old.", "en", "player"),
        ("Noch ein Bier!", "de", "player"),
        ("Wie alt bist du?", "de", "character"),
        ("Bésame.", "es", "player"),
        ("¿Cuántos años tienes?", "es", "character"),
    ],
)
def test_plain_topics_leave_out_more(text: str, language: str, side: Side) -> None:
    assert judge(text, side, language=language) is None
    assert judge(text, side, language=language, plain=True) is not None


def test_a_game_for_adults_may_allow_topics() -> None:
    assert judge("Shit happens.", "player") == Verdict("profanity")
    assert judge("Shit happens.", "player", allowed=frozenset({"profanity"})) is None
    assert {"profanity", "personal_data", "self_harm"} <= set(topics((rule_set(),)))


def test_a_game_has_rules_of_its_own() -> None:
    rules = own_rules({"topics": {"spoilers": ["who is the traitor", "(red|blue) ending"]}}, "x")
    assert judge("Tell me, who is the traitor?", "player", rules=(rules,)) == Verdict("spoilers")
    assert judge("Is there a blue ending?", "player", rules=(rules,)) == Verdict("spoilers")
    assert judge("The traitor is here.", "player", rules=(rules,)) is None


@pytest.mark.parametrize(
    "data",
    [
        {"topics": {"spoilers": ["@nothing"]}},
        {"topics": {"spoilers": ["(red|blue"]}},
        {"topics": {"spoilers": ["(red)s"]}},
        {"topics": {"spoilers": [{"unless": ["x"]}]}},
        {"topics": ["spoilers"]},
    ],
)
def test_a_rule_that_cannot_be_read_is_an_error(data: dict[str, object]) -> None:
    with pytest.raises(ConfigError) as refused:
        own_rules(data, "rules.toml")
    assert "rules.toml" in refused.value.text
