"""What Piper is given to read, and which of the phonemes that it makes belong to which written word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

SEGMENT_CHARS = 400  # more than any clause has: a clause is one segment
# A sentence without an end is read in pieces: attention costs the square of the length.
MOST_PHONEMES = 400
SILENT = frozenset(" ˈˌ.,!?;:\"'()_^$-\u2014\u2026")  # what is among the phonemes, but is no sound
GAPS = SILENT - {"ˈ", "ˌ"}
SNAP = 1  # phonemes by which a word's guessed begin may miss a gap between spoken words

_BRACKETS = re.compile(r"\[(?=\[)|\](?=\])")
_SENTENCE = re.compile(r"[.!?\u2026\u3002\uff01\uff1f]+[\"'\u201d\u2019)\]]*\s")
_WORD = re.compile(r"\w(?:\S*\w)?")


def neutral(text: str) -> str:
    """The text with nothing in it that Piper or espeak-ng would take for more than text.

    Doubled brackets, which spell phonemes, are pulled apart.
    """
    text = text.replace("\0", " ").encode("utf-8", "replace").decode()
    return _BRACKETS.sub(lambda found: found.group() + " ", text)


def segments(text: str) -> Iterator[str]:
    """Pieces of at most 400 characters, cut after a sentence if one ends there, else at a space."""
    at = 0
    while len(text) - at > SEGMENT_CHARS:
        piece = text[at : at + SEGMENT_CHARS]
        ends = [found.end() for found in _SENTENCE.finditer(piece)]
        cut = ends[-1] if ends else piece.rfind(" ") + 1 or SEGMENT_CHARS
        yield text[at : at + cut]
        at += cut
    yield text[at:]


def sentences(phonemes: Sequence[Sequence[str]]) -> list[list[str]]:
    """Piper's sentences, without empty ones, and those that are too long cut at spaces."""
    cut: list[list[str]] = []
    for sentence in phonemes:
        rest = list(sentence)
        while len(rest) > MOST_PHONEMES:
            spaces = [at for at in range(MOST_PHONEMES // 2, MOST_PHONEMES) if rest[at] == " "]
            at = spaces[-1] + 1 if spaces else MOST_PHONEMES
            cut.append(rest[:at])
            rest = rest[at:]
        cut.append(rest)
    return [each for each in cut if any(is_sound(phoneme) for phoneme in each)]


def is_sound(phoneme: str) -> bool:
    """Whether a phoneme is heard: no pause, stress or punctuation, no mark on the one before."""
    return phoneme not in SILENT and unicodedata.category(phoneme[0]) not in {"Mn", "Lm", "Sk"}


def written(text: str) -> list[str]:
    """The words as they are written, without the punctuation around them."""
    return _WORD.findall(text)


def starts(words: Sequence[Sequence[str]], spoken: Sequence[str]) -> list[int]:
    """For each written word where in `spoken` it begins; what is never spoken begins with the next.

    `words` are the phonemes of each word read alone; in a sentence sounds change and words run
    together ("of the" is one), so the two are matched as texts are, and begins lie at gaps if near.
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
        # What has a sound begins before the next word does.
        most = next_begin - 1 if next_sure and word else len(heard)
        near = [gap for gap in gaps if abs(gap - begin) <= SNAP and least < gap <= most]
        if near and not sure:
            begin = min(near, key=lambda gap: abs(gap - begin))  # noqa: PLW2901
        found.append(max(min(begin, most), least))
    if found:
        found[0] = 0
    return [_with_stress(spoken, heard[at]) if at < len(heard) else len(spoken) for at in found]


def _matched(words: Sequence[Sequence[str]], heard: Sequence[str]) -> Iterator[tuple[int, bool]]:
    """Where each word begins among the sounds, and whether its first sound was found there."""
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
    """The stress before a sound belongs to it."""
    while at and spoken[at - 1] in {"ˈ", "ˌ"}:
        at -= 1
    return at
