"""Cuts text, token by token, into clauses that a voice can speak."""

from __future__ import annotations

import re

from frametalk.text.markup import PICTURE, SPAN, open_at

MIN_COMMA_CHARS = 40  # a comma ends a clause only after this: shorter clauses sound chopped
MAX_CHARS = 240  # longer sentences are spoken in pieces of at most this
_WINDOW = MAX_CHARS + 8  # characters searched for one end, with what follows it

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr st sr jr prof capt lt sgt vs etc e.g i.e approx mt gen col rev hon".split()
)
_BEFORE_NUMBERS = frozenset("no nos p pp vol ch fig art".split())  # "No. 5", but "No. Go away."
MAX_LIST_DIGITS = 3
# An end counts only if white space follows: only the next character shows whether "3." is an end or the
# beginning of "3.5".
_END = re.compile(r"[.!?;:\u2026\u3002\uff01\uff1f]+[\"'\u201d\u2019)\]*_]*(?=\s)|,(?=\s)|\n+")
# Minds that write whole words send a sentence's end one token before the space that proves it. To assume
# the end saves that token's time. Text that comes in smaller pieces is not a whole word, so it waits.
_LAST_WORD = re.compile(r"\s[^\W\d_]{2,}[.!?]")
_WORD = re.compile(r"\s[^\W\d_]{2,}")
_MARKED = re.compile(r"[*_`~\[(<\\!]")  # markup has at least one of these
_SPEAKABLE = re.compile(rf"\w|{PICTURE.pattern}")


class Clauses:
    """Cuts a stream of tokens into clauses: at sentence ends, and at commas after enough text.

    Each clause is stripped, contains something to speak or to show, and has at most `MAX_CHARS`
    characters. Together the clauses are the text, except for white space. There are no cuts inside a
    direction, a link or other markup (see `markup.SPAN`), inside a number or after an abbreviation. Open
    markup delays a cut for as long as it may still be closed.
    """

    def __init__(self) -> None:
        self._text = ""
        self._token = ""  # the newest

    def feed(self, token: str) -> list[str]:
        """Take more text; return the clauses that it completes."""
        assumed = self._ends_sentence(token)
        self._text += token
        self._token = token
        # An end needs white space after it, which most tokens of a model do not contain.
        may_end = len(self._text) > MAX_CHARS or any(c.isspace() for c in token)
        clauses = self._cut(complete=False) if may_end else []
        if assumed and _SPEAKABLE.search(self._text) and open_at(self._text) is None:
            clauses.append(self._text.strip())
            self._text = ""
        return clauses

    def drop(self, end: str) -> None:
        """Drop `end`, the end of the text so far, except for what clauses already contain."""
        self._text = "" if end.endswith(self._text) else self._text.removesuffix(end)
        self._token = ""

    def flush(self) -> list[str]:
        """The text is complete; return the clauses that remain."""
        self._text += "\n"
        clauses = self._cut(complete=True)
        self._text, self._token = "", ""
        return clauses

    def _ends_sentence(self, token: str) -> bool:
        whole = _LAST_WORD.fullmatch(token) or (
            token in {".", "!", "?"} and _WORD.fullmatch(self._token)
        )
        word = (self._text + token).rsplit(None, 1)[-1] if whole else ""
        abbreviated = word.rstrip(".").lower() in _ABBREVIATIONS | _BEFORE_NUMBERS
        return bool(whole) and not abbreviated

    def _cut(self, *, complete: bool) -> list[str]:
        clauses: list[str] = []
        at = 0
        while (end := _find_end(self._text[at : at + _WINDOW], complete=complete)) is not None:
            clause = self._text[at : at + end].strip()
            at += end
            if _SPEAKABLE.search(clause):
                clauses.append(clause)
        self._text = self._text[at:]
        return clauses


def _find_end(text: str, *, complete: bool) -> int | None:
    """Where the first clause of `text` ends; None if only more text can show it."""
    if len(text) <= MAX_CHARS and not _END.search(text):
        return None
    marked = _MARKED.search(text) is not None
    spans = [match.span() for match in SPAN.finditer(text)] if marked else []
    opened = open_at(text) if marked and not complete else None
    for match in _END.finditer(text):
        if match.end() > MAX_CHARS:
            break
        if opened is not None and match.start() >= opened:
            break
        if any(begin < match.end() < end for begin, end in spans):
            continue
        is_end = _is_end(match, text, complete=complete)
        if is_end is None:
            break
        if is_end:
            return match.end()
    if len(text) > MAX_CHARS:
        return _cut_long(text, spans, opened)
    return None


def _cut_long(text: str, spans: list[tuple[int, int]], opened: int | None) -> int:
    """Where to cut a sentence that is too long: at a space, before markup that the cut would split."""
    space = text.rfind(" ", 0, MAX_CHARS)
    cut = space + 1 if space > 0 else MAX_CHARS
    markup = [begin for begin, end in spans if begin < cut < end]
    if opened is not None and opened < cut:
        markup.append(opened)
    return min(markup, default=0) or cut


def _is_end(match: re.Match[str], text: str, *, complete: bool) -> bool | None:
    """Whether a clause ends here; None if only the next word can show it."""
    before = text[: match.start()]
    if not _SPEAKABLE.search(before):
        return "\n" in match.group()
    if match.group() == ",":
        return len(before.strip()) >= MIN_COMMA_CHARS
    if match.group() != ".":
        return True
    word = before.rsplit(None, 1)[-1].lower().lstrip("(\"'*_[")
    if word in _BEFORE_NUMBERS:
        after = text[match.end() :].lstrip()
        return (True if complete else None) if not after else not after[0].isdigit()
    in_list = before.strip().isdigit() and len(before.strip()) <= MAX_LIST_DIGITS
    initial = len(word) == 1 and word.isalpha() and word != "i"
    return not (word in _ABBREVIATIONS or in_list or initial)
