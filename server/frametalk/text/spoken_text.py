"""The spoken text of a clause from the written one, and the way back from spoken to written words.

A game shows "That's 25 gold.", the voice says "That's twenty-five gold.", and the ledger counts written
words: both words of "twenty-five" belong to the one written word "25".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from frametalk.text import english, reading_rules
from frametalk.text.markup import PlacedCue, read
from frametalk.text.reading_rules import NumberForm
from frametalk.text.whole_tokens import Replacement, Token, whole_tokens

NumberWords = Callable[[str, NumberForm, str], str]
"""(value, form, language) -> words, or empty if it does not know them."""

# Characters that some voices take as commands. Each becomes one space, so that places in the text stay.
_UNSPOKEN = str.maketrans(dict.fromkeys("[]{}<>|\\^~*_`#\n\t\u200c\u200d", " "))
_UNSPOKEN_NON_JOINING = str.maketrans(dict.fromkeys("[]{}<>|\\^~*_`#\n\t", " "))


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that are spoken otherwise than written: a span of the shown text and one of the spoken."""

    shown: tuple[int, int]
    spoken: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Wording:
    """One clause: its shown and its spoken text, where they differ, and the cues between its words."""

    shown: str
    spoken: str
    pieces: tuple[Piece, ...] = ()
    cues: tuple[PlacedCue, ...] = ()

    def written(self, index: int) -> tuple[int, Piece | None]:
        """The place in the shown text of a place in the spoken one, and the piece that contains it."""
        moved = 0
        for piece in self.pieces:
            if index < piece.spoken[0]:
                break
            if index < piece.spoken[1]:
                return piece.shown[0], piece
            moved = piece.shown[1] - piece.spoken[1]
        return index + moved, None


def reword(text: str, language: str, number_words: NumberWords) -> Wording:
    """The wording of a clause that the mind wrote, in time linear in its length.

    Numbers are spoken in the session's language. Times, dates, units, abbreviations and the like have rules
    only in English; in other languages the voice reads them, as it does what `number_words` does not know.
    A written token is replaced whole or not at all.
    """
    shown, cues = read(text, language)
    rules = english.RULES if english.is_english(language) else reading_rules.rules_of(language)
    spell = partial(_spell, number_words, language)
    found = sorted(_replacements(shown, rules, spell), key=lambda part: part.begin)
    spoken, pieces = _replace(shown, whole_tokens(shown, found))
    table = _UNSPOKEN if spoken.isascii() else _UNSPOKEN_NON_JOINING
    return Wording(shown, spoken.translate(table), pieces, cues)


def _spell(number_words: NumberWords, language: str, value: str, form: NumberForm) -> str:
    return number_words(reading_rules.plain(value, language), form, language)


def _replacements(
    shown: str, rules: Sequence[reading_rules.Rule], spell: reading_rules.Spell
) -> Iterator[Replacement]:
    """What the rules replace; of overlapping rules the earlier wins."""
    taken = bytearray(len(shown))
    has_digit = any(character.isdigit() for character in shown)
    for rule in rules:
        if rule.needs_digit and not has_digit:
            continue
        for match in rule.pattern.finditer(shown):
            begin, end = match.span(rule.part)
            if any(taken[begin:end]):
                continue
            words = rule.say(match, spell)
            if words:
                taken[begin:end] = b"\1" * (end - begin)
                if words != shown[begin:end]:
                    number = any(character.isnumeric() for character in shown[begin:end])
                    yield Replacement(begin, end, words, number or rule.needs_digit)


def _replace(shown: str, tokens: Iterable[Token]) -> tuple[str, tuple[Piece, ...]]:
    """Apply the replacements; each piece is one token."""
    parts: list[str] = []
    pieces: list[Piece] = []
    at, length = 0, 0  # of the shown text, and of the spoken one
    for token in tokens:
        parts.append(shown[at : token.begin])
        length += token.begin - at
        at, spoken = token.begin, length
        for part in token.parts:
            new = [shown[at : part.begin], part.words]
            parts += new
            length += sum(map(len, new))
            at = part.end
        parts.append(shown[at : token.end])
        length += token.end - at
        at = token.end
        pieces.append(Piece((token.begin, token.end), (spoken, length)))
    return "".join([*parts, shown[at:]]), tuple(pieces)
