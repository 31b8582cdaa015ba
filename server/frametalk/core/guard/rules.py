"""The guard's rules: phrases of words, compiled to patterns over a view of a text.

A phrase is words with one space between them: `a|b` is one of several words, `(a b|c)` one of several
phrases, `word?` may be left out, `wo*` and `*rd` are any words that begin or end so, `_` is any word, `...`
up to four words of the same sentence, and `@name` one of the phrases of a set. A sentence may end between
two words of a phrase, so that a stop does not hide it. In a phrase of one word any letter may be repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from frametalk.core.guard.folding import folded
from frametalk.core.guard.spelling import Vocabulary

LETTER = "[a-z\u00f1]"
GAP_WORDS = 4
MIN_ALONE = 6  # letters of a spelled phrase that counts without the other words that it needs
_BETWEEN = " (?:\\. )?"
_END = "(?= |$)"
_ANY_WORD = "[^ .]+"


@dataclass(frozen=True, slots=True)
class Rule:
    """One phrase. It counts only in a sentence that has all of `needs` and does not have `unless`.

    `sides`: whose words it is for (`player`, `character`); `language`: only in sessions of this language;
    `plain`: only where plain topics are asked for.
    """

    topic: str
    pattern: re.Pattern[str]
    needs: tuple[re.Pattern[str], ...] = ()
    unless: re.Pattern[str] | None = None
    sides: frozenset[str] = frozenset({"player", "character"})
    language: str = ""
    plain: bool = False
    word: str = ""
    """The phrase without its stars, if it is one word: a word with letters left out may be it."""


@dataclass(slots=True)
class RuleSet:
    """Rules in an order that finds them fast: by the first two letters of their first word."""

    by_start: dict[str, list[Rule]] = field(default_factory=dict)
    anywhere: list[Rule] = field(default_factory=list)
    words: list[Rule] = field(default_factory=list)
    harmless: list[re.Pattern[str]] = field(default_factory=list)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    _joined: dict[str, list[tuple[re.Pattern[str], Rule]]] = field(default_factory=dict)

    def add_file(self, data: Mapping[str, Any], language: str) -> None:
        """Add the rules of one data file. Raises ValueError, which names the rule that is wrong."""
        sets = {name: tuple(phrases) for name, phrases in data.get("sets", {}).items()}
        for phrase in data.get("harmless", ()):
            # A view may have the words apart that an apostrophe joins.
            self.harmless += [_anywhere((phrase, phrase.replace("'", " ")), sets)]
        for word in data.get("real_words", ()):
            self.vocabulary.add_real(folded(word))
        for topic, entries in data.get("topics", {}).items():
            for entry in entries:
                table = {"say": [entry]} if isinstance(entry, str) else entry
                for phrase in (*table["say"], *table.get("with", ()), *table.get("and", ())):
                    self._know(phrase, sets)
                for phrase in table["say"]:
                    self._add(topic, phrase, table, sets, language)

    def spelled(self, letters: str) -> Iterator[Rule]:
        """The rules of which a phrase is these letters, without its spaces."""
        for pattern, rule in (*self._joined.get(letters[:1], ()), *self._joined.get("", ())):
            sure = len(letters) >= MIN_ALONE or not rule.needs
            if sure and pattern.fullmatch(letters):
                yield rule

    def _know(self, phrase: str, sets: Mapping[str, tuple[str, ...]]) -> None:
        for word in re.split(r"[ ()|?]+", phrase):
            if word.startswith("@"):
                for each in sets.get(word[1:], ()):
                    self._know(each, sets)
            elif word.strip("*"):
                self.vocabulary.add(folded(word) + "*" * word.endswith("*"))

    def _add(
        self,
        topic: str,
        phrase: str,
        table: Mapping[str, Any],
        sets: Mapping[str, tuple[str, ...]],
        language: str,
    ) -> None:
        needs = [table[key] for key in ("with", "and") if key in table]
        unless = table.get("unless", ())
        rule = Rule(
            topic,
            _compiled(phrase, sets),
            tuple(_anywhere(phrases, sets) for phrases in needs),
            _anywhere(unless, sets) if unless else None,
            frozenset(table.get("sides", ("player", "character"))),
            language if table.get("own") else "",
            table.get("plain", False),
            folded(phrase.strip("*")) if re.fullmatch(r"\*?\w+\*?", phrase) else "",
        )
        if rule.word:
            self.words.append(rule)
        starts = _starts(phrase, sets)
        if starts is None:
            self.anywhere.append(rule)
        for start in starts or ():
            self.by_start.setdefault(start, []).append(rule)
        source = rule.pattern.pattern.removesuffix(_END)
        if _ANY_WORD not in source:
            spaceless = source.replace(_BETWEEN, "").replace(" )?", ")?")
            joined = rule.pattern if spaceless == source else re.compile(spaceless)
            for letter in {start[:1] for start in starts or ("",)}:
                self._joined.setdefault(letter, []).append((joined, rule))


def _anywhere(phrases: Iterable[str], sets: Mapping[str, tuple[str, ...]]) -> re.Pattern[str]:
    """The pattern of one of these phrases anywhere in a sentence."""
    return re.compile(f"(?:^| )(?:{'|'.join(_source(each, sets) for each in phrases)})(?= |$)")


def _compiled(phrase: str, sets: Mapping[str, tuple[str, ...]]) -> re.Pattern[str]:
    try:
        if re.fullmatch(r"\*?\w+\*?", phrase):
            letters = _drawn_out(folded(phrase.strip("*")))
            source = _any_letters(phrase[0]) + letters + _any_letters(phrase[-1])
        else:
            source = _source(phrase, sets)
        return re.compile(source + _END)
    except KeyError as error:
        raise ValueError(f"{phrase!r}: there is no set {error}") from None


def _source(phrase: str, sets: Mapping[str, tuple[str, ...]]) -> str:
    """The pattern of a phrase, from the first letter of its first word to the last of its last."""
    source, begun = "", False
    for item in _split(phrase, " "):
        if item == "...":
            source += f"(?: {_ANY_WORD}){{0,{GAP_WORDS}}}"
            continue
        part = _item(item.removesuffix("?"), sets)
        optional = item.endswith("?")
        if begun:
            source += f"(?:{_BETWEEN}{part})?" if optional else _BETWEEN + part
        else:  # the space belongs to the word that may be left out
            source += f"(?:{part} )?" if optional else part
            begun = not optional
    return source


def _item(item: str, sets: Mapping[str, tuple[str, ...]]) -> str:
    """The pattern of one word, of several to choose from, or of several phrases in brackets."""
    if not _is_whole(item):
        raise ValueError(f"{item!r}: there is a space before and after brackets")
    if item.startswith("("):
        return _either(_source(each, sets) for each in _split(item[1:-1], "|"))
    return _either(_word(each, sets) for each in item.split("|"))


def _word(word: str, sets: Mapping[str, tuple[str, ...]]) -> str:
    if word == "_":
        return _ANY_WORD
    if word.startswith("@"):
        return _either(_source(each, sets) for each in sets[word[1:]])
    return _any_letters(word[0]) + re.escape(folded(word.strip("*"))) + _any_letters(word[-1])


def _any_letters(mark: str) -> str:
    return f"{LETTER}*" if mark == "*" else ""


def _is_whole(item: str) -> bool:
    """Whether brackets, if it has some, enclose all of it."""
    depths, depth = [], 0
    for character in item:
        depth += (character == "(") - (character == ")")
        depths.append(depth)
    return set(depths) == {0} or (item[0] == "(" and depths[-1] == 0 and 0 not in depths[:-1])


def _split(text: str, mark: str) -> list[str]:
    """Split at `mark`, but not inside brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == mark and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part]


