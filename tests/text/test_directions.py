"""The cues of stage directions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.text.directions import MAX_NAME_CHARS, Cue, cues_of, cues_of_tag, slug


@pytest.mark.parametrize(
    ("direction", "cues"),
    [
        ("nods", "gesture nod"),
        ("nodding slowly", "gesture nod"),
        ("smiles sadly", "gesture smile"),
        ("shakes his head", "gesture shake_head"),
        ("sighs, shakes head", "gesture sigh, gesture shake_head"),
        ("nods and smiles", "gesture nod, gesture smile"),
        ("The blacksmith laughs.", "gesture laugh"),
        ("looks at the red door", "gaze red_door"),
        ("looks away", "gesture look_away"),
        ("gaze: door", "gaze door"),
        ("happy", "emotion happy"),
        ("Cheerfully", "emotion happy"),
        ("emotion: furious", "emotion angry"),
        ("emotion=happy 0.5", "emotion happy 0.5"),
        ("mood: wistful", "emotion wistful"),
        ("gesture: nods", "gesture nod"),
        ("twirls his beard", "gesture twirls_his_beard"),
        ("1", ""),
        ("...", ""),
        ("", ""),
    ],
)
def test_a_direction_becomes_cues(direction: str, cues: str) -> None:
    assert ", ".join(map(described, cues_of(direction))) == cues


@pytest.mark.parametrize(
    ("direction", "language", "cues"),
    [
        ("nickt langsam und lächelt", "de-AT", "gesture nod, gesture smile"),
        ("schüttelt den Kopf", "de", "gesture shake_head"),
        ("traurig", "de", "emotion sad"),
        ("nods", "de", "gesture nod"),
        ("reibt sich die Hände", "de", "gesture reibt_sich_die_hände"),
        ("微笑着点头", "cmn", "gesture smile, gesture nod"),
        ("笑", "en", "gesture laugh"),
    ],
)
def test_a_direction_in_another_language_becomes_cues(
    direction: str, language: str, cues: str
) -> None:
    assert ", ".join(map(described, cues_of(direction, language))) == cues


@pytest.mark.parametrize(
    ("tag", "cues"),
    [
        ('gaze target="door"/', "gaze door"),
        ('emotion name="happy" /', "emotion happy"),
        ("happy/", "emotion happy"),
        ("nods", "gesture nod"),
        ("b", ""),
        ('break time="3s"/', ""),
        ('phoneme ph="x"', ""),
    ],
)
def test_a_tag_becomes_cues_or_nothing(tag: str, cues: str) -> None:
    assert ", ".join(map(described, cues_of_tag(tag))) == cues


def described(cue: Cue) -> str:
    strength = "" if cue.value == 1 else f" {cue.value:g}"
    return f"{cue.kind} {cue.name}{strength}"


@given(st.text(max_size=200))
def test_every_name_is_short_and_plain(text: str) -> None:
    for cue in (*cues_of(text), *cues_of_tag(text)):
        assert 0 < len(cue.name) <= MAX_NAME_CHARS
        assert slug(cue.name) == cue.name
        assert 0 <= cue.value <= 1
