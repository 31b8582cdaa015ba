"""Takes markup and stage directions out of what a mind writes: the shown text, and cues with their places.

Markdown, tags and emoji are removed; directions become cues. direction_or_stress.py decides which marked
text is a direction.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

from frametalk.text.direction_or_stress import is_direction
from frametalk.text.directions import EMOJI, Cue, cues_of, cues_of_tag
from frametalk.text.sentence_ends import UNSPACED

# The longest text between two marks; longer text was never closed, and is spoken.
MAX_DIRECTION_CHARS = 160
MAX_LINK_CHARS = 140
MAX_SPAN_CHARS = MAX_DIRECTION_CHARS + MAX_LINK_CHARS // 2 + 2  # the longest of all patterns below

_PICTURES = (
    "\U0001f1e6-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\ufe0f\u20e3\U000e0020-\U000e007f"
)
PICTURE = re.compile(f"[{_PICTURES}]")

# A letter of a word with spaces around it; Chinese and Japanese words may touch their markup.
_LETTER = rf"[^\W{UNSPACED}]"

SPAN = re.compile(
    r"(?P<escape>\\[\\`*_{}\[\]()#+.!~<>|-])"
    r"|(?P<link>!?\[(?P<label>[^\[\]\n]{0,70})\]\([^()\s]{0,140}\))"
    r"|(?P<bracket>\[{1,2}(?P<bracketed>[^\[\]\n]{0,160})\]{1,2})"
    r"|(?P<strong>\*{2,3}\s?(?=[^\s*])(?P<strongly>[^*\n]{1,160})\*{2,3}|__(?=\S)(?P<strongly2>[^_\n]{1,160})__)"
    rf"|(?P<star>(?<!{_LETTER})(?<!\*)\*(?=[^\s*])(?P<starred>[^*\n]{{1,160}})(?<!\s)\*(?!\*)(?!{_LETTER}))"
    r"|(?P<low>(?<![\w_])_(?=[^\s_])(?P<lowered>[^_\n]{1,160})(?<!\s)_(?![\w_]))"
    r"|(?P<code>`(?P<coded>[^`\n]{1,160})`)"
    r"|(?P<round>\(\((?P<rounded2>[^()\n]{1,160})\)\)|\((?P<rounded>[^()\n]{1,160})\))"
    r"|(?P<braces>\{(?P<braced>[^{}\n]{1,160})\})"
    r"|(?P<wide>[【［〔](?P<widely>[^【】［］〔〕\n]{0,160})[】］〕])"
    r"|(?P<wide_round>（(?P<wide_rounded>[^（）()\n]{1,160})[）)])"
    r"|(?P<tag></?(?=[A-Za-z])(?P<tagged>[^<>\n]{1,160})>)"
    r"|(?P<entity>&(?:amp|lt|gt|quot|apos|nbsp|hellip|[mn]dash|[lr][sd]quo|#\d{2,5}|#x[0-9A-Fa-f]{2,4});)"
)
"""Markup that belongs together; clauses are not cut inside it. No match exceeds `MAX_SPAN_CHARS`."""

_LINE = re.compile(
    r"^[ \t]*(?:```\w*[ \t]*$|(?:[-*_][ \t]*){3,}$|#{1,6}[ \t]+|>[ \t]?|[-+*\u2022][ \t]+(?=\S))",
    re.MULTILINE,
)
_TASK = re.compile(r"^[ xX]?$")
_EMOTICONS = {
    **dict.fromkeys((":)", ":-)", "=)", ":D", ":-D", "=D", "xD", "XD", "^^", "^_^", "<3"), "happy"),
    **dict.fromkeys((":(", ":-(", "=(", ":'(", "T_T", "</3"), "sad"),
    **dict.fromkeys((";)", ";-)", ";D", ":P", ":-P", ":p", ":-p"), "amused"),
    **dict.fromkeys((":o", ":O", ":-o", ":-O", "o_O", "O_o"), "surprised"),
}
_FACES = "|".join(re.escape(face) for face in sorted(_EMOTICONS, key=len, reverse=True))
_LOOSE = re.compile(
    f"(?P<pictures>[{_PICTURES}](?:\u200d?[{_PICTURES}]){{0,63}})"
    rf"|(?P<face>(?<!\S)(?:{_FACES})(?!\w))"
    r"|(?P<stray>```|(?<!\d)\*+(?=\w)|(?<=[\w.!?,])\*+(?!\d)|`|~~|(?<!\w)__?(?=\w)|(?<=\w)__?(?!\w))"
)
_TIGHT = ".,;:!?)"
_WIDE_TIGHT = "。，、！？；：」』）"
_WIDE_MARKS = str.maketrans("＊｛｝", "*{}")


@dataclass(frozen=True, slots=True)
class PlacedCue:
    """A cue and its place: the index in the shown text of what follows it."""

    cue: Cue
    at: int


def read(text: str, language: str = "en") -> tuple[str, tuple[PlacedCue, ...]]:
    """The text without markup and directions, with single spaces, and the cues in order.

    `language` is the session's, a BCP 47 tag: some words are directions in one language only.
    """
    writer = _Writer(language)
    writer.read(_LINE.sub("", without_controls(text).translate(_WIDE_MARKS)))
    return writer.text().rstrip(), tuple(writer.cues)


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
    r"!?\[[^\]\n]*$|!?\[[^\[\]\n]{0,70}\](?:\([^()\s]{0,140})?$"
    rf"|(?<!{_LETTER})(?<!\*)\*{{1,3}}(?=[^\s*])[^*\n]*\*{{0,2}}$|\*{{2,3}}\s[^*\n]*\*{{0,2}}$"
    r"|(?<![\w_])__?(?=[^\s_])[^_\n]*_?$|`[^`\n]*$|\({1,2}[^()\n]*\)?$|\{[^{}\n]*$"
    r"|[【［〔][^【】［］〔〕\n]*$|（[^（）()\n]*$|</?(?=[A-Za-z])[^<>\n]*$|[*<`!]$"
)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"} and not PICTURE.match(
        character
    )


class _Writer:
    def __init__(self, language: str) -> None:
        self._language = language
        self._parts: list[str] = []
        self._length = 0
        self.cues: list[PlacedCue] = []

    def text(self) -> str:
        """What was written."""
        return "".join(self._parts)

    def read(self, text: str) -> None:
        at = 0
        for match in SPAN.finditer(text):
            self._loose(text[at : match.start()])
            self._span(match)
            at = match.end()
        self._loose(text[at:])

    def _span(self, match: re.Match[str]) -> None:
        kind, inner = _inner(match)
        if kind == "escape":
            self._write(match.group()[1:])
        elif kind == "entity":
            self._write(html.unescape(inner))
        elif kind == "tag":
            self._cue(*cues_of_tag(inner))
            self._write(" ")
        elif kind in {"bracket", "wide"}:
            if not _TASK.match(inner):
                self._cue(*cues_of(inner, self._language))
            self._gap(wide=kind == "wide")
        elif is_direction(kind, inner, match, self._language):
            self._cue(*cues_of(inner, self._language))
            self._gap(wide=kind == "wide_round")
        elif kind in {"round", "wide_round", "braces"}:
            self._write(match.group()[0])
            self.read(inner)
            self._write(match.group()[-1])
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
                self._cue(Cue("emotion", _EMOTICONS[match.group()]))
                self._write(" ")
        self._write(text[at:])

    def _cue(self, *cues: Cue) -> None:
        self.cues += [PlacedCue(cue, self._length) for cue in cues]

    def _gap(self, *, wide: bool) -> None:
        """Keep the words beside a direction apart, in scripts with spaces."""
        spaced = self._last().isascii() and self._last().isalnum()
        if not wide or spaced:
            self._write(" ")

    def _last(self) -> str:
        return self._parts[-1][-1] if self._parts else ""

    def _write(self, text: str) -> None:
        """Append with single spaces, and without a space before punctuation that followed markup."""
        plain = re.sub(r"\s+", " ", text)
        if self._last() in {"", " "}:
            plain = plain.lstrip(" ")
            tight = plain[:1] in {*_TIGHT} and not plain[1:2].isalnum()
            if self._parts and self._last() == " " and (tight or plain[:1] in {*_WIDE_TIGHT}):
                self._remove_last_space()
        if plain:
            self._parts.append(plain)
            self._length += len(plain)

    def _remove_last_space(self) -> None:
        self._parts[-1] = self._parts[-1][:-1]
        if not self._parts[-1]:
            self._parts.pop()
        self._length -= 1
        for index in range(len(self.cues) - 1, -1, -1):
            if self.cues[index].at <= self._length:
                break
            self.cues[index] = PlacedCue(self.cues[index].cue, self._length)


def _inner(match: re.Match[str]) -> tuple[str, str]:
    """Which kind of markup a span is, and the text inside it."""
    for kind, inner in _INNER:
        if match[kind] is not None:
            return kind, match[inner] or match["strongly2"] or match["rounded2"] or ""
    raise AssertionError(match.re.pattern)


_INNER = (
    ("escape", "escape"),
    ("entity", "entity"),
    ("link", "label"),
    ("bracket", "bracketed"),
    ("strong", "strongly"),
    ("star", "starred"),
    ("low", "lowered"),
    ("code", "coded"),
    ("round", "rounded"),
    ("braces", "braced"),
    ("wide", "widely"),
    ("wide_round", "wide_rounded"),
    ("tag", "tagged"),
)
