"""Takes markup and stage directions out of what a mind writes: the shown text, and cues with their places.

Markdown, tags and emoji are removed; directions become cues. *Asterisks* mark a direction or stress:

- a known action in -s or -ing ("*nods*", "*laughing softly*") is a direction anywhere;
- so is text between sentences ("*twirls beard* Well met."), but not one word with an end mark;
- so is a known action or emotion at the end of the text ("Well met *bow*");
- so are three or more words, the first in -s or -ing ("I *taps the anvil* wonder");
- all else is stress and is spoken ("a *very* good sword").

[Brackets] mark a direction, unless a link follows. (Parentheses) do so around up to three words that
begin with a known action, or around one known emotion. <Tags> are never spoken.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from frametalk.text.directions import (
    EMOJI,
    Cue,
    cues_of,
    cues_of_tag,
    is_action,
    is_emotion,
    reads_as_action,
)

# The longest text between two marks; longer text was never closed, and is spoken.
MAX_DIRECTION_CHARS = 160
MAX_LINK_CHARS = 140
MAX_SPAN_CHARS = MAX_DIRECTION_CHARS + MAX_LINK_CHARS // 2 + 2  # the longest of all patterns below

_PICTURES = (
    "\U0001f1e6-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\ufe0f\u20e3\U000e0020-\U000e007f"
)
PICTURE = re.compile(f"[{_PICTURES}]")

SPAN = re.compile(
    r"(?P<escape>\\[\\`*_{}\[\]()#+.!~<>|-])"
    r"|(?P<link>!?\[(?P<label>[^\[\]\n]{0,70})\]\([^()\s]{0,140}\))"
    r"|(?P<bracket>\[{1,2}(?P<bracketed>[^\[\]\n]{0,160})\]{1,2})"
    r"|(?P<strong>\*{2,3}(?=[^\s*])(?P<strongly>[^*\n]{1,160})\*{2,3}|__(?=\S)(?P<strongly2>[^_\n]{1,160})__)"
    r"|(?P<star>(?<![\w*])\*(?=[^\s*])(?P<starred>[^*\n]{1,160})(?<!\s)\*(?![*\w]))"
    r"|(?P<low>(?<![\w_])_(?=[^\s_])(?P<lowered>[^_\n]{1,160})(?<!\s)_(?![\w_]))"
    r"|(?P<code>`(?P<coded>[^`\n]{1,160})`)"
    r"|(?P<round>\((?P<rounded>[^()\n]{1,160})\))"
    r"|(?P<tag></?(?=[A-Za-z])(?P<tagged>[^<>\n]{1,160})>)"
)
"""Markup that belongs together; clauses are not cut inside it. No match exceeds `MAX_SPAN_CHARS`."""

_LINE = re.compile(
    r"^[ \t]*(?:```\w*[ \t]*$|(?:[-*_][ \t]*){3,}$|#{1,6}[ \t]+|>[ \t]?|[-+*\u2022][ \t]+(?=\S))",
    re.MULTILINE,
)
_TASK = re.compile(r"^[ xX]?$")
_EMOTICONS = {
    ":)": "happy", ":-)": "happy", "=)": "happy", ":D": "happy", ":-D": "happy",
    ":(": "sad", ":-(": "sad", ":'(": "sad", ";)": "amused", ";-)": "amused", ":P": "amused",
}  # fmt: skip
_LOOSE = re.compile(
    f"(?P<pictures>[{_PICTURES}](?:\u200d?[{_PICTURES}]){{0,63}})"
    r"|(?P<face>(?<!\S)(?:[:;=]-?[)(DP]|:'\()(?!\w))"
    r"|(?P<stray>```|\*+(?=\w)|(?<=[\w.!?,])\*+|`|~~|(?<!\w)__?(?=\w)|(?<=\w)__?(?!\w))"
)
_CONTEXT_CHARS = 8
_SENTENCE_END = re.compile(r"(?:^|[.!?\u2026:;\"\u201d*\])>])\s*$")
_TIGHT = ".,;:!?)"
MAX_ROUND_WORDS = 3
MIN_ACTION_WORDS = 3


@dataclass(frozen=True, slots=True)
class PlacedCue:
    """A cue and its place: the index in the shown text of what follows it."""

    cue: Cue
    at: int


def read(text: str, language: str = "en") -> tuple[str, tuple[PlacedCue, ...]]:
    """The text without markup and directions, with single spaces, and the cues in order."""
    writer = _Writer()
    writer.read(_LINE.sub("", without_controls(text)))
    return writer.text.rstrip(), tuple(writer.cues)


def without_controls(text: str) -> str:
    """The text without control characters, but with line ends, tabs and joiners."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if c in "\n\t\u200c\u200d" or not _is_control(c))