def _drawn_out(word: str) -> str:
    """The pattern of a word of which any letter may be repeated; a double letter stays at least double."""
    return "".join(
        (f"{m[0]}+" if len(m[0]) == 1 else f"{m[0][0]}{{{len(m[0])},}}")
        if m[0][0].isalpha()
        else m[0]
        for m in re.finditer(r"(.)\1*", word)
    )


def _either(sources: Iterable[str]) -> str:
    listed = list(sources)
    return listed[0] if len(listed) == 1 else f"(?:{'|'.join(listed)})"


def _starts(phrase: str, sets: Mapping[str, tuple[str, ...]]) -> frozenset[str] | None:
    """The first two letters that a match begins with; None if it may begin with any."""
    found: set[str] = set()
    for item in _split(phrase, " "):
        starts = _starts_of(item.removesuffix("?"), sets)
        if starts is None:
            return None
        found |= starts
        if not item.endswith("?"):
            return frozenset(found)
    return None


def _starts_of(item: str, sets: Mapping[str, tuple[str, ...]]) -> frozenset[str] | None:
    found: set[str] = set()
    for each in _split(item[1:-1] if item.startswith("(") else item, "|"):
        if item.startswith("(") or each.startswith("@"):
            inner = (each,) if item.startswith("(") else sets[each[1:]]
            parts = [_starts(phrase, sets) for phrase in inner]
        else:
            parts = [_starts_of_word(each)]
        for part in parts:
            if part is None:
                return None
            found |= part
    return frozenset(found)


def _starts_of_word(word: str) -> frozenset[str] | None:
    letters = folded(word.rstrip("*"))
    if word.startswith("*") or word == "_" or not letters:
        return None
    # A repeated first letter, and a word of one letter with the space after it.
    return frozenset({f"{letters} "[:2], letters[0] * 2, letters[:1]})
