"""The marks of one clause: from spoken words back to written ones, with the cues between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from frametalk.core.marks import Mark
from frametalk.text.spoken_text import Piece, Wording

_OUTER = " .,!?;:\"'()\u2026\u2013\u2014\u201c\u201d\u2018\u2019"


@dataclass(slots=True)
class _Group:
    """Spoken words of one written word, so far."""

    piece: Piece
    mark: Mark


class WordMarks:
    """Turns a voice's marks into the reply's: words as written, on the reply's clock, cues among them.

    `start` is the sample of the reply at which the clause begins. The spoken words of one written word
    become one mark, which is known when the last of them is: until then `waiting` is true, and the
    sound that the mark belongs to must not be sent.
    """

    def __init__(self, wording: Wording, start: int) -> None:
        self._wording = wording
        self._start = start
        self._cues = list(wording.cues)
        self._cursor = 0
        self._group: _Group | None = None

    @property
    def waiting(self) -> bool:
        """Whether a written word is not complete."""
        return self._group is not None

    def take(self, marks: Sequence[Mark]) -> list[Mark]:
        """More marks of the voice, from the clause's first sample; returns those that are ready."""
        ready: list[Mark] = []
        for mark in marks:
            moved = replace(mark, at=mark.at + self._start, end=mark.end + self._start)
            if mark.kind == "word":
                ready += self._word(moved)
            else:
                ready.append(moved)
        return [*self._due(0, self._start), *ready]  # of a voice whose first sound is of no word

    def complete(self) -> list[Mark]:
        """The voice is done: a written word ends with what was said of it."""
        done = [] if self._group is None else [self._group.mark]
        self._group = None
        return done

    def finish(self, end: int) -> list[Mark]:
        """The clause's sound ends before sample `end` of the reply; returns what is left.

        A cue that no word follows stands there.
        """
        return [*self.complete(), *self._due(len(self._wording.shown) + 1, end)]

    def _word(self, mark: Mark) -> Iterator[Mark]:
        found = self._find(mark.name)
        if found is None:  # the voice says it in its own way
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
        """The cues before the written word at `place`, which is said at `sample`."""
        while self._cues and self._cues[0].at <= place:
            cue = self._cues.pop(0).cue
            yield Mark(cue.kind, sample, sample, cue.name, cue.value)

    def _find(self, word: str) -> int | None:
        """Where the next such word is spoken; the cursor moves behind it."""
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
