"""What the demo says about its engines."""

from __future__ import annotations

from frametalk.adapters.abilities import Choice
from frametalk.demo.header import lines
from frametalk.models import STARTER_COMMAND

NO_TURN = Choice("", "smart-turn is not pulled", STARTER_COMMAND)


def test_without_models_one_line_names_the_command() -> None:
    asr = Choice("pocketsphinx", "no Whisper model is pulled", STARTER_COMMAND)
    tts = Choice("espeak", "no Piper voice is pulled", STARTER_COMMAND)
    assert lines({"asr": asr, "tts": tts, "turn": NO_TURN}) == [
        "Engines: asr pocketsphinx, tts espeak, turn none; for free speech and a natural voice: "
        + STARTER_COMMAND
    ]


def test_what_must_be_installed_comes_before_the_models() -> None:
    asr = Choice("pocketsphinx", "no Whisper model is pulled", STARTER_COMMAND)
    tts = Choice("espeak", "Piper is not installed", 'pip install "frametalk[piper]"')
    (line,) = lines({"asr": asr, "tts": tts})
    assert line.endswith('pip install "frametalk[piper]" && frametalk models pull starter')


def test_with_models_each_choice_has_its_line() -> None:
    asr = Choice("pocketsphinx+faster_whisper", "whisper-base, real-time factor 0.24")
    assert lines({"asr": asr, "turn": NO_TURN}) == [
        "asr: pocketsphinx+faster_whisper (whisper-base, real-time factor 0.24)",
        "turn: none (smart-turn is not pulled: frametalk models pull starter)",
    ]


def test_engines_that_the_user_chose_are_not_explained() -> None:
    assert lines({}) == []
    (line,) = lines({"turn": NO_TURN})
    assert line == "turn: none (smart-turn is not pulled: frametalk models pull starter)"
