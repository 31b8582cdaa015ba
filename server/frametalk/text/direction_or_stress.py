"""Whether text inside markup is a stage direction, or stress that is spoken.

*Asterisks* mark a direction or stress:

- a known action in -s or -ing ("*nods*", "*laughing softly*") is a direction anywhere;
- so is text between sentences ("*twirls beard* Well met."), but not one word with an end mark;
- so is a known action or emotion at the end of the text ("Well met *bow*");
- so are three or more words, the first in -s or -ing ("I *taps the anvil* wonder");
- all else is stress and is spoken ("a *very* good sword").

**Bold** and _low_ text is stress, unless it surely tells what the speaker does at the beginning or end of a
sentence: "**slams the table** Out!"

[Brackets] and 【wide ones】 mark a direction, unless a link follows. (Parentheses) and {braces} do so
around up to three words that begin with a known action, or around one known emotion; （wide ones） also
around a few letters at the beginning of a sentence. 「Corner brackets」 are quotation marks. <Tags> are
never spoken.
"""

from __future__ import annotations

import re

from frametalk.text.directions import is_action, is_emotion, narrates_action, reads_as_action

_CONTEXT_CHARS = 8
_SENTENCE_END = re.compile(r"(?:^|[.!?\u2026:;\"\u201d*\])>。！？；：؟।」』】）］])\s*$")
_OPENING_MARKS = '*[(<"\u201c\u201e\u00ab「『【（\u00bf\u00a1'
MAX_ROUND_WORDS = 3
MIN_ACTION_WORDS = 3
MAX_WIDE_CHARS = 12  # of a direction in wide parentheses whose words are not known


def is_direction(kind: str, inner: str, match: re.Match[str], language: str) -> bool:
    """Whether a span of markup is a direction. `kind` is its group in `markup.SPAN`, `inner` its text."""
    words = inner.split()
    begins, ends = _begins_sentence(match), _ends_sentence(match)
    if kind in {"round", "braces", "wide_round"}:
        action = is_action(inner, language)
        if len(words) <= (MAX_ROUND_WORDS if action else 1) and (
            action or is_emotion(inner, language)
        ):
            return True
        if begins and ends and narrates_action(inner, language, surely=True):
            return True
        letters = len(inner) <= MAX_WIDE_CHARS and inner.isalpha()
        return kind == "wide_round" and letters and not inner.isascii() and begins
    if kind in {"strong", "low"}:
        before = match.string[max(0, match.start() - _CONTEXT_CHARS) : match.start()].rstrip()
        after = match.string[match.end() :][:1]
        heading = before.endswith(":") or inner.rstrip().endswith(":") or after == ":"
        return (
            (begins or ends) and not heading and _narrates(inner, language, alone=begins and ends)
        )
    return kind == "star" and _is_starred_direction(inner, match, language, alone=begins and ends)


def _narrates(inner: str, language: str, *, alone: bool) -> bool:
    """Whether text that is stress elsewhere is a direction. `alone`: it stands between sentences."""
    return narrates_action(inner, language) and (alone or is_action(inner, language))


def _is_starred_direction(inner: str, match: re.Match[str], language: str, *, alone: bool) -> bool:
    if is_action(inner, language):
        return True
    words = inner.split()
    at_end = not _after(match)
    if at_end and (is_emotion(inner, language) or reads_as_action(inner, language)):
        return True
    if alone:
        return len(words) > 1 or inner[-1] not in ".!?"
    return len(words) >= MIN_ACTION_WORDS and reads_as_action(inner, language)


def _after(match: re.Match[str]) -> str:
    return match.string[match.end() : match.end() + _CONTEXT_CHARS].lstrip()


def _begins_sentence(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - _CONTEXT_CHARS) : match.start()]
    return _SENTENCE_END.search(before) is not None


def _ends_sentence(match: re.Match[str]) -> bool:
    """Whether what follows a span may be the beginning of a sentence."""
    first = _after(match)[:1]
    without_case = first.isalpha() and not first.islower()
    return not first or without_case or first in _OPENING_MARKS
