"""Piper's input text, and the phonemes of each written word in its output."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

SEGMENT_CHARS = 400  # longer than any clause, so a clause is one segment
# A longer sentence is split: the cost of attention is the square of the length.
MAX_PHONEMES = 400
SILENT = frozenset(
    " ˈˌ.,!?;:\"'()_^$-\u2014\u2026"
)  # symbols among the phonemes that are not sounds
GAPS = SILENT - {"ˈ", "ˌ"}
SNAP = 1  # phonemes between a word's estimated begin and the gap that it snaps to

_BRACKETS = re.compile(r"\[(?=\[)|\](?=\])")
_SENTENCE = re.compile(r"[.!?\u2026\u3002\uff01\uff1f]+[\"'\u201d\u2019)\]]*\s")
_WORD = re.compile(r"\w(?:\S*\w)?")


def neutral(text: str) -> str:
    """The text without anything that Piper or espeak-ng would interpret.

    Doubled brackets, which mark phonemes, are separated by a space.
    """
    text = text.replace("\0", " ").encode("utf-8", "replace").decode()
    return _BRACKETS.sub(lambda found: found.group() + " ", text)


def segments(text: str) -> Iterator[str]:
    """Pieces of at most 400 characters, split after a sentence if possible, else at a space."""
    at = 0
    while len(text) - at > SEGMENT_CHARS:
        piece = text[at : at + SEGMENT_CHARS]
        ends = [found.end() for found in _SENTENCE.finditer(piece)]
        cut = ends[-1] if ends else piece.rfind(" ") + 1 or SEGMENT_CHARS
        yield text[at : at + cut]
        at += cut
    yield text[at:]


def sentences(phonemes: Sequence[Sequence[str]]) -> list[list[str]]:
    """Piper's sentences without empty ones; those that are too long are split at spaces."""
    cut: list[list[str]] = []
    for sentence in phonemes:
        rest = list(sentence)
        while len(rest) > MAX_PHONEMES:
            spaces = [at for at in range(MAX_PHONEMES // 2, MAX_PHONEMES) if rest[at] == " "]
            at = spaces[-1] + 1 if spaces else MAX_PHONEMES
            cut.append(rest[:at])
            rest = rest[at:]
        cut.append(rest)
    return [each for each in cut if any(is_sound(phoneme) for phoneme in each)]


def is_sound(phoneme: str) -> bool:
    """Whether a symbol is a sound: not a pause, stress, punctuation or diacritic."""
    return phoneme not in SILENT and unicodedata.category(phoneme[0]) not in {"Mn", "Lm", "Sk"}


def written(text: str) -> list[str]:
    """The words as written, without the punctuation around them."""
    return _WORD.findall(text)


def starts(words: Sequence[Sequence[str]], spoken: Sequence[str]) -> list[int]:
    """The index in `spoken` where each written word begins; a word without sound begins with the next.

    `words` are the phonemes of each word read alone. In a sentence sounds change and words merge ("of the"
    is one), so the two sequences are compared as texts are, and begins snap to gaps nearby.
    """
    heard = [at for at, phoneme in enumerate(spoken) if is_sound(phoneme)]
    gaps = {
        index
        for index in range(1, len(heard))
        if set(spoken[heard[index - 1] + 1 : heard[index]]) & GAPS
    }
    alone = [[each for each in word if is_sound(each)] for word in words]
    placed = list(_matched(alone, [spoken[at] for at in heard]))
    found: list[int] = []
    for (begin, sure), (next_begin, next_sure), word in zip(
        placed, [*placed[1:], (len(heard), True)], alone, strict=False
    ):
        least = found[-1] if found else 0
        # A word with sound begins before the next word.
        most = next_begin - 1 if next_sure and word else len(heard)
        near = [gap for gap in gaps if abs(gap - begin) <= SNAP and least < gap <= most]
        if near and not sure:
            begin = min(near, key=lambda gap: abs(gap - begin))  # noqa: PLW2901
        found.append(max(min(begin, most), least))
    if found:
        found[0] = 0
    return [_with_stress(spoken, heard[at]) if at < len(heard) else len(spoken) for at in found]


def _matched(words: Sequence[Sequence[str]], heard: Sequence[str]) -> Iterator[tuple[int, bool]]:
    """Where each word begins among the sounds, and whether its first sound is there."""
    flat = [sound for word in words for sound in word]
    place: dict[int, int] = {}
    matcher = SequenceMatcher(None, flat, heard, autojunk=False)
    for block in matcher.get_matching_blocks():
        place.update((block.a + n, block.b + n) for n in range(block.size))
    first, last, guess = 0, 0, 0
    for word in words:
        offset = next((n for n in range(len(word)) if first + n in place), None)
        begin = guess if offset is None else place[first + offset] - offset
        last = min(max(begin, last), len(heard))
        yield last, offset == 0
        first, guess = first + len(word), last + len(word)


def _with_stress(spoken: Sequence[str], at: int) -> int:
    """The index of the stress mark before a sound, which belongs to it."""
    while at and spoken[at - 1] in {"ˈ", "ˌ"}:
        at -= 1
    return at
