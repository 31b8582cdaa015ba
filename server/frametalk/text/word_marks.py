"""The marks of one clause: spoken words become written ones, with the cues between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from frametalk.core.marks import Mark
from frametalk.text.spoken_text import Piece, Wording

_OUTER = " .,!?;:\"'()\u2026\u2013\u2014\u201c\u201d\u2018\u2019"


@dataclass(slots=True)
class _Group:
    """The spoken words, so far, of one piece of written text."""

    piece: Piece
    mark: Mark


class WordMarks:
    """Turns a voice's marks into the reply's: words as written, on the reply's clock, with the cues.

    `start` is the sample of the reply at which the clause begins. The spoken words of one written word
    become one mark, which is complete with the last of them. Until then `waiting` is true, and the sound
    of that mark must not be sent.
    """

    def __init__(self, wording: Wording, start: int) -> None:
        self._wording = wording
        self._start = start
        self._cues = list(wording.cues)
        self._cursor = 0
        self._group: _Group | None = None

    @property
    def waiting(self) -> bool:
        """Whether the mark of a written word is incomplete."""
        return self._group is not None

    def take(self, marks: Sequence[Mark]) -> list[Mark]:
        """Take the voice's next marks, counted from the clause's start; return those that are complete."""
        ready: list[Mark] = []
        for mark in marks:
            moved = replace(mark, at=mark.at + self._start, end=mark.end + self._start)
            if mark.kind == "word":
                ready += self._word(moved)
            else:
                ready.append(moved)
        return [*self._due(0, self._start), *ready]  # for a voice whose first mark is not a word

    def complete(self) -> list[Mark]:
        """The voice has finished: complete the mark of a written word as it is."""
        completed = [] if self._group is None else [self._group.mark]
        self._group = None
        return completed

    def finish(self, end: int) -> list[Mark]:
        """The clause's sound ends before sample `end` of the reply; return the marks that remain.

        A cue that no word follows is placed at `end`.
        """
        return [*self.complete(), *self._due(len(self._wording.shown) + 1, end)]

    def _word(self, mark: Mark) -> Iterator[Mark]:
        found = self._find(mark.name)
        if found is None:  # the voice rewrote the word
            if self._group is not None:
                self._group.mark = replace(self._group.mark, end=mark.end)
            else:
                yield mark
            return
        place, piece = self._wording.written(found)
        if self._group is not None and piece == self._group.piece:
            self._group.mark = replace(self._group.mark, end=mark.end)
        else:
            yield from self.complete()
            yield from self._due(place, mark.at)
            if piece is None:
                yield mark
                return
            name = self._wording.shown[slice(*piece.shown)].strip(_OUTER)
            self._group = _Group(piece, replace(mark, name=name))
        if not _has_words(self._wording.spoken[self._cursor : self._group.piece.spoken[1]]):
            yield from self.complete()

    def _due(self, place: int, sample: int) -> Iterator[Mark]:
        """The cues before the written word at `place`, which is spoken at `sample`."""
        while self._cues and self._cues[0].at <= place:
            cue = self._cues.pop(0).cue
            yield Mark(cue.kind, sample, sample, cue.name, cue.value)

    def _find(self, word: str) -> int | None:
        """Where `word` is spoken next; moves the cursor past it."""
        if not word:
            return None
        spoken = self._wording.spoken
        whole = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)").search(spoken, self._cursor)
        found = whole.start() if whole else spoken.find(word, self._cursor)
        if found < 0:
            return None
        self._cursor = found + len(word)
        return found


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)
