"""Judges what a player says, and what a character is about to say or do, by the rules in data/guard/."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from frametalk.core.guard import personal
from frametalk.core.guard.folding import masked, spelled, views
from frametalk.core.guard.rules import Rule, RuleSet
from frametalk.core.languages import base_of
from frametalk.errors import ConfigError

Side = Literal["player", "character"]
Answer = Literal["deflecting", "caring", "disclosure"]

ANSWERS: dict[str, Answer] = {
    "self_harm": "caring",
    "asks_whether_machine": "disclosure",
    "claims_to_be_human": "disclosure",
}
MAX_MASKED = 5  # words with stars that are guessed in one text
_TOKEN = re.compile(r"[^ ]+")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a text is stopped, and which of the character's set lines is said instead.

    `texts`: those of several that are stopped; empty: all of them.
    """

    topic: str
    texts: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def stops(self, text: str) -> bool:
        """Whether this one of the texts is stopped."""
        return not self.texts or text in self.texts

    @property
    def answer(self) -> Answer:
        """The kind of set line that answers it."""
        return ANSWERS.get(self.topic, "deflecting")


def verdict_on(topics: Mapping[str, str]) -> Verdict | None:
    """The verdict on several texts, from the topics of those that are stopped: that of the first counts."""
    return Verdict(next(iter(topics.values())), tuple(topics)) if topics else None


def judge(
    text: str,
    side: Side,
    *,
    before: str = "",
    language: str = "en",
    plain: bool = False,
    allowed: frozenset[str] = frozenset(),
    rules: Sequence[RuleSet] = (),
) -> Verdict | None:
    """The verdict on a text that must be stopped; None for one that may pass.

    `before` is what the same speaker said just before and has passed. `plain`: only plain topics, as for
    children. `allowed` topics are not looked for. `rules`: without any, those of the data files.
    """
    whole = f"{before} {text}" if before else text
    base = base_of(language)
    if "personal_data" not in allowed and personal.found(whole):
        return Verdict("personal_data")
    for rule in _found(whole, rules or (rule_set(),)):
        applies = side in rule.sides and rule.language in {"", base} and (plain or not rule.plain)
        if applies and rule.topic not in allowed:
            return Verdict(rule.topic)
    return None


def topics(rules: Sequence[RuleSet]) -> tuple[str, ...]:
    """The names of all topics, for settings that allow some."""
    listed = {rule.topic for each in rules for group in each.by_start.values() for rule in group}
    others = {rule.topic for each in rules for rule in each.anywhere}
    return tuple(sorted({*listed, *others, "personal_data"}))


@cache
def rule_set() -> RuleSet:
    """The rules of all data files. Players mix languages, so every session has all of them."""
    rules = RuleSet()
    for file in sorted(files("frametalk").joinpath("data/guard").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            data = tomllib.loads(file.read_text(encoding="utf-8"))
            rules.add_file(data, file.name.split(".")[0])
    return rules


def own_rules(data: Mapping[str, Any], name: str) -> RuleSet:
    """The rules of a game's own file. Raises ConfigError, which names the file and the phrase."""
    rules = RuleSet()
    try:
        rules.add_file(data, name)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{name}: {error}", remedy="docs/guard.md says how rules are written"
        ) from None
    return rules


def _found(text: str, all_rules: Sequence[RuleSet]) -> Iterator[Rule]:
    harmless = [pattern for rules in all_rules for pattern in rules.harmless]
    read = [*views(text)]
    for word, pattern in tuple(dict.fromkeys(masked(text)))[:MAX_MASKED]:
        words = (rule for rules in all_rules for rule in rules.words)
        yield from (rule for rule in words if re.fullmatch(pattern, rule.word))
        candidates = [each for rules in all_rules for each in rules.vocabulary.candidates(pattern)]
        read += [views(text.casefold().replace(word, each))[0] for each in candidates]
    read += [rules.vocabulary.repaired(read[0]) for rules in all_rules]
    for letters in spelled(text):
        for rules in all_rules:
            yield from rules.spelled(letters)
    for view in dict.fromkeys(read):
        for phrase in harmless:
            view = phrase.sub(" _", view)  # noqa: PLW2901  (the view without it)
        for rules in all_rules:
            yield from _found_in(view, rules)


def _found_in(view: str, rules: RuleSet) -> Iterator[Rule]:
    judged: set[tuple[int, int, int]] = set()  # rules, and where the sentence starts and ends
    for token in _TOKEN.finditer(view):
        at = token.start()
        near = rules.by_start.get(view[at : at + 2], ())
        for rule in (*near, *rules.anywhere):
            match = rule.pattern.match(view, at)
            if match is None:
                continue
            if not rule.needs and rule.unless is None:
                yield rule
                continue
            start = view.rfind(" . ", 0, match.start() + 1)
            end = view.find(" . ", match.end())
            if (id(rule), start, end) in judged:
                continue
            judged.add((id(rule), start, end))
            if _counts(rule, view[0 if start < 0 else start + 2 : len(view) if end < 0 else end]):
                yield rule


def _counts(rule: Rule, sentence: str) -> bool:
    """Whether a sentence has all that the rule needs, and does not say something else."""
    if rule.unless is not None and rule.unless.search(sentence):
        return False
    return all(needed.search(sentence) for needed in rule.needs)
