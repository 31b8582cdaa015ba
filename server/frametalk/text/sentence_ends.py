"""Where a clause may end: the marks of many scripts, and the dots that end nothing.

Abbreviations and other words that decide about a dot are in data/languages/.
"""

from __future__ import annotations

import re

from frametalk.core.languages import Language

MIN_COMMA_CHARS = 40  # a comma ends a clause only after this: shorter clauses sound chopped
MAX_LIST_DIGITS = 3
MAX_UNKNOWN_CHARS = 4  # of a word that may be an abbreviation in a language without a list
CHARS_OF_UNSPACED = 3  # a letter of a script without spaces takes as long to say as three others

# Letters of scripts without spaces between words: Han and kana.
UNSPACED = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003ffff"
)
# Thai, Lao, Burmese and Khmer have spaces between phrases only.
_SPACED_PHRASES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
# Marks that end a sentence whether or not white space follows.
_WIDE = "。｡！？；؟।॥።။។"
_WIDE_CLOSERS = "\"'”’»›)\\]*_」』）】］》〉〕}"  # "“" and "«" open a quotation there
_CLOSERS = "“«\"'”’»›)\\]*_」』）】］》〉〕}"
_STRIPPED = "\"'“‘„«»‹([*_「『（【［《〈〔{¿¡"
_OPENERS = "\"'“‘„«»‹(\\[*_「『（【［《〈〔{¿¡"
# Other marks count only before white space: only the next character shows whether "3." is an end or the
# beginning of "3.5". Between letters of an unspaced script no white space is needed.
END = re.compile(
    rf"(?P<wide>(?:[{_WIDE}]|[．：](?!\d))[{_WIDE}．.!?…]*[{_WIDE_CLOSERS}]*(?=[^{_WIDE}．.!?…{_WIDE_CLOSERS}]))"
    rf"|(?P<tight>(?<=[{UNSPACED}])[.!?;:…⋯]+[{_WIDE_CLOSERS}]*(?=[{UNSPACED}「『（【“]))"
    rf"|(?P<marks>(?<![.!?;:…])[.!?;:…⋯؛۔]+)(?P<closers>[{_CLOSERS}]*)(?=\s)"
    rf"|(?P<comma>[,،](?=\s)|[，、](?=\D)|(?<=[{_SPACED_PHRASES}]) )"
    r"|\n+"
)
_UNSPACED_LETTER = re.compile(f"[{UNSPACED}]")
_INITIAL = re.compile(r"[^\W\d_]")
_DOTTED = re.compile(r"[^\W\d_]{1,2}\.(?:[^\W\d_]{1,4}\.)*[^\W\d_]{1,4}")
# "v. Chr", "P. ej"; not "J. Doe"
_AFTER_DOTTED = re.compile(r"(?:^|\s)(?:[^\W\d_A-Z]\.\s?\S{1,4}|[A-Z]\.\s?[^\W\d_A-Z]\S{0,3})$")
_SHORT_AND_DOT = re.compile(r"[^\W\d_]{1,4}\.")
_SHORT = re.compile(r"[^\W\d_]{1,4}")
_ORDINAL = re.compile(r"\d+|[IVXLCDM]+|\d{1,2}\.\d{1,2}")  # "24.12."
_CONSONANTS = re.compile(r"(?!.*(.)\1)[bcdfghjklmnpqrstvwxz]{3,6}")  # "blvd"; not "hmm" or "psst"
_NEXT_WORD = re.compile(rf"[{_OPENERS}]*([^\W\d_]+)(?:['’][^\W\d_]*)*")
_JOINED = re.compile("['’/–-]")
_ENTITY = re.compile(r"&#?\w{2,8}$")


