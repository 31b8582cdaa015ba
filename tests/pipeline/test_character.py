"""What a character shows and speaks of a clause, and how it asks for its voice."""

from __future__ import annotations

from dataclasses import replace

from frametalk.config import CharacterSettings
from stages import character


def test_figures_are_shown_as_written_and_spoken_as_words() -> None:
    wording = character().wording("That's 25 gold.")
    assert (wording.shown, wording.spoken) == ("That's 25 gold.", "That's twenty-five gold.")


def test_its_settings_go_with_each_request() -> None:
    one = replace(character(), settings=CharacterSettings(voice="en+f3", speed=1.2, volume=0.5))
    request = one.speech("Well met.")
    assert (request.text, request.voice, request.language) == ("Well met.", "en+f3", "en")
    assert (request.speed, request.volume) == (1.2, 0.5)
