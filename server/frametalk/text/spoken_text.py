"""What is shown -> what is spoken, and the way back from spoken to written words.

A game shows "That's 25 gold.", its voice says "That's twenty-five gold.", and what the player has heard
is told in written words: both words of "twenty-five" are the one written word "25".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from frametalk.text import english, figures
from frametalk.text.markup import Placed, read

NumberForm = Literal["cardinal", "ordinal", "year"]
NumberWords = Callable[[str, NumberForm, str], str]
"""(value, form, language) -> words, or empty when it does not know."""

# One character for one, so that places stay: brackets and tags mean something to some engines.
_UNSPOKEN = str.maketrans(dict.fromkeys("[]{}<>|\\^~*_`#\n\t\u200c\u200d", " "))
_UNSPOKEN_NON_JOINING = str.maketrans(dict.fromkeys("[]{}<>|\\^~*_`#\n\t", " "))


@dataclass(frozen=True, slots=True)
class Piece:
    """Written words that are said otherwise: a span of the shown text and one of the spoken."""

    shown: tuple[int, int]
    spoken: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Wording:
    """One clause: shown and spoken, where they differ, and the cues between its words."""

    shown: str
    spoken: str
    pieces: tuple[Piece, ...] = ()
    cues: tuple[Placed, ...] = ()

    def written(self, index: int) -> tuple[int, Piece | None]:
        """Place in the shown text of a place in the spoken one, and the piece that it lies in."""
        moved = 0
        for piece in self.pieces:
            if index < piece.spoken[0]:
                break
            if index < piece.spoken[1]:
                return piece.shown[0], piece
            moved = piece.shown[1] - piece.spoken[1]
        return index + moved, None


def reword(text: str, language: str, number_words: NumberWords) -> Wording:
    """Take a clause as the mind wrote it apart. Time is linear in its length.

    Numbers are said in the session's language. Times, units, abbreviations and the like are known in
    English; in other languages they are left to the voice, as all is that `number_words` does not know.
    """
    shown, cues = read(text)
    rules = english.RULES if english.speaks(language) else figures.rules_of(language)
    spell = partial(_spell, number_words, language)
    spoken, pieces = _rewrite(shown, list(_claims(shown, rules, spell)))
    table = _UNSPOKEN if spoken.isascii() else _UNSPOKEN_NON_JOINING
    return Wording(shown, spoken.translate(table), pieces, cues)


def _spell(number_words: NumberWords, language: str, value: str, form: NumberForm) -> str:
    return number_words(figures.plain(value, language), form, language)


def _claims(
    shown: str, rules: Sequence[figures.Rule], spell: figures.Spell
) -> Iterator[tuple[int, int, str]]:
    """Spans that a rule says otherwise; of two rules for one place the earlier wins."""
    taken = bytearray(len(shown))
    digits = any(character.isdigit() for character in shown)
    for rule in rules:
        if rule.digits and not digits:
            continue
        for match in rule.pattern.finditer(shown):
            begin, end = match.span(rule.part)
            if any(taken[begin:end]):
                continue
            said = rule.say(match, spell)
            if said:
                taken[begin:end] = b"\1" * (end - begin)
                yield begin, end, said


def _rewrite(shown: str, claims: list[tuple[int, int, str]]) -> tuple[str, tuple[Piece, ...]]:
    """Put the claims in; a piece covers whole written words."""
    parts: list[str] = []
    pieces: list[Piece] = []
    at, length = 0, 0
    for begin, end, said in sorted(claims):
        first, last = _word_start(shown, begin), _word_end(shown, end)
        parts += [shown[at:begin], said]
        spoken = length + begin - at
        length = spoken + len(said)
        at = end
        piece = Piece((first, last), (spoken - (begin - first), length + last - end))
        if pieces and first < pieces[-1].shown[1]:
            before = pieces.pop()
            piece = Piece((before.shown[0], last), (before.spoken[0], piece.spoken[1]))
        pieces.append(piece)
    return "".join([*parts, shown[at:]]), tuple(pieces)


_SPACE = re.compile(r"\s|$")


def _word_start(text: str, index: int) -> int:
    return text.rfind(" ", 0, index) + 1


def _word_end(text: str, index: int) -> int:
    found = _SPACE.search(text, index)
    return found.start() if found else len(text)
