"""Text as it is made -> clauses worth speaking."""

from __future__ import annotations

import re

from frametalk.text.markup import PICTURE, SPAN, open_at

MIN_COMMA_CHARS = 40  # a comma ends a clause only after this much: shorter bits sound chopped
MAX_CHARS = 240  # an endless sentence is spoken in pieces of at most this
_WINDOW = MAX_CHARS + 8  # characters looked at for one end: what follows it counts too

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr st sr jr prof capt lt sgt vs etc e.g i.e approx mt gen col rev hon".split()
)
_BEFORE_NUMBERS = frozenset("no nos p pp vol ch fig art".split())  # "No. 5", but "No. Go away."
MAX_LIST_DIGITS = 3
# An end counts only when space follows: "3.5", "..." and "e.g." inside a token are not known to be
# ends before the next character is there.
_END = re.compile(r"[.!?;:\u2026\u3002\uff01\uff1f]+[\"'\u201d\u2019)\]*_]*(?=\s)|,(?=\s)|\n+")
# Minds that speak in whole words say a sentence's end before the space that proves it: one token's
# time is won by believing it. Bare letters prove nothing, so text in small pieces is waited for.
_LAST_WORD = re.compile(r"\s[^\W\d_]{2,}[.!?]")
_WORD = re.compile(r"\s[^\W\d_]{2,}")
_MARKED = re.compile(r"[*_`~\[(<\\!]")  # without one of these there is no markup
_SPEAKABLE = re.compile(rf"\w|{PICTURE.pattern}")


class Clauses:
    """Cuts a stream of tokens into clauses at sentence ends, and at commas once they are long enough.

    Each clause is stripped, has something to speak or to show, and is at most `MAX_CHARS` long.
    Together the clauses are the text, white space aside. Nothing is cut inside a direction, a link or
    other markup (see `markup.SPAN`), a number or after an abbreviation; markup that is still open is
    waited for, for as long as it could be closed within its bounds.
    """

    def __init__(self) -> None:
        self._text = ""
        self._token = ""  # the newest

    def feed(self, token: str) -> list[str]:
        """Take more text; return the clauses that it completes."""
        believed = self._ends_sentence(token)
        self._text += token
        self._token = token
        # An end needs white space behind it: most tokens of a model bring none, or no end before it.
        proves = len(self._text) > MAX_CHARS or any(c.isspace() for c in token)
        clauses = self._cut(complete=False) if proves else []
        if believed and _SPEAKABLE.search(self._text) and open_at(self._text) is None:
            clauses.append(self._text.strip())
            self._text = ""
        return clauses

    def flush(self) -> list[str]:
        """The text is complete; return what is left."""
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
    """Where the first clause of `text` ends; None when more text has to show it."""
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
        known = _is_end(match, text, complete=complete)
        if known is None:
            break
        if known:
            return match.end()
    if len(text) > MAX_CHARS:
        return _longest(text, spans, opened)
    return None


def _longest(text: str, spans: list[tuple[int, int]], opened: int | None) -> int:
    """Where a sentence that has no end is cut: at a space, before markup that would be torn."""
    space = text.rfind(" ", 0, MAX_CHARS)
    cut = space + 1 if space > 0 else MAX_CHARS
    whole = [begin for begin, end in spans if begin < cut < end]
    if opened is not None and opened < cut:
        whole.append(opened)
    return min(whole, default=0) or cut


def _is_end(match: re.Match[str], text: str, *, complete: bool) -> bool | None:
    """Whether a clause ends here; None when the next word will show it."""
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