def open_at(text: str) -> int | None:
    """Where markup begins that more text may still close; None if there is none."""
    tail = max(0, len(text) - MAX_SPAN_CHARS, text.rfind("\n") + 1)
    at = tail
    for match in SPAN.finditer(text, tail):
        at = match.start() if _AT_LINK.match(text, match.end()) else match.end()
    found = _OPENING.search(text, at)
    return found.start() if found else None


_AT_LINK = re.compile(r"(?<=\])\([^()\s]{0,140}$")  # brackets that may become a link's label
_OPENING = re.compile(
    r"!?\[[^\]\n]*$|!?\[[^\[\]\n]{0,70}\](?:\([^()\s]{0,140})?$|(?<![\w*])\*{1,3}(?=[^\s*])[^*\n]*\*{0,2}$"
    r"|(?<![\w_])__?(?=[^\s_])[^_\n]*_?$|`[^`\n]*$|\([^()\n]*$|</?(?=[A-Za-z])[^<>\n]*$|[*<`!]$"
)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"} and not PICTURE.match(
        character
    )


class _Writer:
    def __init__(self) -> None:
        self.text = ""
        self.cues: list[PlacedCue] = []

    def read(self, text: str) -> None:
        at = 0
        for match in SPAN.finditer(text):
            self._loose(text[at : match.start()])
            self._span(match, text)
            at = match.end()
        self._loose(text[at:])

    def _span(self, match: re.Match[str], text: str) -> None:
        kind, inner = _inner(match)
        if kind == "escape":
            self._write(match.group()[1:])
        elif kind == "tag":
            self._cue(*cues_of_tag(inner))
            self._write(" ")
        elif kind == "bracket":
            if not _TASK.match(inner):
                self._cue(*cues_of(inner))
            self._write(" ")
        elif kind in {"star", "round"} and _is_direction(kind, inner, match, text):
            self._cue(*cues_of(inner))
            self._write(" ")
        elif kind == "round":
            self._write("(")
            self.read(inner)
            self._write(")")
        elif kind == "code":
            self._write(inner)
        else:
            self.read(inner)

    def _loose(self, text: str) -> None:
        at = 0
        for match in _LOOSE.finditer(text):
            self._write(text[at : match.start()])
            at = match.end()
            if match["pictures"]:
                known = (EMOJI.get(character) for character in match.group())
                self._cue(*dict.fromkeys(cue for cue in known if cue))
                self._write(" ")
            elif match["face"]:
                self._cue(Cue("emotion", _EMOTICONS.get(match.group(), "happy")))
                self._write(" ")
        self._write(text[at:])

    def _cue(self, *cues: Cue) -> None:
        self.cues += [PlacedCue(cue, len(self.text)) for cue in cues]

    def _write(self, text: str) -> None:
        """Append with single spaces, and without a space before punctuation that followed markup."""
        plain = re.sub(r"\s+", " ", text)
        if not self.text or self.text.endswith(" "):
            plain = plain.lstrip(" ")
            if plain[:1] and plain[0] in _TIGHT and not plain[1:2].isalnum():
                self.text = self.text.rstrip(" ")
                end = len(self.text)
                self.cues = [PlacedCue(cue.cue, min(cue.at, end)) for cue in self.cues]
        self.text += plain


def _inner(match: re.Match[str]) -> tuple[str, str]:
    """Which kind of markup a span is, and the text inside it."""
    for kind, inner in _INNER:
        if match[kind] is not None:
            return kind, match[inner] or match["strongly2"] or ""
    raise AssertionError(match.re.pattern)


_INNER = (
    ("escape", "escape"),
    ("link", "label"),
    ("bracket", "bracketed"),
    ("strong", "strongly"),
    ("star", "starred"),
    ("low", "lowered"),
    ("code", "coded"),
    ("round", "rounded"),
    ("tag", "tagged"),
)


def _is_direction(kind: str, inner: str, match: re.Match[str], text: str) -> bool:
    words = inner.split()
    action = is_action(inner)
    if kind == "round":
        return len(words) <= (MAX_ROUND_WORDS if action else 1) and (action or is_emotion(inner))
    if action:
        return True
    after = text[match.end() : match.end() + MAX_SPAN_CHARS].lstrip()
    if not after and (is_emotion(inner) or reads_as_action(inner)):
        return True
    begins = (
        _SENTENCE_END.search(text[max(0, match.start() - _CONTEXT_CHARS) : match.start()])
        is not None
    )
    ends = not after or after[0].isupper() or after[0] in '*[(<"\u201c'
    if begins and ends:
        return len(words) > 1 or inner[-1] not in ".!?"
    return len(words) >= MIN_ACTION_WORDS and reads_as_action(inner)
