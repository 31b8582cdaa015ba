"""Phonemes to shapes, shapes to a timeline, a timeline to weights."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from frametalk.core.marks import Mark
from frametalk.core.visemes import CLOSURES, REST, TABLES, VISEMES, shapes, timeline, weights

PROTOCOLS = Path(__file__).parents[2] / "protocols"
RATE_HZ = 22_050
FRAME_SAMPLES = RATE_HZ // 90
CURVE = TABLES["curve"]
EVERY_RELEASE = max(CURVE["release_ms"], CURVE["closure_release_ms"], CURVE["cut_release_ms"])

# The phonemes of espeak-ng for English, General American and British, with stress and length marks.
ENGLISH = """
s t n k d l ɹ ə ɪ z p m ˈɛ ɚ ˈæ ð f w ʃ ˈaɪ ˈeɪ v b ɐ ᵻ ˈiː ˈɑː ˈʌ ˈoʊ i ˈɜː ɾ ŋ j ˈuː h əl
ɡ dʒ ˈɔːɹ tʃ ˈɔː θ ˈɑːɹ ɛ aɪ ˈaʊ ʊ ˈɔ ˈaɪɚ ˈɔɪ ʒ ˈaɪə ˈiə ˈɛɹ ˈɪɹ ʔ n̩ ʊɹ x ɒ əʊ eə ʊə r ʌʉ a:: ʍ ʲ
"""


def names(phoneme: str) -> list[str]:
    return [name for name, _ in shapes(phoneme)]


# ---- tables --------------------------------------------------------------------------------------


def test_the_shapes_are_the_fifteen_of_the_wire() -> None:
    assert " ".join(VISEMES) == "sil PP FF TH DD kk CH SS nn RR aa E ih oh ou"
    assert REST == "sil"


@pytest.mark.parametrize("table", ["arkit", "vrm", "aliases"])
def test_every_shape_has_a_translation(table: str) -> None:
    assert tuple(TABLES[table]) == VISEMES


@pytest.mark.parametrize("table", ["arkit", "vrm"])
def test_translations_are_weights_and_differ_between_shapes(table: str) -> None:
    values = [w for shape in TABLES[table].values() for w in shape.values()]
    assert all(0 < w <= 1 for w in values)
    assert TABLES[table]["sil"] == {}
    assert TABLES["arkit"]["aa"]["jawOpen"] > TABLES["arkit"]["ih"]["jawOpen"]


def test_no_alias_names_two_shapes() -> None:
    aliases = [alias for of_shape in TABLES["aliases"].values() for alias in of_shape]
    assert len(aliases) == len(set(aliases))


def test_every_phoneme_of_the_table_has_a_shape() -> None:
    assert set(TABLES["phonemes"].values()) == set(VISEMES) - {REST}
    for phoneme, viseme in TABLES["phonemes"].items():
        assert names(phoneme) == [viseme]


# ---- phonemes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("phoneme", ENGLISH.split())
def test_every_english_phoneme_is_in_the_table(phoneme: str) -> None:
    known = "".join(TABLES["phonemes"]) + "ˈˌː:ʲ\u0329"
    assert all(character in known for character in phoneme)
    assert all(name in VISEMES for name in names(phoneme))


@pytest.mark.parametrize(
    ("phoneme", "expected"),
    [
        ("p", ["PP"]),
        ("m̥", ["PP"]),
        ("tʰ", ["DD"]),
        ("n̩", ["nn"]),
        ("ɑ̃", ["aa"]),
        ("tʃ", ["CH"]),
        ("d͡ʒ", ["CH"]),
        ("ˈaɪ", ["aa", "ih"]),
        ("ˌoʊ", ["oh", "ou"]),
        ("ˈaɪɚ", ["aa", "ih", "RR"]),
        ("ˈɔːɹ", ["oh", "RR"]),
        ("əl", ["E", "nn"]),
        ("", ["sil"]),
        ("_:", ["sil"]),
        ("(en)", []),
        ("ʲ", []),
        ("˥", []),
    ],
)
def test_a_phoneme_becomes_its_shapes_in_order(phoneme: str, expected: list[str]) -> None:
    assert names(phoneme) == expected


@pytest.mark.parametrize(
    ("phoneme", "expected"),
    [("ɦ̪", "kk"), ("ᶑ", "DD"), ("ᵬ", "PP"), ("ƙ", "kk"), ("Ж", "DD"), ("語", "DD")],
)
def test_an_unknown_symbol_is_read_as_the_letter_it_is_a_variant_of(
    phoneme: str, expected: str
) -> None:
    assert names(phoneme) == [expected]


def test_a_stressed_vowel_has_full_weight() -> None:
    assert shapes("ˈɛ") == [("E", 1.0)]
    assert shapes("ɛ") == [("E", TABLES["unstressed_weight"])]
    assert shapes("b") == [("PP", 1.0)]


@given(st.text(max_size=12))
def test_any_text_gives_shapes(phoneme: str) -> None:
    for name, weight in shapes(phoneme):
        assert name in VISEMES
        assert 0 < weight <= 1


# ---- timeline ------------------------------------------------------------------------------------


def test_each_phoneme_begins_at_its_sample() -> None:
    marks = timeline([(0, "h"), (900, "ˈaɪ"), (3_900, "")], 4_000)
    assert [(m.at, m.end, m.name) for m in marks] == [
        (0, 900, "kk"),
        (900, 2_400, "aa"),
        (2_400, 3_900, "ih"),
        (3_900, 4_000, "sil"),
    ]


def test_a_timeline_without_a_pause_at_the_end_ends_at_rest() -> None:
    assert timeline([(0, "ˈɑː")], 1_000)[-1] == Mark("viseme", 999, 1_000, "sil")


def test_without_phonemes_there_are_no_marks() -> None:
    assert timeline([], 1_000) == []
    assert timeline([(0, "(en)"), (0, "ʲ")], 1_000) == []


def test_phonemes_without_time_or_beyond_the_end_are_left_out() -> None:
    marks = timeline([(0, "p"), (500, "a"), (500, "t"), (1_000, "k"), (1_200, "k")], 1_000)
    assert [m.name for m in marks] == ["PP", "DD", "sil"]


phonemes = st.sampled_from([*ENGLISH.split(), "", "(en)"])


@given(st.lists(st.tuples(st.integers(0, 4_000), phonemes), max_size=30))
def test_marks_are_ordered_within_the_sound_and_end_at_rest(gaps: list[tuple[int, str]]) -> None:
    marks, end = spoken(gaps)
    for before, after in pairwise(marks):
        assert before.at < before.end
        assert before.at < after.at
    if marks:
        assert marks[0].at >= 0
        assert marks[-1].end <= end
        assert marks[-1].name == REST


def spoken(gaps: list[tuple[int, str]]) -> tuple[list[Mark], int]:
    at, events = 0, []
    for duration, phoneme in gaps:
        events.append((at, phoneme))
        at += duration
    return timeline(events, at), at


# ---- the curve -----------------------------------------------------------------------------------


def ms(milliseconds: float) -> int:
    return round(milliseconds * RATE_HZ / 1000)


def at_rest(pose: dict[str, float]) -> bool:
    return pose[REST] == 1.0 and sum(pose.values()) == 1.0


def test_without_marks_the_mouth_is_at_rest() -> None:
    assert at_rest(weights([], 0, RATE_HZ))


def test_a_shape_has_full_weight_from_its_first_sample_to_its_end() -> None:
    marks = [Mark("viseme", 5_000, 8_000, "aa")]
    assert at_rest(weights(marks, 5_000 - ms(CURVE["attack_ms"]) - 1, RATE_HZ))
    assert 0 < weights(marks, 5_000 - ms(CURVE["attack_ms"] / 2), RATE_HZ)["aa"] < 1
    assert weights(marks, 5_000, RATE_HZ)["aa"] == 1
    assert weights(marks, 8_000, RATE_HZ)["aa"] == 1
    assert 0 < weights(marks, 8_000 + ms(CURVE["release_ms"] / 2), RATE_HZ)["aa"] < 1
    assert at_rest(weights(marks, 8_000 + ms(CURVE["release_ms"]) + 1, RATE_HZ))


def test_a_mark_of_lower_weight_keeps_that_weight() -> None:
    assert weights([Mark("viseme", 0, 9_000, "aa", 0.4)], 4_000, RATE_HZ)["aa"] == 0.4


def test_the_curve_is_the_same_in_time_at_any_rate() -> None:
    slow = weights([Mark("viseme", 800, 1_600, "aa")], 1_900, 8_000)
    fast = weights([Mark("viseme", 4_800, 9_600, "aa")], 11_400, 48_000)
    assert slow == pytest.approx(fast)


@pytest.mark.parametrize("closure", CLOSURES)
def test_a_closure_closes_the_mouth_between_two_open_vowels(closure: str) -> None:
    marks = [
        Mark("viseme", 0, 4_000, "aa"),
        Mark("viseme", 4_000, 5_000, closure),
        Mark("viseme", 5_000, 9_000, "aa"),
    ]
    for t in (4_000, 4_500, 5_000):
        pose = weights(marks, t, RATE_HZ)
        assert pose[closure] == 1
        assert pose["aa"] == 0
    assert weights(marks, 2_000, RATE_HZ)["aa"] == 1


def test_two_adjacent_closures_both_reach_full_weight() -> None:
    marks = [Mark("viseme", 0, 1_500, "FF"), Mark("viseme", 1_500, 3_000, "PP")]
    assert weights(marks, 300, RATE_HZ)["FF"] == 1
    assert weights(marks, 2_000, RATE_HZ)["PP"] == 1


moments = st.floats(0, 1)


@given(st.lists(st.tuples(st.integers(0, 4_000), phonemes), max_size=20), moments)
def test_weights_are_between_0_and_1_and_add_up_to_1(
    gaps: list[tuple[int, str]], moment: float
) -> None:
    marks, end = spoken(gaps)
    pose = weights(marks, moment * (end + 4_000), RATE_HZ)
    assert tuple(pose) == VISEMES
    assert all(0 <= weight <= 1 for weight in pose.values())
    assert sum(pose.values()) == pytest.approx(1)


@given(st.lists(st.tuples(st.integers(0, 4_000), phonemes), min_size=1, max_size=20))
def test_every_closure_closes_the_mouth(gaps: list[tuple[int, str]]) -> None:
    """Unless the next closure follows so soon that its shape has already begun."""
    marks, _ = spoken(gaps)
    closures = [m for m in marks if m.name in CLOSURES]
    for mark, following in pairwise([*closures, None]):
        assert mark is not None
        if following is None or following.at - mark.at > ms(CURVE["closure_attack_ms"]) + 1:
            pose = weights(marks, mark.at, RATE_HZ)
            assert pose[mark.name] == 1
            assert sum(pose.values()) == 1


@given(st.lists(st.tuples(st.integers(0, 4_000), phonemes), max_size=20))
def test_the_mouth_is_at_rest_after_the_reply(gaps: list[tuple[int, str]]) -> None:
    marks, end = spoken(gaps)
    assert at_rest(weights(marks, end + ms(EVERY_RELEASE) + 1, RATE_HZ))


@given(st.lists(st.tuples(st.integers(0, 4_000), phonemes), max_size=20), moments)
@example([(3_000, "ˈɑː"), (2_000, "m"), (1_000, "")], 0.5)
def test_after_a_cut_at_any_sample_the_mouth_returns_to_rest(
    gaps: list[tuple[int, str]], moment: float
) -> None:
    marks, end = spoken(gaps)
    cut_at = round(moment * end)
    before = weights(marks, cut_at, RATE_HZ, cut_at)
    assert before == weights(marks, cut_at, RATE_HZ)
    for t in range(cut_at, cut_at + ms(CURVE["cut_release_ms"]), FRAME_SAMPLES):
        after = weights(marks, t, RATE_HZ, cut_at)
        assert all(after[name] <= before[name] + 1e-9 for name in VISEMES if name != REST)
        before = after
    for later in (1, ms(1_000), ms(60_000)):
        t = cut_at + ms(CURVE["cut_release_ms"]) + later
        assert at_rest(weights(marks, t, RATE_HZ, cut_at))


@given(st.lists(st.tuples(st.integers(0, 4_000), phonemes), max_size=20), moments)
def test_weights_never_jump(gaps: list[tuple[int, str]], moment: float) -> None:
    """From one sample to the next no shape moves by more than the steepest ramp allows."""
    marks, end = spoken(gaps)
    t = round(moment * end)
    now, next_sample = weights(marks, t, RATE_HZ), weights(marks, t + 1, RATE_HZ)
    steepest = 1.5 / ms(CURVE["closure_attack_ms"])
    within_reach = sum(m.at - 2_000 < t < m.end + 2_000 for m in marks)
    for name in VISEMES:
        assert abs(now[name] - next_sample[name]) <= steepest * max(2, within_reach)


# ---- shared with clients in other languages ------------------------------------------------------


def test_the_exported_tables_equal_those_of_the_package() -> None:
    assert json.loads((PROTOCOLS / "visemes.json").read_text(encoding="utf-8")) == TABLES


GOLDEN: list[dict[str, Any]] = json.loads(
    (PROTOCOLS / "golden" / "weights.json").read_text(encoding="utf-8")
)["cases"]


@pytest.mark.parametrize("case", GOLDEN, ids=[case["name"] for case in GOLDEN])
def test_golden_values(case: dict[str, Any]) -> None:
    marks = [Mark(*fields) for fields in case["marks"]]
    for t, expected in case["values"]:
        pose = weights(marks, t, case["rate_hz"], case["cut_at"])
        for name in VISEMES:
            assert pose[name] == pytest.approx(expected.get(name, 0), abs=1e-5)
    assert case["values"][-1][1] == {REST: 1.0}