def end_of(
    match: re.Match[str],
    language: Language,
    *,
    complete: bool,
    min_comma_chars: int = MIN_COMMA_CHARS,
) -> int | None:
    """Where a clause ends that may end at `match`, a match of `END`; 0 if it does not end there.

    None if only more text can show it. `complete` says that no more text comes. A comma ends a clause of at
    least `min_comma_chars`.
    """
    text = match.string
    before, after = text[: match.start()], text[match.end() :]
    if match["comma"]:
        unspaced = len(_UNSPACED_LETTER.findall(before))
        length = len(before.strip()) + (CHARS_OF_UNSPACED - 1) * unspaced
        if length < min_comma_chars:
            return 0
        if not before[-1].isdigit():
            return match.end()
        following = after.lstrip()[:1]
        waits = not following and not complete
        return None if waits else 0 if following.isdigit() else match.end()  # "Jan 1, 1980"
    if match["marks"] == ";" and _ENTITY.search(before):
        return 0  # "&amp;"
    if match["marks"] == ".":
        ends = _dot_ends(before, after, language, complete=complete)
        if not ends:
            return None if ends is None else 0
    return _with_closing_guillemet(match.end(), before, after, complete=complete)


def may_be_abbreviated(word: str, language: Language) -> bool:
    """Whether `word` may be an abbreviation, so that only more text shows what a dot after it means."""
    lower = word.lower()
    if lower in language.abbreviations | language.before_numbers or _may_end_word(lower, language):
        return True
    short = not language.known and len(word) <= MAX_UNKNOWN_CHARS
    return short or _CONSONANTS.fullmatch(lower) is not None


def in_quotes(text: str) -> bool:
    """Whether a quotation is open at the end of a text."""
    if text.count('"') % 2:
        return True
    opened, closed = ("„", "“") if "„" in text else ("“", "”")
    return text.count(opened) > text.count(closed) or text.count("«") > text.count("»")


def _dot_ends(before: str, after: str, language: Language, *, complete: bool) -> bool | None:
    """Whether the dot between these two texts ends a sentence; None if more text must show it."""
    words = before.rsplit(None, 1)
    word = _JOINED.split(words[-1].lstrip(_STRIPPED))[-1] if words else ""  # "S-St", "Mon.-Fri"
    following = after.lstrip()
    if not following:
        waits = may_be_abbreviated(word, language) or _may_go_on(word, before, language)
        return None if (waits or _INITIAL.fullmatch(word)) and not complete else True
    if _INITIAL.fullmatch(word) and word != "I" and _SHORT.match(following):
        if _SHORT.fullmatch(following) and not complete:
            return None
        if _SHORT_AND_DOT.match(following):
            return False  # "z. B."
    lower = word.lower()
    small = _INITIAL.fullmatch(word) and word.islower() and lower not in language.may_end
    if small or lower in language.before_numbers:
        goes_on = following[0].islower() and lower != "no"
        return not (goes_on or following[0].isdigit())
    if lower in language.abbreviations or _is_list_number(word, before):
        return False
    if _may_end_word(lower, language) or _may_go_on(word, before, language):
        return _starts_sentence(following, language, complete=complete)
    return not (_CONSONANTS.fullmatch(lower) and following[0].islower())


def _may_go_on(word: str, before: str, language: Language) -> bool:
    """Whether the form of `word`, the last of `before`, makes an end uncertain: "J.", "D.C.", "3."."""
    if _is_list_number(word, before):
        return True
    if language.ordinal_dot and _ORDINAL.fullmatch(word):
        return True
    initial = _INITIAL.fullmatch(word) and not word.islower() and word != "I"
    return bool(initial or _DOTTED.fullmatch(word) or _AFTER_DOTTED.search(before))


def _may_end_word(lower: str, language: Language) -> bool:
    return lower in language.may_end or any(
        f"-{lower[-size:]}" in language.may_end for size in (2, 3)
    )


def _is_list_number(word: str, before: str) -> bool:
    return word.isdigit() and before.strip() == word and len(word) <= MAX_LIST_DIGITS


def _starts_sentence(following: str, language: Language, *, complete: bool) -> bool | None:
    """Whether a text begins with a word that begins sentences; None if its first word is incomplete."""
    match = _NEXT_WORD.match(following)
    if match is None:
        return False
    if match.end() == len(following) and not complete:
        return None
    initial = len(match[1]) == 1 and following[match.end() : match.end() + 1] == "."
    return not initial and match[1][0].isupper() and match[1].lower() in language.starters


def _with_closing_guillemet(end: int, before: str, after: str, *, complete: bool) -> int | None:
    """French writes a space before the closing mark: « Halte ! »"""
    if before.rfind("«") <= before.rfind("»"):
        return end
    if closing := re.match(r"\s{0,2}»", after):
        return end + closing.end()
    return end if after.strip() or complete else None
