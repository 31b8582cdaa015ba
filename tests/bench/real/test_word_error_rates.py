"""Word error rates: which errors count where, and what hints add."""

from __future__ import annotations

from frametalk.bench.real.context import Context
from frametalk.bench.real.word_error_rates import KNOWN, measure, references
from heard_texts import FakeRecognisers, context, speech

COMMANDS = [speech("open the red door"), speech("pull the lever")]
READINGS = [speech("tale", "it was a dark night")]


def parts(recognisers: FakeRecognisers) -> Context:
    pieces = {"tale": [speech("tale 1", "it was"), speech("tale 2", "a dark night")]}
    return context(recognisers, commands=COMMANDS, readings=READINGS, pieces=pieces)


async def test_recognisers_that_make_no_error_have_rates_of_zero() -> None:
    rates = (await measure(parts(FakeRecognisers())))["wer"]
    assert rates["commands"] == rates["readings_base"] == rates["readings_tiny"] == 0
    assert rates["hints_delta"] == 0
    assert (rates["commands_n"], rates["readings_base_n"], rates["hints_delta_n"]) == (7, 5, 12)
    assert rates["reference"] == {"tale": KNOWN}
    assert not any(rates["wrong"].values())


async def test_errors_raise_the_rate_of_the_recogniser_that_made_them() -> None:
    heard = {
        ("joined", True, "open the red door"): "open the bread door",
        ("tiny", False, "tale 2"): "a dark knight",
    }
    rates = (await measure(parts(FakeRecognisers(heard))))["wer"]
    assert (rates["commands_base"], rates["commands_joined"]) == (0, round(1 / 7, 4))
    assert rates["commands"] == rates["commands_joined"]  # what is used
    assert (rates["readings_base"], rates["readings_tiny"]) == (0, 0.2)
    assert rates["wrong"]["readings_tiny"] == ["it was a dark night | it was a dark knight"]


async def test_hints_that_hurt_recordings_show_although_they_help_commands() -> None:
    heard = {
        ("base", False, "pull the lever"): "pull the leather",
        ("base", True, "tale 1"): "open, it was",
    }
    rates = (await measure(parts(FakeRecognisers(heard))))["wer"]
    assert rates["commands_base"] < rates["commands_without_hints"]
    assert rates["hints_delta"] == 0.2


async def test_what_is_absent_is_skipped_with_the_reason() -> None:
    made = parts(FakeRecognisers(present=("base", "scene")))
    rates = (await measure(made))["wer"]
    assert "readings_tiny" not in rates
    assert rates["commands"] == 0
    assert made.skipped == {
        "wer.commands_joined": "no joined",
        "wer.readings_tiny": "no tiny",
        "wer.readings_joined": "no joined",
    }


async def test_known_words_need_no_model() -> None:
    words, sources = await references(parts(FakeRecognisers(present=())))
    assert words == {"tale": "it was a dark night"}
    assert sources == {"tale": KNOWN}
