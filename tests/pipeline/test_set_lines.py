"""A character's set lines: its own first, then those of the language, each in turn."""

from __future__ import annotations

from dataclasses import replace

from frametalk.adapters.llm.fixed import FixedMind
from frametalk.core.languages import SetLines, lines_in
from frametalk.pipeline.set_lines import SetLineBook
from stages import character


class Own(FixedMind):
    def set_lines(self, character: str) -> SetLines:
        return SetLines(
            disclosure="I am brass.", deflecting=("No.", "Never."), caring=("Oh dear.",)
        )


def test_lines_of_the_character_are_said_in_turn() -> None:
    book = SetLineBook(character(mind=Own()), help_line="Call 1.")
    assert [book.line("deflecting") for _ in range(3)] == ["No.", "Never.", "No."]
    assert book.line("caring") == "Oh dear. Call 1."
    assert book.line("disclosure") == "I am brass."
    assert book.line("parting") == lines_in("en").parting[0]


def test_without_own_lines_those_of_the_language_are_said() -> None:
    book = SetLineBook(replace(character(), language="es"), disclosure="")
    assert book.disclosure == lines_in("es").disclosure
    assert book.line("deflecting") in lines_in("es").deflecting
    assert (
        SetLineBook(character(), disclosure="A machine speaks.").disclosure == "A machine speaks."
    )
